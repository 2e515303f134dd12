import { createHash, randomBytes } from 'node:crypto';
import {
  oauthMaxBytes,
  oauthTimeoutMs,
  type HttpResponse,
  type HttpTransport,
} from '../http/httpTransport.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { errorFromResponse, parseAuthorizationResponse } from './authorizationResponse.ts';
import { authorizationEndpointError, redirectError } from './oauthErrors.ts';

/** One authorization request with what its response and the token request will have to match. */
export interface AuthorizationRequest {
  readonly state: string;
  readonly nonce: string;
  readonly codeVerifier: string;
  readonly codeChallenge: string;
  readonly redirectUri: string;
  /** What is asked for, separated by blanks. */
  readonly scope: string;
  readonly url: string;
}

/**
 * Makes an authorization request (RFC 6749 §4.1.1) with PKCE S256 (RFC 7636), nonce (OpenID Connect Core §3.1.2.1)
 * and SMART's `aud`. State is always there: OpenEMR's token endpoint refuses codes that were asked for without.
 */
export function createAuthorizationRequest(options: {
  metadata: AuthorizationServerMetadata;
  clientId: string;
  redirectUri: string;
  scopes: readonly string[];
  fhirBaseUrl: string;
}): AuthorizationRequest {
  const { metadata, clientId, redirectUri, fhirBaseUrl } = options;
  const [state, nonce, codeVerifier] = [randomText(), randomText(), randomText()];
  const codeChallenge = createHash('sha256').update(codeVerifier).digest('base64url');
  const scope = options.scopes.join(' ');
  const query = encodeQuery({
    response_type: 'code',
    client_id: clientId,
    redirect_uri: redirectUri,
    scope,
    state,
    nonce,
    aud: fhirBaseUrl,
    code_challenge: codeChallenge,
    code_challenge_method: 'S256',
  });
  const endpoint = metadata.authorizationEndpoint;
  const url = `${endpoint}${endpoint.includes('?') ? '&' : '?'}${query}`;
  return { state, nonce, codeVerifier, codeChallenge, redirectUri, scope, url };
}

/** 256 bits that need no escaping anywhere. */
function randomText(): string {
  return randomBytes(32).toString('base64url');
}

/** Blanks become %20: some hops take the plus sign of form encoding at its word. Empty values are left out. */
function encodeQuery(parameters: Record<string, string>): string {
  return Object.entries(parameters)
    .filter(([, value]) => value !== '')
    .map(([name, value]) => `${name}=${encodeURIComponent(value)}`)
    .join('&');
}

/**
 * Asks the authorization endpoint as the browser will, without following it: OpenEMR shows most refusals in the
 * browser only, and the login would wait in vain.
 *
 * Throws WorkbenchError `authorization/*`, `discovery/api-disabled`, `http/*` and the errors of the transport.
 */
export async function checkAuthorizationRequest(
  transport: HttpTransport,
  url: string,
  signal?: AbortSignal,
): Promise<void> {
  const answer = await requestAuthorization(transport, url, signal);
  if (answer.status >= 300 && answer.status < 400) {
    checkRedirect(answer, url);
    return;
  }
  if (answer.status !== 200) throw authorizationEndpointError(answer, url);
}

/** The bare exchange with the authorization endpoint. */
export function requestAuthorization(
  transport: HttpTransport,
  url: string,
  signal?: AbortSignal,
): Promise<HttpResponse> {
  return transport.send({
    method: 'GET',
    url,
    headers: { accept: 'text/html,application/json;q=0.9' },
    signal,
    timeoutMs: oauthTimeoutMs,
    maxBytes: oauthMaxBytes,
  });
}

/** Where a redirect of the authorization endpoint leads: to the server's own login, back to the client, elsewhere. */
export function classifyRedirect(
  answer: HttpResponse,
  requestUrl: string,
): { kind: 'login' } | { kind: 'client'; location: string } | { kind: 'elsewhere' } {
  const request = URL.parse(requestUrl);
  const location = URL.parse(answer.headers.get('location') ?? '', requestUrl);
  if (!request || !location) return { kind: 'elsewhere' };
  const redirectUri = URL.parse(request.searchParams.get('redirect_uri') ?? '');
  if (redirectUri && isSameAddress(location, redirectUri)) return { kind: 'client', location: location.href };
  return { kind: location.origin === request.origin ? 'login' : 'elsewhere' };
}

function checkRedirect(answer: HttpResponse, url: string): void {
  const target = classifyRedirect(answer, url);
  if (target.kind === 'elsewhere') throw redirectError(answer, url);
  if (target.kind === 'login') return;
  const response = parseAuthorizationResponse(target.location);
  if (response.kind === 'error') throw errorFromResponse(response);
}

/** Custom schemes have no origin to compare. */
function isSameAddress(left: URL, right: URL): boolean {
  return left.protocol === right.protocol && left.host === right.host && left.pathname === right.pathname;
}
