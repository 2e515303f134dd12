import { json, withHeader } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { Addresses, SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import { encryptedLook, randomHex } from '../state/secrets.ts';
import type { AccessToken } from '../state/tokens.ts';
import { fhirUserType } from '../state/users.ts';
import type { User } from '../state/users.ts';
import { scopeForResponse } from './scopes.ts';
import type { Claims } from './signingKey.ts';

export interface Grant {
  readonly client: Client;
  readonly user: User;
  readonly scopes: readonly string[];
  readonly nonce: string | undefined;
  readonly patientId: string | undefined;
}

const refreshLifetimeMs = 92 * 24 * 3600 * 1000;

/** Makes the tokens of a grant and answers with them; a refresh token only with `offline_access`. */
export async function issueTokens(
  context: SandboxContext,
  addresses: Addresses,
  asked: Grant,
): Promise<Reply> {
  const grant = faultyGrant(context, asked);
  const accessToken = storeAccessToken(context, grant);
  const answer = json(
    200,
    {
      ...(grant.scopes.includes('openid')
        ? { id_token: await context.signingKey.sign(idTokenClaims(context, addresses, grant, accessToken)) }
        : {}),
      ...patientContext(addresses, grant),
      scope: scopeForResponse(grant.scopes),
      token_type: 'Bearer',
      expires_in: context.accessTokenLifetimeSeconds,
      access_token: await context.signingKey.sign(accessTokenClaims(context, addresses, accessToken)),
      ...(grant.scopes.includes('offline_access') && !context.faults.isOn('no-refresh-token')
        ? { refresh_token: storeRefreshToken(context, grant, accessToken) }
        : {}),
    },
    'application/json; charset=UTF-8',
  );
  return withHeader(withHeader(answer, 'cache-control', 'no-store'), 'pragma', 'no-cache');
}

function faultyGrant({ faults }: SandboxContext, grant: Grant): Grant {
  const isDropped = (scope: string): boolean =>
    (faults.isOn('scope-not-granted') && /^(?:user|patient)\//.test(scope)) ||
    (faults.isOn('launch-patient-dropped') && scope === 'launch/patient');
  const isContextLost = faults.isOn('launch-patient-dropped') || faults.isOn('patient-context-lost');
  return {
    ...grant,
    scopes: grant.scopes.filter((scope) => !isDropped(scope)),
    patientId: isContextLost ? undefined : grant.patientId,
  };
}

function storeAccessToken(context: SandboxContext, grant: Grant): AccessToken {
  const token: AccessToken = {
    jti: randomHex(40),
    clientId: grant.client.id,
    userUuid: grant.user.uuid,
    scopes: grant.scopes,
    patientId: grant.patientId,
    expiresAt: context.clock.now() + context.accessTokenLifetimeSeconds * 1000,
    revoked: false,
    revokedByAdministrator: false,
    expiredEarly: false,
  };
  context.tokens.addAccessToken(token);
  return token;
}

function storeRefreshToken(context: SandboxContext, grant: Grant, accessToken: AccessToken): string {
  const token = encryptedLook(grant.scopes);
  context.tokens.addRefreshToken({
    token,
    jti: randomHex(40),
    clientId: grant.client.id,
    userUuid: grant.user.uuid,
    scopes: grant.scopes,
    patientId: grant.patientId,
    accessTokenJti: accessToken.jti,
    expiresAt: context.clock.now() + refreshLifetimeMs,
    revoked: false,
  });
  return token;
}

/** The SMART launch context, https://hl7.org/fhir/smart-app-launch/scopes-and-launch-context.html. */
function patientContext({ oauth }: Addresses, grant: Grant): Record<string, unknown> {
  if (grant.patientId === undefined || !grant.scopes.includes('launch/patient')) return {};
  return {
    patient: grant.patientId,
    need_patient_banner: true,
    smart_style_url: `${oauth}/smart/smart-style`,
  };
}

/** Times are seconds with a fraction, as lcobucci/jwt writes them. */
function accessTokenClaims(context: SandboxContext, { oauth }: Addresses, token: AccessToken): Claims {
  const now = context.clock.now() / 1000;
  return {
    aud: token.clientId,
    jti: token.jti,
    iat: now + 0.000_25,
    nbf: now + 0.000_25,
    exp: token.expiresAt / 1000 + 0.000_25,
    sub: token.userUuid,
    scopes: token.scopes,
    ...(context.era.accessTokenHasIssuer ? { iss: oauth } : {}),
  };
}

function idTokenClaims(
  context: SandboxContext,
  addresses: Addresses,
  grant: Grant,
  accessToken: AccessToken,
): Claims {
  const apis = grant.scopes
    .filter((scope) => scope.startsWith('api:'))
    .map((scope) => [scope, true] as const);
  return {
    aud: grant.client.id,
    iss: addresses.oauth,
    iat: Math.floor(context.clock.now() / 1000),
    exp: Math.floor(accessToken.expiresAt / 1000),
    sub: grant.user.uuid,
    ...(grant.scopes.includes('fhirUser') ? { fhirUser: fhirUser(addresses, grant.user) } : {}),
    ...profileClaims(grant),
    ...Object.fromEntries(apis),
    ...(grant.nonce === undefined ? {} : { nonce: grant.nonce }),
  };
}

function profileClaims({ user, scopes }: Grant): Claims {
  const name = {
    name: `${user.givenName} ${user.familyName}`,
    family_name: user.familyName,
    given_name: user.givenName,
    preferred_username: user.username,
  };
  return {
    ...(scopes.includes('profile') ? name : {}),
    ...(scopes.includes('email') ? { email: user.email, email_verified: true } : {}),
  };
}

export function fhirUser({ fhir }: Addresses, user: User): string {
  return `${fhir}/${fhirUserType(user)}/${user.uuid}`;
}
