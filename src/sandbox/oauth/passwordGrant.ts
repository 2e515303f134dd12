import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { User } from '../state/users.ts';
import { clientCredentials, clientOfOtherGrant } from './clientAuthentication.ts';
import {
  invalidGrant,
  invalidScope,
  isOAuthError,
  missingParameter,
  unsupportedGrantType,
} from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { firstUnknownScope, splitScopes } from './scopes.ts';
import { issueTokens } from './tokenIssuer.ts';

/** grant_type=password, where `oauth_password_grant` allows it. */
export async function passwordGrant(
  context: SandboxContext,
  request: SandboxRequest,
  form: URLSearchParams,
): Promise<Reply | OAuthError> {
  const isOff = context.settings.oauth_password_grant === 0 || context.faults.isOn('password-grant-off');
  if (isOff) return unsupportedGrantType;
  const client = clientOfOtherGrant(context, clientCredentials(request, form));
  if (isOAuthError(client)) return client;
  const scopes = splitScopes(form.get('scope'));
  const unknown = firstUnknownScope(context, scopes);
  if (unknown !== undefined) return invalidScope(unknown);
  const user = authenticatedUser(context, form);
  if (isOAuthError(user)) return user;
  context.trustedUsers.trust({
    clientId: client.id,
    userUuid: user.uuid,
    code: undefined,
    state: undefined,
    nonce: undefined,
  });
  const granted = scopes.filter((scope) => client.scopes.includes(scope));
  return issueTokens(context, addressesFor(context, request), {
    client,
    user,
    scopes: context.era.siteScope ? [...granted, 'site:default'] : granted,
    nonce: undefined,
    patientId: user.role === 'patient' ? user.uuid : undefined,
  });
}

function authenticatedUser(context: SandboxContext, form: URLSearchParams): User | OAuthError {
  const role = form.get('user_role');
  const missing = ['user_role', 'username', 'password', ...(role === 'patient' ? ['email'] : [])].find(
    (name) => !form.get(name),
  );
  if (missing !== undefined) return missingParameter(missing);
  const allowed = context.settings.oauth_password_grant & (role === 'patient' ? 2 : 1);
  const user = context.users.authenticate({
    username: form.get('username') ?? '',
    password: form.get('password') ?? '',
    email: form.get('email') ?? '',
    role: role === 'patient' ? 'patient' : 'users',
  });
  return user === undefined || allowed === 0 ? invalidGrant('Failed Authentication') : user;
}
