import assert from 'node:assert/strict';
import { fetchCapabilityStatement } from '../../../src/core/fhir/capabilityStatement.ts';
import { fetchOpenEmrVersion } from '../../../src/core/fhir/openEmrVersion.ts';
import { CannedTransport, type CannedAnswer } from './cannedTransport.ts';
import {
  connection,
  fault82,
  fhirBaseUrl,
  statement70,
  statement82,
  unauthorised70,
  unknownSite82,
  version82,
} from './recordings.ts';

const fetchFrom = (answer: CannedAnswer) =>
  fetchCapabilityStatement(new CannedTransport(() => answer), connection);

describe('The CapabilityStatement', () => {
  it('of 7.0 tells versions, resource types and the OAuth addresses', async () => {
    const transport = new CannedTransport(() => ({ body: statement70, clockSkewMs: -1500 }));
    assert.deepEqual(await fetchCapabilityStatement(transport, connection), {
      fhirVersion: '4.0.1',
      openEmrVersion: '7.0.4',
      resourceTypes: ['AllergyIntolerance', 'Patient'],
      oauthUris: {
        token: 'https://emr.example.org/oauth2/default/token',
        authorize: 'https://emr.example.org/oauth2/default/authorize',
      },
      implementationUrl: fhirBaseUrl,
      latencyMs: 3,
      clockSkewMs: -1500,
    });
    assert.deepEqual(transport.urls, [`${fhirBaseUrl}/metadata`]);
    assert.equal(transport.requests[0]?.headers?.['authorization'], undefined);
  });

  it('of 8.2 tells neither the version of OpenEMR nor OAuth addresses', async () => {
    const statement = await fetchFrom({ body: statement82 });
    assert.equal(statement.openEmrVersion, undefined);
    assert.equal('oauthUris' in statement, false);
    assert.equal(statement.fhirVersion, '4.0.1');
  });

  it('may be as good as empty', async () => {
    assert.deepEqual(await fetchFrom({ body: { resourceType: 'CapabilityStatement' } }), {
      resourceTypes: [],
      latencyMs: 3,
    });
  });

  const refusals: [string, CannedAnswer, string][] = [
    ['the API is off (7.0)', { status: 501 }, 'fhir/api-disabled'],
    ['the site is unknown (8.2)', { status: 400, body: unknownSite82 }, 'discovery/site-unknown'],
    ['the site is unknown (7.0, 400)', { status: 400 }, 'discovery/site-unknown'],
    ['the site is unknown (7.0, 500)', { status: 500, body: ' ' }, 'discovery/site-unknown'],
    ['OpenEMR itself fails', { status: 500, body: fault82('System error occurred') }, 'http/server-error'],
    ['nothing is there', { status: 404, body: '<html>' }, 'discovery/not-found'],
    ['the server is busy', { status: 429 }, 'http/rate-limited'],
    ['it points elsewhere', { status: 302 }, 'http/unexpected-redirect'],
    ['a page answers', { body: '<!doctype html><title>Login</title>' }, 'http/not-json'],
    ['the JSON is cut off', { body: '{"resourceType":"Capab' }, 'http/not-json'],
    ['it is another resource', { body: { resourceType: 'Patient' } }, 'fhir/invalid-response'],
    ['a field has the wrong type', { body: { ...statement82, rest: 'all' } }, 'fhir/invalid-response'],
    [
      'a version is endless',
      { body: { ...statement82, fhirVersion: '4'.repeat(1000) } },
      'fhir/invalid-response',
    ],
  ];
  for (const [name, answer, code] of refusals) {
    it(`fails with ${code} where ${name}`, () => assert.rejects(fetchFrom(answer), { code }));
  }
});

describe('The version endpoint', () => {
  const versionFrom = (answer: CannedAnswer) =>
    fetchOpenEmrVersion(new CannedTransport(() => answer), connection);

  it('of 8.2 tells the version in numbers to anybody', async () => {
    assert.equal(await versionFrom({ body: version82 }), '8.2.0-dev');
  });

  it('reads the strings of 7.0 and names the patch level', async () => {
    const body = { v_major: '7', v_minor: '0', v_patch: '2', v_realpatch: '3', v_tag: '' };
    assert.equal(await versionFrom({ body }), '7.0.2 (3)');
  });

  it('tells nothing where it wants a token, answers with a page or with something else', async () => {
    assert.equal(await versionFrom({ status: 401, body: unauthorised70('Missing') }), undefined);
    assert.equal(await versionFrom({ body: '<html>' }), undefined);
    assert.equal(await versionFrom({ body: { v_major: { toString: 1 } } }), undefined);
  });
});
