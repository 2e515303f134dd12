import assert from 'node:assert/strict';
import { siteEndpoints } from '../../src/core/oauth/issuer.ts';
import { decodeJwt } from '../../src/core/oauth/jwt.ts';
import type { RunningSandbox } from '../../src/sandbox/sandboxServer.ts';

export interface SandboxLogin {
  readonly accessToken: string;
  readonly grantedScopes: readonly string[];
  readonly patient?: string;
}

async function answerOf(url: string, init: RequestInit): Promise<Record<string, unknown>> {
  const response = await fetch(url, init);
  const text = await response.text();
  assert.ok(response.ok, `${url}: ${response.status} ${text}`);
  return text ? (JSON.parse(text) as Record<string, unknown>) : {};
}

const asJson = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** A login without a browser, by the sandbox's password grant: as staff, or as the portal's patient. */
export async function logInToSandbox(
  sandbox: RunningSandbox,
  scopes: readonly string[],
  as: 'staff' | 'patient' = 'staff',
): Promise<SandboxLogin> {
  const { baseUrl, username, password, portal } = sandbox;
  const { issuer } = siteEndpoints({ baseUrl, site: 'default' });
  const client = await answerOf(
    `${issuer}/registration`,
    asJson('POST', {
      application_type: 'private',
      client_name: 'Test client',
      redirect_uris: ['http://127.0.0.1/callback'],
      contacts: ['test@example.org'],
      scope: scopes.join(' '),
    }),
  );
  const clientId = String(client['client_id']);
  await answerOf(`${baseUrl}/sandbox/clients/${clientId}/enable`, { method: 'POST' });
  await answerOf(`${baseUrl}/sandbox/settings`, asJson('PUT', { oauth_password_grant: 3 }));
  const person =
    as === 'staff' ? { user_role: 'users', username, password } : { user_role: 'patient', ...portal };
  const tokens = await answerOf(`${issuer}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: clientId,
      client_secret: String(client['client_secret']),
      scope: scopes.join(' '),
      ...person,
    }),
  });
  const accessToken = String(tokens['access_token']);
  const claims = decodeJwt(accessToken)?.claims ?? {};
  return {
    accessToken,
    grantedScopes: claims['scopes'] as string[],
    ...(as === 'patient' ? { patient: String(claims['sub']) } : {}),
  };
}
