import {
  allowInsecureRequests,
  authorizationCodeGrant,
  ClientSecretPost,
  clockSkew,
  Configuration,
  customFetch,
  enableNonRepudiationChecks,
  None,
  refreshTokenGrant,
  setJwksCache,
  type CustomFetch,
  type TokenEndpointResponse,
} from 'openid-client';
import { isWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { type HttpResponse, type HttpTransport } from '../http/httpTransport.ts';
import { scopeList, type AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { errorFromResponse, parseAuthorizationResponse } from './authorizationResponse.ts';
import { fetchDiscoveryDocument } from './discoveryDocument.ts';
import { formRequest } from './formRequest.ts';
import type { ClientCredentials } from './introspection.ts';
import { decodeJwt } from './jwt.ts';
import {
  codeExchangeError,
  isKeyProblem,
  lostRefreshError,
  openIdClientError,
  parseJson,
  refreshError,
} from './oauthErrors.ts';
import type { TokenGrant } from './tokenSet.ts';

const defaultLifetimeSeconds = 3600;

interface TokenRequestOptions {
  readonly transport: HttpTransport;
  readonly metadata: AuthorizationServerMetadata;
  readonly client: ClientCredentials;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly signal?: AbortSignal | undefined;
}

export interface AuthorizationCodeExchange extends TokenRequestOptions {
  /** The whole address that came back. */
  readonly callbackUrl: string;
  /** Byte for byte as in the authorization request. */
  readonly redirectUri: string;
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  /** The key set as {@link fetchJwks} gave it; fetched here where it is none. */
  readonly jwks: unknown;
}

/**
 * Redeems an authorization code (RFC 6749 §4.1.3, RFC 7636 §4.5) and validates the id_token (OpenID Connect Core
 * §3.1.3.7): issuer, audience, expiry, nonce and signature. One request; a second one, for the keys, only where none
 * of the given ones fits.
 *
 * Throws WorkbenchError `authorization/*`, `grant/*`, `id-token/invalid`, `http/*` and the errors of the transport.
 */
export async function exchangeAuthorizationCode(options: AuthorizationCodeExchange): Promise<TokenGrant> {
  const { transport, metadata, signal, redirectUri } = options;
  const url = responseUrl(options.callbackUrl, redirectUri);
  const jwks = isJwks(options.jwks) ? options.jwks : await fetchJwks(transport, metadata, signal);
  const exchange = tokenExchange(options, codeExchangeError, (body) => body.set('redirect_uri', redirectUri));
  try {
    return await redeem(jwks);
  } catch (error) {
    if (!isWorkbenchError(error) || !isKeyProblem(error)) throw error;
    return await redeem(await fetchJwks(transport, metadata, signal));
  }

  /** The token endpoint is asked the first time only; later the same answer is judged again. */
  async function redeem(keys: Jwks): Promise<TokenGrant> {
    const configuration = configure(options, exchange.fetch);
    setJwksCache(configuration, { jwks: keys, uat: Math.floor(Date.now() / 1000) });
    enableNonRepudiationChecks(configuration);
    const checks = { pkceCodeVerifier: options.codeVerifier, expectedState: options.state };
    try {
      const answer = await authorizationCodeGrant(configuration, url, {
        ...checks,
        expectedNonce: options.nonce,
        idTokenExpected: true,
      });
      return toGrant(answer, exchange.answeredAt());
    } catch (error) {
      const failure = openIdClientError(error);
      if (failure.details['claim'] !== 'missing' || exchange.isOpenId()) throw failure;
      // People can untick openid at the consent: then there is no id_token, and nothing that it would vouch for.
      const answer = await authorizationCodeGrant(configuration, url, checks).catch((second: unknown) => {
        throw openIdClientError(second);
      });
      return toGrant(answer, exchange.answeredAt());
    }
  }
}

/**
 * Exchanges a refresh token (RFC 6749 §6). `scope` is always sent, with what the login asked for: OpenEMR 8.2 fails
 * without it, and a narrower one would lose the refresh token.
 *
 * Throws WorkbenchError `refresh/refused`, `refresh/outcome-unknown` (the answer was lost by a fault or by Cancel; the
 * token may be spent),
 * `grant/*`, `http/*` and the errors of the transport.
 */
export async function refreshTokens(
  options: TokenRequestOptions & { readonly refreshToken: string; readonly scope: string },
): Promise<TokenGrant> {
  const { refreshToken, scope } = options;
  const exchange = tokenExchange(options, refreshError);
  const refresh = async () => {
    try {
      const answer = await refreshTokenGrant(configure(options, exchange.fetch), refreshToken, { scope });
      // The signature of a refreshed id_token is not checked: who is signed in stays what the login proved.
      const grant = toGrant(answer, exchange.answeredAt());
      Reflect.deleteProperty(grant, 'fhirUser');
      return grant;
    } catch (error) {
      throw lostRefreshError(openIdClientError(error), exchange.wasSent());
    }
  };
  try {
    return await refresh();
  } catch (error) {
    if (!isWorkbenchError(error, 'id-token/invalid')) throw error;
    // The old pair is gone already: rather no id_token than no session.
    exchange.dropIdToken();
    return await refresh();
  }
}

interface Jwks {
  readonly keys: Record<string, unknown>[];
}

/** Fetches the server's keys. Throws WorkbenchError `discovery/*`, `http/*` and the errors of the transport. */
export async function fetchJwks(
  transport: HttpTransport,
  metadata: AuthorizationServerMetadata,
  signal?: AbortSignal,
): Promise<Jwks> {
  const { json } = await fetchDiscoveryDocument(transport, metadata.jwksUri, signal);
  if (!isJwks(json)) {
    throw new WorkbenchError('discovery/invalid-metadata', { details: { fields: ['jwks'] } });
  }
  return json;
}

function isJwks(value: unknown): value is Jwks {
  const keys: unknown =
    typeof value === 'object' && value !== null && 'keys' in value ? value.keys : undefined;
  return Array.isArray(keys) && keys.every((key) => typeof key === 'object' && key !== null);
}

function configure(options: TokenRequestOptions, fetch: CustomFetch): Configuration {
  const { metadata, client, now } = options;
  const configuration = new Configuration(
    {
      issuer: metadata.issuer,
      authorization_endpoint: metadata.authorizationEndpoint,
      token_endpoint: metadata.tokenEndpoint,
      jwks_uri: metadata.jwksUri,
    },
    client.clientId,
    // The library reads the machine's clock; ours may be another.
    { [clockSkew]: Math.round((now() - Date.now()) / 1000) },
    client.clientSecret ? ClientSecretPost(client.clientSecret) : None(),
  );
  configuration[customFetch] = fetch;
  // The transport has a time-out of its own.
  configuration.timeout = 0;
  // Metadata with http addresses passes validation on loopback only.
  // eslint-disable-next-line @typescript-eslint/no-deprecated -- deprecated only to stand out
  if (metadata.tokenEndpoint.startsWith('http:')) allowInsecureRequests(configuration);
  return configuration;
}

/** The one exchange with the token endpoint behind however many judgements of its answer. */
function tokenExchange(
  options: TokenRequestOptions,
  refusal: (answer: HttpResponse, url: string) => WorkbenchError,
  amend: (body: URLSearchParams) => void = () => undefined,
) {
  const url = options.metadata.tokenEndpoint;
  let answer: Record<string, unknown> | undefined;
  let answeredAt = 0;
  let wasSent = false;

  async function ask(body: URLSearchParams): Promise<Record<string, unknown>> {
    amend(body);
    wasSent = !options.signal?.aborted;
    const response = await options.transport.send(formRequest(url, body, options.signal));
    answeredAt = options.now();
    if (response.status !== 200) throw refusal(response, url);
    return withoutEmptyMembers(response.text);
  }

  return {
    answeredAt: () => answeredAt,
    wasSent: () => wasSent,
    fetch: async (_url: string, request: { body?: unknown }) => {
      answer ??= await ask(new URLSearchParams(request.body as URLSearchParams));
      return Response.json(answer);
    },
    isOpenId: () => scopesOf(answer ?? {}).includes('openid'),
    dropIdToken: () => {
      delete answer?.['id_token'];
    },
  };
}

/** The library refuses null and "" where other servers mean absence. */
function withoutEmptyMembers(text: string): Record<string, unknown> {
  const json = parseJson(text);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new WorkbenchError('grant/invalid-response');
  }
  return Object.fromEntries(Object.entries(json).filter(([, value]) => value !== null && value !== ''));
}

/** The parameters that came back, at the redirect URI of the request: browser hosts deliver them elsewhere. */
function responseUrl(callbackUrl: string, redirectUri: string): URL {
  const response = parseAuthorizationResponse(callbackUrl);
  if (response.kind === 'error') throw errorFromResponse(response);
  const url = new URL(redirectUri);
  const { code, state, issuer } = response;
  url.search = new URLSearchParams({ code, state, ...(issuer ? { iss: issuer } : {}) }).toString();
  return url;
}

function toGrant(
  answer: TokenEndpointResponse & { claims(): Record<string, unknown> | undefined },
  answeredAt: number,
): TokenGrant {
  const lifetimeSeconds = answer.expires_in ?? defaultLifetimeSeconds;
  const patient: unknown = answer['patient'];
  const fhirUser = answer.claims()?.['fhirUser'];
  return {
    accessToken: answer.access_token,
    ...(answer.refresh_token ? { refreshToken: answer.refresh_token } : {}),
    ...(answer.id_token ? { idToken: answer.id_token } : {}),
    expiresAt: answeredAt + lifetimeSeconds * 1000,
    lifetimeSeconds,
    grantedScopes: scopesOf(answer),
    ...(typeof patient === 'string' ? { patient } : {}),
    ...(typeof fhirUser === 'string' ? { fhirUser } : {}),
  };
}

/**
 * What the token may do, for display: from the access token, since the answer's `scope` lacks everything with a
 * colon. OpenEMR counts the nonce among the scopes.
 */
function scopesOf(answer: Readonly<Record<string, unknown>>): string[] {
  const token = answer['access_token'];
  const claims = typeof token === 'string' ? decodeJwt(token)?.claims : undefined;
  const stated = [claims?.['scopes'], claims?.['scope'], answer['scope']]
    .map((value) => (typeof value === 'string' ? value.split(/\s+/) : value))
    .find((value) => Array.isArray(value));
  return scopeList(stated as unknown[] | undefined).filter((scope) => scope !== 'nonce');
}
