import { oauthMaxBytes, oauthTimeoutMs, type HttpTransport } from '../http/httpTransport.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';

export interface EndSessionResult {
  readonly ended: boolean;
  /** Why not: `unsupported`: no endpoint; `refused`: the id_token is not the last login's; `failed`: anything else. */
  readonly reason?: 'unsupported' | 'refused' | 'failed';
  readonly status?: number;
}

/**
 * RP-initiated logout (OpenID Connect RP-Initiated Logout 1.0 §2) by GET, the only method that 8.2 knows, without
 * following the redirect at its end. It ends every session of this user and client.
 *
 * `idTokenHint` must be the id_token of the last interactive login: OpenEMR refuses a refreshed one.
 * Throws the errors of the transport.
 */
export async function endSession(
  transport: HttpTransport,
  metadata: AuthorizationServerMetadata,
  options: { idTokenHint: string; postLogoutRedirectUri?: string | undefined; state?: string | undefined },
  signal?: AbortSignal,
): Promise<EndSessionResult> {
  const endpoint = metadata.endSessionEndpoint;
  if (!endpoint) return { ended: false, reason: 'unsupported' };
  const { idTokenHint, postLogoutRedirectUri, state } = options;
  const query = new URLSearchParams({
    id_token_hint: idTokenHint,
    ...(postLogoutRedirectUri ? { post_logout_redirect_uri: postLogoutRedirectUri } : {}),
    ...(state ? { state } : {}),
  });
  const { status } = await transport.send({
    method: 'GET',
    url: `${endpoint}${endpoint.includes('?') ? '&' : '?'}${query.toString()}`,
    headers: { accept: 'text/html,application/json;q=0.9' },
    signal,
    timeoutMs: oauthTimeoutMs,
    maxBytes: oauthMaxBytes,
  });
  if (status >= 200 && status < 400) return { ended: true };
  return { ended: false, reason: status === 400 || status === 401 ? 'refused' : 'failed', status };
}
