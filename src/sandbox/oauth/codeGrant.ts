import { createHash } from 'node:crypto';
import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import type { AuthorizationCode } from '../state/tokens.ts';
import { clientCredentials, clientOfCodeGrant } from './clientAuthentication.ts';
import {
  badRequest,
  invalidClient,
  invalidGrant,
  invalidRequest,
  isOAuthError,
  missingParameter,
} from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { isRegisteredRedirectUri } from './redirectUris.ts';
import { issueTokens } from './tokenIssuer.ts';

/**
 * grant_type=authorization_code. A code that no login left behind, or whose login sent no state, is a "Bad
 * request" before anything else is looked at; a code may be redeemed again while it lives.
 */
export async function codeGrant(
  context: SandboxContext,
  request: SandboxRequest,
  form: URLSearchParams,
): Promise<Reply | OAuthError> {
  const code = context.tokens.findCode(form.get('code') ?? '');
  const row = code && context.trustedUsers.findByCode(code.code);
  if (code === undefined || row?.state === undefined || context.faults.isOn('state-forgotten'))
    return badRequest;
  const client = clientOfCodeGrant(context, clientCredentials(request, form));
  if (isOAuthError(client)) return client;
  const problem = redirectUriUnknown(context, client, form) ?? codeProblem(context, client, code, form);
  if (problem !== undefined) return problem;
  const user = context.users.find(code.userUuid);
  if (user === undefined) return badRequest;
  return issueTokens(context, addressesFor(context, request), {
    client,
    user,
    scopes: code.scopes,
    nonce: code.nonce,
    patientId: code.patientId,
  });
}

function redirectUriUnknown(
  context: SandboxContext,
  client: Client,
  form: URLSearchParams,
): OAuthError | undefined {
  const redirectUri = form.get('redirect_uri');
  if (redirectUri === null || !client.confidential) return undefined;
  return isRegisteredRedirectUri(redirectUri, client.redirectUris, context.redirectMatching)
    ? undefined
    : invalidClient;
}

function codeProblem(
  context: SandboxContext,
  client: Client,
  code: AuthorizationCode,
  form: URLSearchParams,
): OAuthError | undefined {
  const isExpired = code.expiresAt < context.clock.now() || context.faults.isOn('codes-expire-at-once');
  if (isExpired) return invalidRequest('Authorization code has expired');
  if (code.clientId !== client.id) return invalidRequest('Authorization code was not issued to this client');
  const redirectUri = form.get('redirect_uri');
  if (redirectUri === null) return missingParameter('redirect_uri');
  if (redirectUri !== code.redirectUri) return invalidRequest('Invalid redirect URI');
  return verifierProblem(code.codeChallenge, form.get('code_verifier'));
}

/** RFC 7636 §4.6. */
function verifierProblem(challenge: string | undefined, verifier: string | null): OAuthError | undefined {
  if (challenge === undefined) {
    return verifier === null
      ? undefined
      : invalidRequest('code_verifier received when no code_challenge is present');
  }
  if (verifier === null) return missingParameter('code_verifier');
  if (!/^[\w.~-]{43,128}$/.test(verifier)) {
    return invalidRequest('Code Verifier must follow the specifications of RFC-7636.');
  }
  const hashed = createHash('sha256').update(verifier).digest('base64url');
  return hashed === challenge ? undefined : invalidGrant('Failed to verify `code_verifier`.');
}
