import { redirect, reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { oauthErrorReply, plainError } from './oauthErrors.ts';
import { parseJwt } from './signingKey.ts';
import type { Claims } from './signingKey.ts';

/**
 * The end_session_endpoint. The nonce of the hint must be that of the last login: an id_token of an earlier
 * login, or one from a refresh, is not accepted. Ends every session of the user and the client.
 */
export function logout(context: SandboxContext, request: SandboxRequest): Reply {
  const parameters = logoutParameters(context, request);
  const hint = parameters.get('id_token_hint');
  if (!hint) return refused(context, 'Id token missing from request');
  const claims = claimsOf(hint);
  const clientId = String(claims['aud']);
  const userUuid = String(claims['sub']);
  const row = context.trustedUsers.find(clientId, userUuid);
  if (row === undefined) return alreadySignedOut(context, parameters);
  if (row.nonce !== claims['nonce']) return refused(context, 'Id token not issued from this server');
  context.trustedUsers.remove(clientId, userUuid);
  return signedOut(context, parameters, clientId);
}

function logoutParameters(context: SandboxContext, request: SandboxRequest): URLSearchParams {
  const parameters = new URLSearchParams(request.query);
  if (request.method === 'POST' && context.era.logoutByPost) {
    for (const [name, value] of formFields(request)) parameters.set(name, value);
  }
  return parameters;
}

function claimsOf(hint: string): Claims {
  const parsed = parseJwt(hint);
  return 'claims' in parsed ? parsed.claims : {};
}

function refused(context: SandboxContext, message: string): Reply {
  return oauthErrorReply(plainError(400, context.era.logoutError, message));
}

/** Who is not signed in is sent anywhere: OpenEMR's open redirect. */
function alreadySignedOut(context: SandboxContext, parameters: URLSearchParams): Reply {
  const target = parameters.get('post_logout_redirect_uri');
  if (target) return toClient(context, target, parameters);
  const text = 'You are currently not signed in.';
  return reply(context.era.logoutWhenSignedOut, text, context.era.logoutTextContentType);
}

/** The address counts only if it is all that was registered: the server compares the joined list. */
function signedOut(context: SandboxContext, parameters: URLSearchParams, clientId: string): Reply {
  const target = parameters.get('post_logout_redirect_uri');
  const registered = context.clients.find(clientId)?.postLogoutRedirectUris.join('|');
  if (target && target === registered) return toClient(context, target, parameters);
  return reply(200, 'You have been signed out. Thank you.', context.era.logoutTextContentType);
}

function toClient(context: SandboxContext, target: string, parameters: URLSearchParams): Reply {
  return redirect(
    context.era.logoutRedirectStatus,
    `${target}?state=${encodeURIComponent(parameters.get('state') ?? '')}`,
  );
}
