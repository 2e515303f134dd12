import assert from 'node:assert/strict';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import type { RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { logIn, redeem, redirectUri, register, registerEnabled, staffScopes, tokensOf } from './browser.ts';
import type { RegisteredClient, TokenAnswer } from './browser.ts';

describe('Logging in to the sandbox', () => {
  let now = Date.UTC(2026, 5, 1);
  let sandbox: RunningSandbox;
  let client: RegisteredClient;

  before(async () => {
    sandbox = await startSandbox({ clock: () => now });
    client = await registerEnabled(sandbox.baseUrl);
  });
  after(() => sandbox.stop());

  it('ends with the tokens and the scopes that were granted', async () => {
    const tokens = await tokensOf(sandbox.baseUrl, client);
    assert.equal(tokens.scope, 'openid offline_access fhirUser user/Patient.read user/Encounter.read');
    assert.equal(tokens.expires_in, 3600);
    assert.ok(tokens.refresh_token);
  });

  it('leaves out the scopes that were unticked', async () => {
    const tokens = await tokensOf(sandbox.baseUrl, client, {
      untick: ['offline_access', 'user/Encounter.read'],
    });
    assert.equal(tokens.scope, 'openid fhirUser user/Patient.read');
    assert.equal(tokens.refresh_token, undefined);
  });

  it('gives a code that lives for 60 seconds of the sandbox’s clock', async () => {
    const callback = await logIn(sandbox.baseUrl, client);
    now += 59_000;
    assert.equal((await redeem(sandbox.baseUrl, client, callback)).status, 200);
    now += 2000;
    const late = await redeem(sandbox.baseUrl, client, callback);
    assert.equal(late.status, 400);
    assert.equal(((await late.json()) as { hint: string }).hint, 'Authorization code has expired');
  });

  it('works for a disabled client up to the token request, which fails', async () => {
    const disabled = await register(sandbox.baseUrl);
    const callback = await logIn(sandbox.baseUrl, disabled);
    assert.notEqual(callback.code, '');
    assert.equal((await redeem(sandbox.baseUrl, disabled, callback)).status, 401);
  });

  it('makes a patient choose nobody and staff choose the patient for launch/patient', async () => {
    const scope = 'openid launch/patient patient/Patient.read';
    const app = await register(sandbox.baseUrl, { application_type: 'public', scope });
    const patient = await tokensOf(sandbox.baseUrl, app, { scope, portal: sandbox.portal });
    assert.ok(patient.patient);
    const staff = await tokensOf(sandbox.baseUrl, app, { scope, patientId: patient.patient });
    assert.equal(staff.patient, patient.patient);
  });

  it('shows the login page again for a wrong password', async () => {
    const stranger = { username: 'admin', password: 'wrong', email: '' };
    await assert.rejects(logIn(sandbox.baseUrl, client, { portal: stranger }), TypeError);
  });

  it('answers a page without a session with a page that says so', async () => {
    const answer = await fetch(`${sandbox.baseUrl}/oauth2/default/provider/login`, {
      headers: { cookie: 'authserverOpenEMR=of-another-sandbox' },
    });
    assert.equal(answer.status, 400);
    assert.match(await answer.text(), /No login in progress/);
  });

  it('starts a new session where the cookie is unknown', async () => {
    const query = new URLSearchParams({
      response_type: 'code',
      client_id: client.client_id,
      redirect_uri: redirectUri,
      scope: staffScopes,
      state: 's',
    });
    const answer = await fetch(`${sandbox.baseUrl}/oauth2/default/authorize?${query.toString()}`, {
      redirect: 'manual',
      headers: { cookie: 'authserverOpenEMR=of-another-sandbox' },
    });
    const cookie = answer.headers.getSetCookie()[0] ?? '';
    assert.match(cookie, /^authserverOpenEMR=.+; path=\/oauth2\/; secure; HttpOnly; SameSite=None$/);
    assert.doesNotMatch(cookie, /of-another-sandbox/);
  });
});

describe('Redirect URIs of the sandbox', () => {
  const registered = 'https://code.example/callback?vscode-reqid=1';
  const changed = 'https://code.example/callback?vscode-reqid=2';
  const tokensWith = async (
    redirectMatching: 'exact' | 'ignore-query',
    uri: string,
  ): Promise<TokenAnswer> => {
    const sandbox = await startSandbox({ redirectMatching });
    try {
      const client = await registerEnabled(sandbox.baseUrl, { redirect_uris: [registered] });
      const callback = await logIn(sandbox.baseUrl, client, { redirectUri: uri });
      const answer = await redeem(sandbox.baseUrl, client, callback, uri);
      return (await answer.json()) as TokenAnswer;
    } finally {
      await sandbox.stop();
    }
  };

  it('are compared with their query as OpenEMR does', async () => {
    assert.ok((await tokensWith('exact', registered)).access_token);
    await assert.rejects(tokensWith('exact', changed), TypeError);
  });

  it('are compared without it where that was asked for', async () => {
    assert.ok((await tokensWith('ignore-query', changed)).access_token);
    await assert.rejects(tokensWith('ignore-query', 'https://code.example/other'), TypeError);
  });
});
