import assert from 'node:assert/strict';
import { runConnectionTest } from '../../../src/core/fhir/connectionTest.ts';
import type { ConnectionTestRow } from '../../../src/core/fhir/connectionTestRow.ts';
import { fhirGet } from '../../../src/core/fhir/fhirClient.ts';
import { countPatients } from '../../../src/core/fhir/patientCount.ts';
import { fetchAuthorizationServerMetadata } from '../../../src/core/oauth/authorizationServerMetadata.ts';
import { fetchSmartConfiguration } from '../../../src/core/oauth/smartConfiguration.ts';
import { createFetchTransport } from '../../../src/platform/fetchTransport.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';

const scopes = ['openid', 'offline_access', 'api:fhir', 'user/Patient.read'];

async function call(url: string, init: RequestInit): Promise<Record<string, string>> {
  const response = await fetch(url, init);
  assert.ok(response.ok, `${url}: ${response.status}`);
  const text = await response.text();
  return (text ? JSON.parse(text) : {}) as Record<string, string>;
}

const asJson = (method: string, body: unknown): RequestInit => ({
  method,
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify(body),
});

/** A token without a browser: the sandbox's password grant. */
async function accessToken({ baseUrl, username, password }: RunningSandbox): Promise<string> {
  const oauth = `${baseUrl}/oauth2/default`;
  const client = await call(
    `${oauth}/registration`,
    asJson('POST', {
      application_type: 'private',
      client_name: 'Test client',
      redirect_uris: ['http://127.0.0.1/callback'],
      contacts: ['test@example.org'],
      scope: scopes.join(' '),
    }),
  );
  await call(`${baseUrl}/sandbox/clients/${client['client_id'] ?? ''}/enable`, { method: 'POST' });
  await call(`${baseUrl}/sandbox/settings`, asJson('PUT', { oauth_password_grant: 3 }));
  const tokens = await call(`${oauth}/token`, {
    method: 'POST',
    body: new URLSearchParams({
      grant_type: 'password',
      client_id: client['client_id'] ?? '',
      client_secret: client['client_secret'] ?? '',
      scope: scopes.join(' '),
      user_role: 'users',
      username,
      password,
    }),
  });
  return tokens['access_token'] ?? '';
}

function runAgainst(sandbox: RunningSandbox, token: string) {
  const transport = createFetchTransport();
  const connection = { baseUrl: sandbox.baseUrl, site: 'default' };
  return runConnectionTest({
    transport,
    connection,
    tokens: { accessToken: token, expiresAt: Date.now() + 3_600_000, grantedScopes: scopes },
    fetchMetadata: (signal) => fetchAuthorizationServerMetadata(transport, connection, signal),
    fetchSmartConfiguration: (signal) => fetchSmartConfiguration(transport, connection, signal),
    now: () => Date.now(),
  });
}

const explain = (rows: readonly ConnectionTestRow[]) =>
  rows.map(({ id, status, errorCode }) => `${id} ${status} ${errorCode ?? ''}`.trim());

for (const era of ['7.0', '8.2'] as const) {
  describe(`The connection test against the sandbox of ${era}`, () => {
    let sandbox: RunningSandbox;
    let token: string;

    before(async () => {
      sandbox = await startSandbox({ era });
      token = await accessToken(sandbox);
    });
    after(() => sandbox.stop());

    it('passes all that applies, and counts the patients', async () => {
      const result = await runAgainst(sandbox, token);
      assert.deepEqual(explain(result.rows), [
        'server pass',
        'certificate skipped',
        'discovery pass',
        'capabilityStatement pass',
        'openEmrVersion pass',
        'token pass',
        'patientRead pass',
        'patientCount pass',
      ]);
      assert.equal(result.fhirVersion, '4.0.1');
      assert.ok(result.openEmrVersion?.startsWith(era));
      assert.ok((result.patientCount?.count ?? 0) >= 100);
    });

    it('counts the same whatever the page size', async () => {
      const whole = await countPatients(createFetchTransport(), sandbox.fhirBaseUrl, token);
      const inPages = await countPatients(createFetchTransport(), sandbox.fhirBaseUrl, token, {
        pageSize: 3,
      });
      assert.deepEqual(inPages, whole);
    });

    it('tells a missing permission, a bad token and a missing record apart', async () => {
      const transport = createFetchTransport();
      const read = (path: string, accessToken = token) =>
        fhirGet(transport, { url: `${sandbox.fhirBaseUrl}/${path}`, accessToken });
      await assert.rejects(read('Observation?_count=1'), { code: 'fhir/access-refused' });
      await assert.rejects(read('Patient?_count=1', 'garbage'), { code: 'fhir/token-refused' });
      await assert.rejects(read('Patient/a349cdaa-0000-4000-8000-000000000000'), { code: 'fhir/not-found' });
    });
  });
}

describe('The connection test against nobody', () => {
  it('says once that nothing answers', async () => {
    const gone = await startSandbox({});
    await gone.stop();
    const result = await runAgainst(gone, 'token');
    assert.equal(result.failed, 1);
    assert.equal(result.rows[0]?.errorCode, 'network/refused');
  });
});
