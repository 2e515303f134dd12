import * as z from 'zod/mini';
import { WorkbenchError } from '../base/errors.ts';
import type { ClientType } from '../connection/connection.ts';
import { oauthMaxBytes, oauthTimeoutMs, type HttpTransport } from '../http/httpTransport.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { parseJson, registrationError } from './oauthErrors.ts';

export interface ClientRegistrationRequest {
  readonly clientName: string;
  readonly clientType: ClientType;
  readonly redirectUris: readonly string[];
  /** OpenEMR honours it at logout only while it is the only one. */
  readonly postLogoutRedirectUri: string;
  readonly scopes: readonly string[];
}

export interface ClientRegistration {
  readonly clientId: string;
  /** Absent for public clients. */
  readonly clientSecret?: string;
  readonly scopes: string[];
  readonly redirectUris: string[];
}

const contacts = ['openemr-workbench@localhost.invalid'];

const printable = z.string().check(z.minLength(1), z.maxLength(1024), z.regex(/^[\x21-\x7e]+$/));

const responseSchema = z.object({
  client_id: printable,
  client_secret: z.nullish(z.union([z.literal(''), printable])),
  scope: z.nullish(z.string()),
  redirect_uris: z.nullish(z.array(z.string())),
});

/**
 * Registers a client (RFC 7591) as OpenEMR wants it: `application_type` private means confidential and anything
 * else public, `token_endpoint_auth_method` none is refused even for public clients, success is 200.
 *
 * Throws WorkbenchError `registration/*`, `http/*` and the errors of the transport.
 */
export async function registerClient(
  transport: HttpTransport,
  metadata: AuthorizationServerMetadata,
  request: ClientRegistrationRequest,
  signal?: AbortSignal,
): Promise<ClientRegistration> {
  const url = metadata.registrationEndpoint;
  if (!url) throw new WorkbenchError('registration/unavailable');
  const answer = await transport.send({
    method: 'POST',
    url,
    headers: { 'content-type': 'application/json', accept: 'application/json' },
    body: JSON.stringify(registrationBody(request)),
    signal,
    timeoutMs: oauthTimeoutMs,
    maxBytes: oauthMaxBytes,
  });
  if (answer.status !== 200 && answer.status !== 201) throw registrationError(answer, url);
  return parseRegistration(answer.text, request);
}

function registrationBody(request: ClientRegistrationRequest): Record<string, unknown> {
  return {
    application_type: request.clientType === 'confidential' ? 'private' : 'public',
    client_name: request.clientName,
    redirect_uris: request.redirectUris,
    post_logout_redirect_uris: [request.postLogoutRedirectUri],
    token_endpoint_auth_method: 'client_secret_post',
    // OpenEMR reads it unguarded.
    contacts,
    scope: request.scopes.join(' '),
  };
}

function parseRegistration(text: string, request: ClientRegistrationRequest): ClientRegistration {
  const parsed = responseSchema.safeParse(parseJson(text));
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
    throw new WorkbenchError('registration/invalid-response', { details: { fields } });
  }
  const client = parsed.data;
  if (request.clientType === 'confidential' && !client.client_secret) {
    throw new WorkbenchError('registration/invalid-response', { details: { fields: ['client_secret'] } });
  }
  return {
    clientId: client.client_id,
    ...(client.client_secret ? { clientSecret: client.client_secret } : {}),
    scopes: client.scope ? client.scope.split(/\s+/).filter(Boolean) : [...request.scopes],
    redirectUris: client.redirect_uris ?? [...request.redirectUris],
  };
}

/**
 * The redirect URIs that a registration names: the editor's own and the loopback one. OpenEMR before 7.0.2 compares
 * several as one joined string and then accepts none, so it gets the loopback one alone.
 */
export function redirectUrisToRegister(options: {
  schemeUri?: string | undefined;
  loopbackUri: string;
  openEmrVersion?: string | undefined;
}): string[] {
  const { schemeUri, loopbackUri, openEmrVersion } = options;
  if (!schemeUri || (openEmrVersion && isBefore702(openEmrVersion))) return [loopbackUri];
  return [schemeUri, loopbackUri];
}

function isBefore702(version: string): boolean {
  const parts = /^(\d+)\.(\d+)(?:\.(\d+))?/.exec(version);
  if (!parts) return false;
  const [major, minor, patch] = [Number(parts[1]), Number(parts[2]), Number(parts[3] ?? 0)];
  return major < 7 || (major === 7 && minor === 0 && patch < 2);
}
