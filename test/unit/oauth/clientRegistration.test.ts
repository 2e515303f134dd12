import { strict as assert } from 'node:assert';
import {
  redirectUrisToRegister,
  registerClient,
  type ClientRegistrationRequest,
} from '../../../src/core/oauth/clientRegistration.ts';
import { metadata, paths, refusals, without } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const request: ClientRegistrationRequest = {
  clientName: 'OpenEMR Workbench',
  clientType: 'confidential',
  redirectUris: ['vscode://emr-workbench.openemr-workbench/callback', 'http://127.0.0.1/callback'],
  postLogoutRedirectUri: 'http://127.0.0.1/loggedout',
  scopes: ['openid', 'user/Patient.read'],
};

const answered = {
  client_id: 'bdP0zZf-tRfJQpKKbTiDNgAzup-qX_awn9O9-9kvMsY',
  client_secret: 'j21ecvLmFi9HPc',
  registration_access_token: 'uiDSXx2GNSvYy5n8eW50',
  client_id_issued_at: 1795376732,
  client_secret_expires_at: 0,
  client_role: 'user',
  redirect_uris: [...request.redirectUris],
  scope: 'openid user/Patient.read',
};

const register = (answer: ScriptedAnswer, wanted = request) =>
  registerClient(new ScriptedTransport({ [paths.registration]: answer }), metadata, wanted);

describe('client registration', () => {
  it("asks in OpenEMR's dialect", async () => {
    const transport = new ScriptedTransport({ [paths.registration]: { json: answered } });
    await registerClient(transport, metadata, request);
    assert.equal(transport.requests[0]?.headers?.['content-type'], 'application/json');
    assert.deepEqual(JSON.parse(transport.requests[0].body!), {
      application_type: 'private',
      client_name: 'OpenEMR Workbench',
      redirect_uris: request.redirectUris,
      post_logout_redirect_uris: ['http://127.0.0.1/loggedout'],
      token_endpoint_auth_method: 'client_secret_post',
      contacts: ['openemr-workbench@localhost.invalid'],
      scope: 'openid user/Patient.read',
    });
  });

  it("takes 7.0's 200 with a JSON body called text/html", async () => {
    const headers = { 'content-type': 'text/html; charset=utf-8' };
    assert.deepEqual(await register({ status: 200, headers, json: answered }), {
      clientId: answered.client_id,
      clientSecret: 'j21ecvLmFi9HPc',
      scopes: ['openid', 'user/Patient.read'],
      redirectUris: [...request.redirectUris],
    });
  });

  it("takes the standard's 201, and asks back what was asked for where the answer leaves it out", async () => {
    assert.deepEqual(await register({ status: 201, json: { client_id: 'a', client_secret: 'b' } }), {
      clientId: 'a',
      clientSecret: 'b',
      scopes: ['openid', 'user/Patient.read'],
      redirectUris: [...request.redirectUris],
    });
  });

  it('registers a public client as public and reads its empty secret as none', async () => {
    const wanted = { ...request, clientType: 'public' } as const;
    const transport = new ScriptedTransport({
      [paths.registration]: { json: { ...answered, client_secret: '', client_role: 'patient' } },
    });
    const client = await registerClient(transport, metadata, wanted);
    const body = JSON.parse(transport.requests[0]!.body!) as Record<string, unknown>;
    assert.equal(client.clientSecret, undefined);
    assert.equal(body['application_type'], 'public');
  });

  it('names the scope that was refused', async () => {
    const failure = await failureOf(register(refusals.invalidScope('user/Bogus.read')));
    assert.equal(failure.code, 'registration/scope-refused');
    assert.equal(failure.details['scope'], 'user/Bogus.read');
  });

  it('names no scope where the hint names none', async () => {
    const failure = await failureOf(
      register({
        status: 400,
        json: { error: 'invalid_scope', hint: 'Specify a scope in the request or set a default scope' },
      }),
    );
    assert.equal(failure.code, 'registration/scope-refused');
    assert.equal(failure.details['scope'], undefined);
  });

  const failures: [string, ScriptedAnswer, string][] = [
    [
      'no redirect URIs',
      { status: 400, json: { error: 'invalid_redirect_uri', error_description: 'redirect_uris is invalid' } },
      'registration/redirect-refused',
    ],
    [
      "8.2's word about redirect URIs of a wrong type",
      {
        status: 400,
        json: {
          error: 'An error occurred',
          message: 'Unexpected value for parameter "redirect_uris": expecting "array", got "string".',
        },
      },
      'registration/redirect-refused',
    ],
    [
      'a post-logout URI',
      refusals.metadata('post_logout_redirect_uris is invalid'),
      'registration/metadata-refused',
    ],
    [
      'user scopes of a public client',
      refusals.metadata('system and user scopes are only allowed for confidential clients'),
      'registration/metadata-refused',
    ],
    ['an empty refusal', { status: 400 }, 'registration/invalid-response'],
    ['no such endpoint', { status: 404 }, 'registration/unavailable'],
    ['no such method', { status: 405 }, 'registration/unavailable'],
    ['registration by invitation', { status: 401 }, 'registration/unavailable'],
    ['a broken server', { status: 500 }, 'http/server-error'],
    ['a redirect', { status: 301, headers: { location: '/elsewhere' } }, 'http/unexpected-redirect'],
    ['a page', { text: '<html>' }, 'registration/invalid-response'],
    ['a client without id', { json: { ...answered, client_id: '' } }, 'registration/invalid-response'],
    [
      'a client id of odd letters',
      { json: { ...answered, client_id: 'a b' } },
      'registration/invalid-response',
    ],
    [
      'a secret that is no text',
      { json: { ...answered, client_secret: 7 } },
      'registration/invalid-response',
    ],
    ['no secret', { json: { ...answered, client_secret: '' } }, 'registration/invalid-response'],
  ];
  for (const [what, answer, code] of failures) {
    it(`says ${code} for ${what}`, async () => {
      assert.equal((await failureOf(register(answer))).code, code);
    });
  }

  it('gives the reason why the metadata were refused', async () => {
    const failure = await failureOf(register(refusals.metadata('jwks is invalid')));
    assert.equal(failure.details['reason'], 'jwks is invalid');
  });

  it('says so where the server has no registration at all', async () => {
    const transport = new ScriptedTransport({});
    const failure = await failureOf(
      registerClient(transport, without(metadata, 'registrationEndpoint'), request),
    );
    assert.equal(failure.code, 'registration/unavailable');
    assert.equal(transport.requests.length, 0);
  });
});

describe('redirect URIs to register', () => {
  const schemeUri = 'vscode://emr-workbench.openemr-workbench/callback';
  const loopbackUri = 'http://127.0.0.1/callback';
  const register = (openEmrVersion?: string) =>
    redirectUrisToRegister({ schemeUri, loopbackUri, openEmrVersion });

  for (const version of ['6.1.0', '7.0.0', '7.0.1', '7.0']) {
    it(`are one for OpenEMR ${version}, which joins several into one`, () => {
      assert.deepEqual(register(version), [loopbackUri]);
    });
  }
  for (const version of ['7.0.2', '7.0.4-dev', '7.1.0', '8.2.0-dev', 'nightly', undefined]) {
    it(`are both for OpenEMR ${String(version)}`, () => {
      assert.deepEqual(register(version), [schemeUri, loopbackUri]);
    });
  }
  it('are the loopback one where the editor has none', () => {
    assert.deepEqual(redirectUrisToRegister({ loopbackUri, openEmrVersion: '8.2.0' }), [loopbackUri]);
  });
});
