import { strict as assert } from 'node:assert';
import { createHash } from 'node:crypto';
import {
  checkAuthorizationRequest,
  createAuthorizationRequest,
} from '../../../src/core/oauth/authorizationRequest.ts';
import { metadata, paths, refusals } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const options = {
  metadata,
  clientId: 'client-1',
  redirectUri: 'http://127.0.0.1:19500/callback',
  scopes: ['openid', 'api:fhir', 'user/Patient.read', 'system/*.$export'],
  fhirBaseUrl: 'https://localhost:19443/apis/default/fhir',
};

describe('authorization request', () => {
  it('carries everything that OpenEMR looks at', () => {
    const request = createAuthorizationRequest(options);
    const parameters = Object.fromEntries(new URL(request.url).searchParams);
    assert.deepEqual(parameters, {
      response_type: 'code',
      client_id: 'client-1',
      redirect_uri: 'http://127.0.0.1:19500/callback',
      scope: 'openid api:fhir user/Patient.read system/*.$export',
      state: request.state,
      nonce: request.nonce,
      aud: 'https://localhost:19443/apis/default/fhir',
      code_challenge: request.codeChallenge,
      code_challenge_method: 'S256',
    });
    assert.ok(request.url.startsWith('https://localhost:19443/oauth2/default/authorize?response_type=code&'));
  });

  it('is encoded so that neither a plus sign nor a blank occurs', () => {
    const { url } = createAuthorizationRequest({ ...options, clientId: 'a+b c' });
    assert.ok(url.includes('scope=openid%20api%3Afhir%20'));
    assert.ok(url.includes('client_id=a%2Bb%20c&'));
    assert.doesNotMatch(url, /[+\s]/);
  });

  it('has fresh secrets of 256 bits each time, and the challenge of RFC 7636', () => {
    const requests = [createAuthorizationRequest(options), createAuthorizationRequest(options)];
    const secrets = requests.flatMap(({ state, nonce, codeVerifier }) => [state, nonce, codeVerifier]);
    assert.equal(new Set(secrets).size, 6);
    for (const secret of secrets) assert.match(secret, /^[\w-]{43}$/);
    for (const { codeVerifier, codeChallenge } of requests) {
      assert.equal(codeChallenge, createHash('sha256').update(codeVerifier).digest('base64url'));
    }
  });

  it('leaves out what is absent and keeps a query that the endpoint has', () => {
    const authorizationEndpoint = `${metadata.authorizationEndpoint}?tenant=a`;
    const { url } = createAuthorizationRequest({
      ...options,
      metadata: { ...metadata, authorizationEndpoint },
      fhirBaseUrl: '',
    });
    assert.ok(url.startsWith(`${authorizationEndpoint}&response_type=code&`));
    assert.ok(!new URL(url).searchParams.has('aud'));
  });
});

describe('authorization request, shown to the server before the browser', () => {
  const { url } = createAuthorizationRequest(options);
  const check = (answer: ScriptedAnswer, address = url) =>
    checkAuthorizationRequest(new ScriptedTransport({ [paths.authorize]: answer }), address);
  const back = (query: string, redirectUri = options.redirectUri): ScriptedAnswer => ({
    status: 302,
    headers: { location: `${redirectUri}?${query}` },
  });

  const fine: [string, ScriptedAnswer][] = [
    ["7.0's login", { status: 301, headers: { location: '/oauth2/default/provider/login' } }],
    ["8.2's login", { status: 307, headers: { location: '/oauth2/default/provider/login' } }],
    [
      'a login of another path',
      { status: 303, headers: { location: 'https://localhost:19443/interaction/1' } },
    ],
    ['a login page at once', { status: 200, text: '<html>' }],
    ['a code at once', back('code=abc&state=def')],
  ];
  for (const [what, answer] of fine) {
    it(`is fine with ${what}`, async () => {
      await check(answer);
    });
  }

  it('names the scope that comes back as invalid, without state', async () => {
    const failure = await failureOf(
      check(
        back(
          'error=invalid_scope&error_description=The+requested+scope+is+invalid%2C+unknown%2C+or+malformed&hint=Check+the+%60user%2FBogus.read%60+scope&message=The+requested+scope',
        ),
      ),
    );
    assert.equal(failure.code, 'authorization/invalid-scope');
    assert.deepEqual(failure.details, { scope: 'user/Bogus.read' });
  });

  it('recognises its redirect URI of a custom scheme', async () => {
    const redirectUri = 'vscode://emr-workbench.openemr-workbench/callback';
    const request = createAuthorizationRequest({ ...options, redirectUri });
    const failure = await failureOf(check(back('error=access_denied', redirectUri), request.url));
    assert.equal(failure.code, 'authorization/denied');
  });

  it('passes on the hint of a refused request', async () => {
    const failure = await failureOf(
      check(refusals.malformed('Aud parameter did not match authorized server')),
    );
    assert.equal(failure.code, 'authorization/request-refused');
    assert.equal(failure.details['hint'], 'Aud parameter did not match authorized server');
  });

  const failures: [string, ScriptedAnswer, string][] = [
    ['an unknown client or redirect URI', refusals.invalidClient, 'authorization/address-refused'],
    ['a page that says no', { status: 400, text: '<html>' }, 'authorization/request-refused'],
    ['7.0 with its APIs off', { status: 404 }, 'discovery/api-disabled'],
    ['a password prompt of a proxy', { status: 401, text: '<html>' }, 'http/unexpected-status'],
    ['a broken server', { status: 500 }, 'http/server-error'],
    ['a rate limit', { status: 429 }, 'http/rate-limited'],
    ['a server fault that comes back', back('error=server_error'), 'authorization/server-error'],
    [
      'a redirect to another server',
      { status: 302, headers: { location: 'https://evil.example/x' } },
      'http/unexpected-redirect',
    ],
    [
      'a redirect without target',
      { status: 302, headers: { location: 'https://[' } },
      'http/unexpected-redirect',
    ],
    ['a response that contradicts itself', back('error=x&code=y&state=z'), 'authorization/invalid-response'],
  ];
  for (const [what, answer, code] of failures) {
    it(`says ${code} for ${what}`, async () => {
      assert.equal((await failureOf(check(answer))).code, code);
    });
  }
});
