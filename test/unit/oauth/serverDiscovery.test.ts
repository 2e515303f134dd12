import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { discoverServer } from '../../../src/core/oauth/serverDiscovery.ts';
import { connection, openIdConfiguration, paths } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const base = connection.baseUrl;
const oauth = `${base}/oauth2/default`;
const endpoints = { authorization_endpoint: `${oauth}/authorize`, token_endpoint: `${oauth}/token` };

const smart70 = { ...endpoints, scopes_supported: [['openid']], capabilities: [] };
const smart82 = { ...smart70, issuer: `${base}/apis/default/fhir` };
const unauthorized = { status: 401, json: { error: 'access_denied' } };
const version82 = {
  json: { v_major: 8, v_minor: 2, v_patch: 0, v_realpatch: 0, v_tag: '-dev', v_database: 541, v_acl: 13 },
};

function statement(software: object, oauthUris?: Record<string, string>): object {
  const extension = Object.entries(oauthUris ?? {}).map(([url, valueUri]) => ({ url, valueUri }));
  return {
    resourceType: 'CapabilityStatement',
    software: { name: 'OpenEMR', ...software },
    implementation: { description: 'OpenEMR FHIR API', url: `${base}/apis/default/fhir` },
    fhirVersion: '4.0.1',
    rest: [
      {
        mode: 'server',
        security: oauthUris
          ? {
              extension: [
                { url: 'http://fhir-registry.smarthealthit.org/StructureDefinition/oauth-uris', extension },
              ],
            }
          : {},
        resource: [{ type: 'Patient' }],
      },
    ],
  };
}

const era70: Record<string, ScriptedAnswer> = {
  [paths.openId]: { json: openIdConfiguration() },
  [paths.smart]: { json: smart70 },
  [paths.capability]: {
    json: statement(
      { version: '7.0.4' },
      { authorize: endpoints.authorization_endpoint, token: endpoints.token_endpoint },
    ),
  },
  [paths.version]: unauthorized,
};
const era82: Record<string, ScriptedAnswer> = {
  [paths.openId]: { json: openIdConfiguration() },
  [paths.smart]: { json: smart82 },
  [paths.capability]: { json: statement({}) },
  [paths.version]: version82,
};

const discover = (scripts: Record<string, ScriptedAnswer>, from = connection) =>
  discoverServer(new ScriptedTransport(scripts), from);

describe('server discovery', () => {
  it('reads 7.0 from its CapabilityStatement and finds nothing contradictory', async () => {
    const found = await discover(era70);
    assert.equal(found.openEmrVersion, '7.0.4');
    assert.equal(found.era, '7.0');
    assert.equal(found.fhirVersion, '4.0.1');
    assert.deepEqual(found.contradictions, []);
    assert.equal(found.latencyMs, 12);
    assert.equal(found.clockSkewMs, 300);
  });

  it('reads 8.2 from /api/version and takes its SMART issuer for normal', async () => {
    const found = await discover(era82);
    assert.equal(found.openEmrVersion, '8.2.0-dev');
    assert.equal(found.era, '8.2');
    assert.deepEqual(found.contradictions, []);
  });

  it('asks for the four documents at once and for nothing else', async () => {
    let open = 0;
    let most = 0;
    const slow = (answer: ScriptedAnswer) => async () => {
      most = Math.max(most, ++open);
      await new Promise((resolve) => setTimeout(resolve, 5));
      open--;
      return answer;
    };
    const transport = new ScriptedTransport(
      Object.fromEntries(Object.entries(era82).map(([path, answer]) => [path, slow(answer)])),
    );
    await discoverServer(transport, connection, new AbortController().signal);
    assert.equal(transport.requests.length, 4);
    assert.equal(most, 4);
  });

  it('does with the OpenID configuration alone', async () => {
    const found = await discover({ [paths.openId]: { json: openIdConfiguration() } });
    assert.equal(found.era, 'unknown');
    assert.equal(found.smart, undefined);
    assert.equal(found.openEmrVersion, undefined);
    assert.equal(found.fhirVersion, undefined);
  });

  it('tells the eras apart where no version is to be had', async () => {
    const without = (scripts: Record<string, ScriptedAnswer>) => ({
      ...scripts,
      [paths.version]: unauthorized,
    });
    assert.equal((await discover(without(era82))).era, '8.2');
    const capability = { json: statement({}, { token: endpoints.token_endpoint }) };
    assert.equal((await discover({ ...without(era70), [paths.capability]: capability })).era, '7.0');
  });

  it('fails with the OpenID configuration and calls off the rest', async () => {
    const refused = new WorkbenchError('network/refused');
    const transport = new ScriptedTransport({ [paths.openId]: { error: refused } });
    assert.equal(await failureOf(discoverServer(transport, connection)), refused);
    assert.ok(transport.requests.every(({ signal }) => signal?.aborted));
  });

  it('tells of another Site Address once, at the issuer, not at every address that follows it', async () => {
    const typed = { baseUrl: 'https://127.0.0.1:19443', site: 'default' };
    for (const scripts of [era70, era82]) {
      assert.deepEqual((await discover(scripts, typed)).contradictions, [
        {
          kind: 'host',
          expected: 'https://127.0.0.1:19443/oauth2/default',
          found: 'https://localhost:19443/oauth2/default',
          where: 'openid-configuration issuer',
        },
      ]);
    }
  });

  const issuers: [string, string, string][] = [
    ['a slash', 'https://localhost:19443//oauth2/default', 'slash'],
    ['the scheme', 'http://localhost:19443/oauth2/default', 'scheme'],
    ['the port', 'https://localhost:9300/oauth2/default', 'port'],
    ['the path', 'https://localhost:19443/openemr/oauth2/default', 'path'],
    ['everything', 'https://emr.example.org/auth', 'host'],
  ];
  for (const [difference, issuer, kind] of issuers) {
    it(`says that an issuer differs in ${difference}`, async () => {
      const openId = { json: { ...openIdConfiguration(), issuer } };
      const { contradictions } = await discover({ [paths.openId]: openId });
      assert.equal(contradictions[0]?.kind, kind);
      assert.equal(contradictions[0].found, issuer);
    });
  }

  it('reports endpoints on other servers than the issuer', async () => {
    const openId = {
      json: {
        ...openIdConfiguration(),
        token_endpoint: 'https://other.example.org/token',
        introspection_endpoint: 'http://localhost:19443/introspect',
      },
    };
    const { contradictions } = await discover({ [paths.openId]: openId });
    assert.deepEqual(contradictions, [
      {
        kind: 'host',
        expected: 'https://localhost:19443',
        found: 'https://other.example.org',
        where: 'openid-configuration token_endpoint',
      },
      {
        kind: 'scheme',
        expected: 'https://localhost:19443',
        found: 'http://localhost:19443',
        where: 'openid-configuration introspection_endpoint',
      },
    ]);
  });

  it('reports where SMART configuration and CapabilityStatement say otherwise', async () => {
    const { contradictions } = await discover({
      ...era70,
      [paths.smart]: { json: { ...smart82, issuer: 'not an address', token_endpoint: `${oauth}/other` } },
      [paths.capability]: {
        json: statement(
          { version: '7.0.4' },
          { authorize: `${base}/oauth2/b/authorize`, token: `${oauth}/token/` },
        ),
      },
    });
    assert.deepEqual(
      contradictions.map(({ kind, where }) => `${kind}: ${where}`),
      [
        'address: smart-configuration issuer',
        'path: smart-configuration token_endpoint',
        'path: CapabilityStatement oauth-uris authorize',
        'slash: CapabilityStatement oauth-uris token',
      ],
    );
  });

  it('takes the OIDC issuer as SMART issuer too', async () => {
    const smart = { json: { ...smart82, issuer: oauth } };
    assert.deepEqual((await discover({ ...era82, [paths.smart]: smart })).contradictions, []);
  });
});
