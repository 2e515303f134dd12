import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { fetchAuthorizationServerMetadata } from '../../../src/core/oauth/authorizationServerMetadata.ts';
import { fetchSmartConfiguration } from '../../../src/core/oauth/smartConfiguration.ts';
import { connection, metadata, openIdConfiguration, paths, refusals } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const fetchFrom = (answer: ScriptedAnswer, from = connection) =>
  fetchAuthorizationServerMetadata(new ScriptedTransport({ [paths.openId]: answer }), from);

describe('authorization server metadata', () => {
  it('reads the recorded OpenID configuration and names each scope once', async () => {
    assert.deepEqual(await fetchFrom({ json: openIdConfiguration() }), metadata);
  });

  it('goes without the endpoints that a server may lack', async () => {
    const { issuer, authorization_endpoint, token_endpoint, jwks_uri } = openIdConfiguration();
    const found = await fetchFrom({ json: { issuer, authorization_endpoint, token_endpoint, jwks_uri } });
    assert.equal(found.registrationEndpoint, undefined);
    assert.equal(found.endSessionEndpoint, undefined);
    assert.equal(found.introspectionEndpoint, undefined);
    assert.deepEqual(found.scopesSupported, []);
  });

  it('accepts plain http on loopback', async () => {
    const local = { baseUrl: 'http://127.0.0.1:8300', site: 'default' };
    const found = await fetchFrom({ json: openIdConfiguration(local.baseUrl) }, local);
    assert.equal(found.tokenEndpoint, 'http://127.0.0.1:8300/oauth2/default/token');
  });

  it('refuses an issuer that is not the address', async () => {
    const failure = await fetchFrom(
      { json: openIdConfiguration('https://localhost:19443') },
      { baseUrl: 'https://127.0.0.1:19443', site: 'default' },
    ).catch((error: unknown) => error);
    assert.ok(failure instanceof WorkbenchError);
    assert.equal(failure.code, 'discovery/issuer-mismatch');
    assert.deepEqual(failure.details, {
      expected: 'https://127.0.0.1:19443/oauth2/default',
      found: 'https://localhost:19443/oauth2/default',
    });
  });

  for (const endpoint of [
    'http://emr.example.org/token',
    'javascript:alert(1)',
    'https://user:pass@emr.example.org/token',
    'https://emr.example.org/token#x',
    'not an address',
    17,
    undefined,
  ]) {
    it(`refuses the token endpoint ${String(endpoint)}`, async () => {
      const failure = await failureOf(
        fetchFrom({ json: { ...openIdConfiguration(), token_endpoint: endpoint } }),
      );
      assert.equal(failure.code, 'discovery/invalid-metadata');
      assert.deepEqual(failure.details['fields'], ['token_endpoint']);
    });
  }

  const answers: [string, ScriptedAnswer, string][] = [
    ['7.0 with its APIs off', { status: 404 }, 'discovery/api-disabled'],
    ['8.2 with its APIs off', refusals.apiDisabled82, 'discovery/api-disabled'],
    ['an unimplemented answer without body', { status: 501 }, 'discovery/api-disabled'],
    ['7.0 without that site', { status: 500 }, 'discovery/site-unknown'],
    ['8.2 without that site', refusals.unknownSite82, 'discovery/site-unknown'],
    ['an empty refusal', { status: 400 }, 'discovery/site-unknown'],
    ['another web server', { status: 404, text: '<html>Not Found</html>' }, 'discovery/not-found'],
    ['a page', { text: '<html>Welcome</html>' }, 'discovery/not-openemr'],
    ['an empty page', {}, 'discovery/not-openemr'],
    ['JSON that is no object', { json: ['x'] }, 'discovery/not-openemr'],
    ['JSON null', { json: null }, 'discovery/not-openemr'],
    ['http on an https port', { status: 400, text: '<html>Bad Request</html>' }, 'discovery/not-openemr'],
    ['a broken server', { status: 500, text: 'Fatal error' }, 'http/server-error'],
    ['a server that is not there', { status: 503 }, 'http/server-error'],
    ['a password prompt', { status: 401 }, 'http/unexpected-status'],
  ];
  for (const [server, answer, code] of answers) {
    it(`says ${code} for ${server}`, async () => {
      assert.equal((await failureOf(fetchFrom(answer))).code, code);
    });
  }

  it('follows no redirect and says where it led, without its query', async () => {
    const failure = await failureOf(
      fetchFrom({ status: 302, headers: { location: 'https://sso.example.org/login?token=abc' } }),
    );
    assert.equal(failure.code, 'http/unexpected-redirect');
    assert.equal(failure.details['location'], 'https://sso.example.org/login');
  });

  it('copes with a redirect to nowhere', async () => {
    const failure = await failureOf(fetchFrom({ status: 302, headers: { location: 'https://[' } }));
    assert.deepEqual(failure.details, { status: 302 });
  });

  it('tells how long a rate limit lasts, from seconds, a date, or not at all', async () => {
    const waits = [
      { 'retry-after': '30' },
      { 'retry-after': 'Sun, 22 Nov 2026 20:00:45 GMT', date: 'Sun, 22 Nov 2026 20:00:00 GMT' },
      { 'retry-after': 'Sun, 22 Nov 2020 20:00:45 GMT' },
      { 'retry-after': 'soon' },
      {},
    ];
    const found = [];
    for (const headers of waits) {
      const failure = await failureOf(fetchFrom({ status: 429, headers: headers }));
      assert.equal(failure.code, 'http/rate-limited');
      found.push(failure.details['retryAfterSeconds']);
    }
    assert.deepEqual(found, [30, 45, 0, undefined, undefined]);
  });

  it('lets the errors of the transport through', async () => {
    const refused = new WorkbenchError('network/refused');
    assert.equal(await failureOf(fetchFrom({ error: refused })), refused);
  });
});

describe('SMART configuration', () => {
  const fetchSmart = (json: unknown) =>
    fetchSmartConfiguration(new ScriptedTransport({ [paths.smart]: { json } }), connection);

  it("flattens 8.2's list of scopes within a list", async () => {
    const base = `${connection.baseUrl}/oauth2/default`;
    const found = await fetchSmart({
      issuer: `${connection.baseUrl}/apis/default/fhir`,
      authorization_endpoint: `${base}/authorize`,
      token_endpoint: `${base}/token`,
      scopes_supported: [['openid', 'fhirUser', 'openid']],
      capabilities: ['launch-standalone', 7],
    });
    assert.deepEqual(found, {
      issuer: 'https://localhost:19443/apis/default/fhir',
      authorizationEndpoint: 'https://localhost:19443/oauth2/default/authorize',
      tokenEndpoint: 'https://localhost:19443/oauth2/default/token',
      scopesSupported: ['openid', 'fhirUser'],
      capabilities: ['launch-standalone'],
    });
  });

  it('reads a document of wrong types as an empty one', async () => {
    assert.deepEqual(await fetchSmart({ issuer: 7, scopes_supported: 'openid', capabilities: {} }), {
      scopesSupported: [],
      capabilities: [],
    });
  });
});
