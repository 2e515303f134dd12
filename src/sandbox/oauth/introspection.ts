import { defaultContentType, json, reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import type { AccessToken } from '../state/tokens.ts';
import { findClient, isEnabled } from './clientAuthentication.ts';
import { isOAuthError, oauthErrorReply, plainError } from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { parseJwt } from './signingKey.ts';
import { fhirUser } from './tokenIssuer.ts';

/** What cannot be introspected: an OAuth error, or the bare text of an exception. */
type Refusal = OAuthError | { readonly exception: string };

/** Token introspection. The client's credentials count in the body only; Basic is not understood. */
export async function introspection(context: SandboxContext, request: SandboxRequest): Promise<Reply> {
  const outcome = await introspect(context, request, formFields(request));
  const refused = 'exception' in outcome || isOAuthError(outcome);
  if (refused && context.era.introspection === 'only-says-inactive') return answer({ active: false });
  if ('exception' in outcome) return reply(400, outcome.exception as string, defaultContentType);
  return isOAuthError(outcome) ? oauthErrorReply(outcome) : answer(outcome);
}

function answer(description: object): Reply {
  return json(200, description, defaultContentType);
}

async function introspect(
  context: SandboxContext,
  request: SandboxRequest,
  form: URLSearchParams,
): Promise<Record<string, unknown> | Refusal> {
  const client = introspectingClient(context, form);
  if (isOAuthError(client)) return client;
  const token = form.get('token');
  const hint =
    form.get('token_type_hint') ?? (token?.includes('.') === true ? 'access_token' : 'refresh_token');
  if (token === null || !['access_token', 'refresh_token'].includes(hint)) {
    return plainError(400, 'invalid_request', 'Missing token or unsupported hint.');
  }
  return hint === 'access_token'
    ? describeAccessToken(context, request, client, token)
    : describeRefreshToken(context, client, token);
}

function introspectingClient(context: SandboxContext, form: URLSearchParams): Client | OAuthError {
  const client = findClient(context, form.get('client_id'));
  if (client === undefined) return plainError(401, 'invalid_request', 'Not a registered client');
  const secret = form.get('client_secret');
  if (client.confidential && !secret) return plainError(400, 'invalid_request', 'Invalid client app type');
  const isBelieved = !context.faults.isOn('introspection-refuses');
  const isRightSecret = !client.confidential || secret === client.secret;
  const trusted = isEnabled(context, client) && isBelieved && isRightSecret;
  return trusted ? client : plainError(401, 'invalid_request', 'Client failed security');
}

async function describeAccessToken(
  context: SandboxContext,
  request: SandboxRequest,
  client: Client,
  jwt: string,
): Promise<Record<string, unknown> | Refusal> {
  const parsed = parseJwt(jwt);
  if ('problem' in parsed) return { exception: parsed.problem };
  const token = context.tokens.findAccessToken(String(parsed.claims['jti']));
  if (token?.clientId !== client.id) return { active: false };
  const status = await accessTokenStatus(context, token, jwt);
  return {
    active: status === 'active',
    status,
    scope: token.scopes.join(' '),
    exp: expiry(context, token.expiresAt),
    sub: token.userUuid,
    jti: token.jti,
    aud: [client.id],
    ...issuerClaims(context, request, token),
    client_id: client.id,
  };
}

function issuerClaims(
  context: SandboxContext,
  request: SandboxRequest,
  token: AccessToken,
): Record<string, unknown> {
  if (!context.era.accessTokenHasIssuer) return {};
  const addresses = addressesFor(context, request);
  const user = context.users.find(token.userUuid);
  return {
    iss: addresses.oauth,
    ...(user === undefined ? {} : { fhirUser: fhirUser(addresses, user) }),
    ...(token.patientId === undefined
      ? {}
      : {
          patient: token.patientId,
          need_patient_banner: true,
          smart_style_url: `${addresses.oauth}/smart/smart-style`,
        }),
  };
}

async function accessTokenStatus(context: SandboxContext, token: AccessToken, jwt: string): Promise<string> {
  if (!(await context.signingKey.verifies(jwt))) return 'failed_verification';
  if (token.expiresAt < context.clock.now() || token.expiredEarly) return 'expired';
  const { faults } = context;
  const isEnded = faults.isOn('signed-out') || faults.isOn('tokens-revoked');
  const trusted = !isEnded && context.trustedUsers.find(token.clientId, token.userUuid) !== undefined;
  return token.revoked || token.revokedByAdministrator || !trusted ? 'revoked' : 'active';
}

function describeRefreshToken(
  context: SandboxContext,
  client: Client,
  given: string,
): Record<string, unknown> | Refusal {
  if (!/^(?:[0-9a-f]{2})+$/.test(given)) return { exception: 'Ciphertext has invalid hex encoding.' };
  const token = context.tokens.findRefreshToken(given);
  if (token?.clientId !== client.id) return { active: false };
  const expired = token.expiresAt < context.clock.now();
  const isSpent = token.revoked || context.faults.isOn('refresh-tokens-spent');
  const status = isSpent ? 'revoked' : expired ? 'expired' : 'active';
  return {
    active: status === 'active',
    status,
    scope: token.scopes,
    exp: Math.floor(token.expiresAt / 1000),
    sub: token.userUuid,
    jti: token.jti,
    client_id: client.id,
  };
}

/** 7.0 serialises a PHP date. */
function expiry(context: SandboxContext, milliseconds: number): unknown {
  if (context.era.introspectionExpiry === 'seconds') return Math.floor(milliseconds / 1000);
  const date = new Date(milliseconds).toISOString().replace('T', ' ').replace('Z', '000');
  return { date, timezone_type: 1, timezone: '+00:00' };
}
