import type { TokenGrant } from '../../src/core/oauth/tokenSet.ts';

const scope = 'openid offline_access api:fhir fhirUser user/Patient.read';
const json = { 'content-type': 'application/json' };

/** A client that a sandbox knows and has enabled, with a way to sign in that needs no browser. */
export async function registerAndSignIn(baseUrl: string) {
  const registration = {
    application_type: 'private',
    client_name: 'Soak',
    redirect_uris: ['http://127.0.0.1/callback'],
    scope,
  };
  const answer = await fetch(`${baseUrl}/oauth2/default/registration`, {
    method: 'POST',
    headers: json,
    body: JSON.stringify(registration),
  });
  const { client_id: clientId, client_secret: clientSecret } = (await answer.json()) as Record<
    string,
    string
  >;
  if (!clientId || !clientSecret) throw new Error('The sandbox registered no client.');
  await fetch(`${baseUrl}/sandbox/clients/${clientId}/enable`, { method: 'POST' });
  await fetch(`${baseUrl}/sandbox/settings`, {
    method: 'PUT',
    headers: json,
    body: JSON.stringify({ oauth_password_grant: 3 }),
  });
  return { clientId, clientSecret, scope, signIn: () => signInByPassword(baseUrl, clientId, clientSecret) };
}

async function signInByPassword(
  baseUrl: string,
  clientId: string,
  clientSecret: string,
): Promise<TokenGrant> {
  const form = {
    grant_type: 'password',
    username: 'admin',
    password: 'pass',
    user_role: 'users',
    client_id: clientId,
    client_secret: clientSecret,
    scope,
  };
  const answer = await fetch(`${baseUrl}/oauth2/default/token`, {
    method: 'POST',
    body: new URLSearchParams(form),
  });
  const granted = (await answer.json()) as {
    access_token: string;
    refresh_token: string;
    expires_in: number;
  };
  return {
    accessToken: granted.access_token,
    refreshToken: granted.refresh_token,
    expiresAt: Date.now() + granted.expires_in * 1000,
    lifetimeSeconds: granted.expires_in,
    grantedScopes: scope.split(' '),
  };
}
