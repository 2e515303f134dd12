import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import type { RefreshToken } from '../state/tokens.ts';
import { clientCredentials, clientOfOtherGrant } from './clientAuthentication.ts';
import { invalidRefreshToken, invalidScope, isOAuthError, missingParameter } from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { firstUnknownScope, splitScopes } from './scopes.ts';
import { issueTokens } from './tokenIssuer.ts';

/** grant_type=refresh_token: the client's secret is not checked; the old pair of tokens ends at once. */
export async function refreshGrant(
  context: SandboxContext,
  request: SandboxRequest,
  form: URLSearchParams,
): Promise<Reply | OAuthError> {
  const client = clientOfOtherGrant(context, clientCredentials(request, form));
  if (isOAuthError(client)) return client;
  const old = usableToken(context, client, form.get('refresh_token'));
  if (isOAuthError(old)) return old;
  const scopes = scopesOfRefresh(context, old, splitScopes(form.get('scope')));
  if (isOAuthError(scopes)) return scopes;
  const user = context.users.find(old.userUuid);
  if (user === undefined) return invalidRefreshToken('Token is not linked to client');
  context.tokens.rotate(old);
  return issueTokens(context, addressesFor(context, request), {
    client,
    user,
    scopes,
    nonce: undefined,
    patientId: old.patientId,
  });
}

function usableToken(
  context: SandboxContext,
  client: Client,
  given: string | null,
): RefreshToken | OAuthError {
  if (given === null) return missingParameter('refresh_token');
  const token = context.tokens.findRefreshToken(given);
  if (token === undefined) return invalidRefreshToken('Cannot decrypt the refresh token');
  if (token.clientId !== client.id) return invalidRefreshToken('Token is not linked to client');
  if (token.expiresAt < context.clock.now()) return invalidRefreshToken('Token has expired');
  if (token.revoked || context.faults.isOn('refresh-tokens-spent')) {
    context.log.add({ kind: 'refresh-replay', at: timestamp(context), clientId: client.id });
    return invalidRefreshToken('Token has been revoked');
  }
  return token;
}

function timestamp(context: SandboxContext): string {
  return new Date(context.clock.now()).toISOString();
}

/** The scopes asked for, which may only be fewer; without any, those that were granted. */
function scopesOfRefresh(
  context: SandboxContext,
  old: RefreshToken,
  requested: readonly string[],
): readonly string[] | OAuthError {
  const wanted = requested.length === 0 ? old.scopes : requested;
  const validated = requested.length > 0 || context.era.refreshValidatesGrantedScopes;
  const unknown = validated ? firstUnknownScope(context, wanted) : undefined;
  if (unknown !== undefined) return invalidScope(unknown);
  const added = wanted.find((scope) => !old.scopes.includes(scope));
  if (added !== undefined) return invalidScope(added);
  return requested.length > 0 && context.era.siteScope ? [...new Set([...wanted, 'site:default'])] : wanted;
}
