import type { ClientType } from '../connection/connection.ts';
import type { HttpResponse, HttpTransport } from '../http/httpTransport.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import {
  classifyRedirect,
  createAuthorizationRequest,
  requestAuthorization,
} from './authorizationRequest.ts';
import { formRequest } from './formRequest.ts';
import { requestIntrospection } from './introspection.ts';
import { parseJson, readErrorBody } from './oauthErrors.ts';

/** What can be known about a client without a login; `undefined` where this server does not tell. */
export interface ClientProbe {
  readonly isKnown: boolean | undefined;
  readonly isRedirectUriRegistered: boolean | undefined;
  readonly isEnabled: boolean | undefined;
  readonly isSecretRight: boolean | undefined;
}

/**
 * Finds out by two or three harmless requests at once whether a client is registered, enabled, and has this redirect
 * URI and secret. Observed on OpenEMR 7.0.4 and 8.2: the authorization endpoint goes on to the login for a known
 * client with a registered redirect URI, enabled or not; the token endpoint complains about a senseless refresh token
 * only where the client is enabled; 7.0's introspection tells an unknown client from a wrong secret.
 *
 * Throws the errors of the transport.
 */
export async function probeClient(
  transport: HttpTransport,
  metadata: AuthorizationServerMetadata,
  client: {
    clientId: string;
    clientSecret?: string | undefined;
    redirectUri: string;
    /** Scopes separated by blanks. */
    scope: string;
    fhirBaseUrl: string;
    clientType: ClientType;
  },
  signal?: AbortSignal,
): Promise<ClientProbe> {
  const { url } = createAuthorizationRequest({
    metadata,
    ...client,
    scopes: client.scope.split(' ').filter(Boolean),
  });
  const { introspectionEndpoint } = metadata;
  const asksForSecret = client.clientType === 'confidential' && client.clientSecret && introspectionEndpoint;
  const [authorization, refresh, introspection] = await Promise.all([
    requestAuthorization(transport, url, signal),
    requestSenselessRefresh(transport, metadata.tokenEndpoint, client, signal),
    asksForSecret
      ? requestIntrospection(transport, introspectionEndpoint, client, 'garbage', 'access_token', signal)
      : undefined,
  ]);
  return conclude({
    isAuthorizable: readAuthorization(authorization, url),
    isEnabled: readRefresh(refresh),
    secret: introspection && readSecret(introspection),
  });
}

function conclude(found: {
  isAuthorizable: boolean | undefined;
  isEnabled: boolean | undefined;
  secret: 'right' | 'refused' | 'unknown-client' | undefined;
}): ClientProbe {
  const { isAuthorizable, isEnabled, secret } = found;
  if (secret === 'unknown-client') {
    return {
      isKnown: false,
      isRedirectUriRegistered: undefined,
      isEnabled: undefined,
      isSecretRight: undefined,
    };
  }
  const isKnown = isAuthorizable === true || isEnabled === true || secret !== undefined ? true : undefined;
  return {
    isKnown,
    // The same refusal means an unknown client, so it speaks of the redirect URI only for a known one.
    isRedirectUriRegistered: isAuthorizable === false && !isKnown ? undefined : isAuthorizable,
    isEnabled: isEnabled === false && !isKnown ? undefined : isEnabled,
    // A disabled client is refused in the same words as a wrong secret.
    isSecretRight: secret === 'right' ? true : secret === 'refused' && isEnabled ? false : undefined,
  };
}

function readAuthorization(answer: HttpResponse, url: string): boolean | undefined {
  if (answer.status === 401 && readErrorBody(answer.text).error === 'invalid_client') return false;
  if (answer.status < 300 || answer.status > 399) return undefined;
  return classifyRedirect(answer, url).kind === 'elsewhere' ? undefined : true;
}

function readRefresh(answer: HttpResponse): boolean | undefined {
  const { error } = readErrorBody(answer.text);
  if (answer.status === 401 && error === 'invalid_client') return false;
  return answer.status === 401 && error === 'invalid_request' ? true : undefined;
}

function readSecret(answer: HttpResponse): 'right' | 'refused' | 'unknown-client' | undefined {
  // 7.0 in plain text: it went on to read the token, so it took the secret.
  if (answer.status === 400 && answer.text && parseJson(answer.text) === undefined) return 'right';
  if (answer.status !== 401) return undefined;
  const { description = '' } = readErrorBody(answer.text);
  if (/not a registered client/i.test(description)) return 'unknown-client';
  return /failed security/i.test(description) ? 'refused' : undefined;
}

function requestSenselessRefresh(
  transport: HttpTransport,
  url: string,
  client: { clientId: string; clientSecret?: string | undefined },
  signal: AbortSignal | undefined,
): Promise<HttpResponse> {
  const fields = {
    grant_type: 'refresh_token',
    refresh_token: 'garbage',
    client_id: client.clientId,
    client_secret: client.clientSecret,
  };
  return transport.send(formRequest(url, fields, signal));
}
