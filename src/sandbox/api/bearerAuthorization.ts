import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { parseJwt } from '../oauth/signingKey.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { AccessToken } from '../state/tokens.ts';
import { accessDenied, expiredEarly, loggedOut } from './apiErrors.ts';

/** The access token of an API request, or the answer that refuses it. The scheme is case-sensitive. */
export async function authorizeBearer(
  context: SandboxContext,
  request: SandboxRequest,
): Promise<AccessToken | Reply> {
  const { era } = context;
  const header = request.headers.authorization;
  if (header === undefined) return accessDenied(era, 'Missing "Authorization" header');
  const jwt = header.replace(/^\s*Bearer\s/, '').trim();
  const parsed = parseJwt(jwt);
  if ('problem' in parsed) return accessDenied(era, parsed.problem);
  const token = context.tokens.findAccessToken(String(parsed.claims['jti']));
  const genuine = token !== undefined && (await context.signingKey.verifies(jwt));
  if (!genuine || token.expiresAt <= context.clock.now()) {
    return accessDenied(era, 'Access token could not be verified');
  }
  return refusalOf(context, token) ?? token;
}

function refusalOf(context: SandboxContext, token: AccessToken): Reply | undefined {
  const { era } = context;
  const { faults } = context;
  if (token.revoked || token.revokedByAdministrator || faults.isOn('tokens-revoked')) {
    return accessDenied(era, 'Access token has been revoked', 9);
  }
  if (token.expiredEarly) return expiredEarly(era);
  const trusted = context.trustedUsers.find(token.clientId, token.userUuid) !== undefined;
  return trusted && !faults.isOn('signed-out') ? undefined : loggedOut(era);
}

export function isAccessToken(value: AccessToken | Reply): value is AccessToken {
  return 'jti' in value;
}
