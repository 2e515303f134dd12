import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { fetchAuthorizationServerMetadata } from '../../../src/core/oauth/authorizationServerMetadata.ts';
import type { AuthorizationServerMetadata } from '../../../src/core/oauth/authorizationServerMetadata.ts';
import {
  checkAuthorizationRequest,
  createAuthorizationRequest,
  type AuthorizationRequest,
} from '../../../src/core/oauth/authorizationRequest.ts';
import { registerClient } from '../../../src/core/oauth/clientRegistration.ts';
import { introspect } from '../../../src/core/oauth/introspection.ts';
import { endSession } from '../../../src/core/oauth/logout.ts';
import {
  exchangeAuthorizationCode,
  fetchJwks,
  refreshTokens,
  type AuthorizationCodeExchange,
} from '../../../src/core/oauth/openIdClient.ts';
import { discoverServer } from '../../../src/core/oauth/serverDiscovery.ts';
import { createFetchTransport } from '../../../src/platform/fetchTransport.ts';
import { IndependentServer, signIn, testClient, testScopes } from './independentServer.ts';

const transport = createFetchTransport();
const schemeUri = 'vscode://emr-workbench.openemr-workbench/callback';
const loopbackUri = 'http://127.0.0.1:49152/callback';

let server: IndependentServer;
let connection: { baseUrl: string; site: string };
let metadata: AuthorizationServerMetadata;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WorkbenchError) return error.code;
    throw error;
  }
  throw new Error('It did not fail.');
}

function requestFor(redirectUri: string, clientId = testClient.clientId): AuthorizationRequest {
  const fhirBaseUrl = `${server.baseUrl}/apis/default/fhir`;
  return createAuthorizationRequest({ metadata, clientId, redirectUri, scopes: testScopes, fhirBaseUrl });
}

async function exchangeFor(
  request: AuthorizationRequest,
  callbackUrl: string,
  changes: Partial<AuthorizationCodeExchange> = {},
) {
  const { state, nonce, codeVerifier, redirectUri } = request;
  const jwks = 'jwks' in changes ? changes.jwks : await fetchJwks(transport, metadata);
  const secrets = { state, nonce, codeVerifier, redirectUri };
  return exchangeAuthorizationCode({
    ...{ transport, metadata, client: testClient, callbackUrl, now: Date.now, ...secrets },
    ...changes,
    jwks,
  });
}

async function login(redirectUri = schemeUri) {
  const request = requestFor(redirectUri);
  return { request, callbackUrl: await signIn(request.url) };
}

describe('code flow against an independent OpenID provider', function () {
  this.timeout(20_000);

  before(async () => {
    server = await IndependentServer.start();
    connection = { baseUrl: server.baseUrl, site: 'default' };
    metadata = await fetchAuthorizationServerMetadata(transport, connection);
  });
  after(() => server.stop());

  it('discovers a server that is no OpenEMR, without contradictions', async () => {
    const found = await discoverServer(transport, connection);
    assert.equal(found.era, 'unknown');
    assert.deepEqual(found.contradictions, []);
    assert.ok(Math.abs(found.clockSkewMs ?? 0) < 5000);
  });

  for (const redirectUri of [schemeUri, loopbackUri]) {
    it(`signs in and refreshes with ${redirectUri}`, async () => {
      const request = requestFor(redirectUri);
      await checkAuthorizationRequest(transport, request.url);
      const callbackUrl = await signIn(request.url);
      assert.ok(callbackUrl.startsWith(redirectUri));
      const jwks = await fetchJwks(transport, metadata);
      const before = server.requests.length;
      const grant = await exchangeFor(request, callbackUrl, { jwks });
      assert.equal(server.requests.length - before, 1);
      assert.equal(grant.fhirUser, 'https://emr.example.org/fhir/Person/1');
      assert.deepEqual(
        grant.grantedScopes.toSorted(),
        testScopes.filter((s) => s !== 'offline_access').toSorted(),
      );
      assert.ok(Math.abs(grant.expiresAt - Date.now() - 1_200_000) < 5000);

      const refreshed = await refreshTokens({
        ...{ transport, metadata, client: testClient, now: Date.now },
        refreshToken: grant.refreshToken!,
        scope: grant.grantedScopes.join(' '),
      });
      assert.notEqual(refreshed.accessToken, grant.accessToken);
      assert.notEqual(refreshed.refreshToken, grant.refreshToken);
      const known = await introspect(transport, metadata, testClient, refreshed.accessToken, 'access_token');
      assert.equal(known.active, true);
      assert.equal(known.clientId, testClient.clientId);
      const options = { transport, metadata, client: testClient, now: Date.now, scope: 'openid' };
      assert.equal(
        await codeOf(refreshTokens({ ...options, refreshToken: grant.refreshToken! })),
        'refresh/refused',
      );
    });
  }

  it('signs a public client in, by PKCE alone', async () => {
    const request = requestFor(loopbackUri, 'public-workbench');
    const callbackUrl = await signIn(request.url);
    const grant = await exchangeFor(request, callbackUrl, { client: { clientId: 'public-workbench' } });
    assert.ok(grant.idToken);
  });

  it('gets over keys that were changed since they were fetched', async () => {
    const jwks = await fetchJwks(transport, metadata);
    await server.changeKeys();
    const { request, callbackUrl } = await login();
    const before = server.requests.length;
    assert.ok((await exchangeFor(request, callbackUrl, { jwks })).idToken);
    assert.deepEqual(server.requests.slice(before), [
      'POST /oauth2/default/token',
      'GET /oauth2/default/jwk',
    ]);
  });

  it('refuses a login whose nonce is not the one that was asked with', async () => {
    const { request, callbackUrl } = await login();
    assert.equal(await codeOf(exchangeFor(request, callbackUrl, { nonce: 'another' })), 'id-token/invalid');
  });

  it('is refused with another verifier', async () => {
    const { request, callbackUrl } = await login();
    const codeVerifier = requestFor(schemeUri).codeVerifier;
    // The standard's invalid_grant does not tell what of the grant is wrong.
    assert.equal(await codeOf(exchangeFor(request, callbackUrl, { codeVerifier })), 'grant/code-unknown');
  });

  it('is refused with a wrong secret', async () => {
    const { request, callbackUrl } = await login();
    const client = { clientId: testClient.clientId, clientSecret: 'wrong' };
    assert.equal(await codeOf(exchangeFor(request, callbackUrl, { client })), 'grant/client-refused');
  });

  it('is refused with a code that was redeemed before', async () => {
    const { request, callbackUrl } = await login();
    await exchangeFor(request, callbackUrl);
    assert.equal(await codeOf(exchangeFor(request, callbackUrl)), 'grant/code-unknown');
  });

  it('refuses an answer that names another issuer', async () => {
    const { request, callbackUrl } = await login();
    const forged = new URL(callbackUrl);
    forged.searchParams.set('iss', 'https://evil.example');
    assert.equal(await codeOf(exchangeFor(request, forged.href)), 'authorization/invalid-response');
  });

  it('learns of an unknown client and of a wrong redirect URI before a browser opens', async () => {
    for (const url of [requestFor(schemeUri, 'nobody').url, requestFor('http://127.0.0.1/other').url]) {
      assert.equal(await codeOf(checkAuthorizationRequest(transport, url)), 'authorization/request-refused');
    }
  });

  it('learns of an invalid request that comes back to the redirect URI', async () => {
    const { url } = requestFor(schemeUri);
    const withoutMethod = url.replace('code_challenge_method=S256', 'code_challenge_method=bogus');
    assert.equal(
      await codeOf(checkAuthorizationRequest(transport, withoutMethod)),
      'authorization/request-refused',
    );
  });

  it('registers a client and signs it in', async () => {
    const client = await registerClient(transport, metadata, {
      clientName: 'OpenEMR Workbench',
      clientType: 'confidential',
      redirectUris: [schemeUri, 'http://127.0.0.1/callback'],
      postLogoutRedirectUri: 'http://127.0.0.1/loggedout',
      scopes: testScopes,
    });
    assert.deepEqual(client.redirectUris, [schemeUri, 'http://127.0.0.1/callback']);
    const request = requestFor(loopbackUri, client.clientId);
    const callbackUrl = await signIn(request.url);
    assert.ok((await exchangeFor(request, callbackUrl, { client })).refreshToken);
  });

  it('has a registration refused for its redirect URI', async () => {
    const request = {
      clientName: 'x',
      clientType: 'confidential',
      redirectUris: ['http://emr.example.org/callback'],
      postLogoutRedirectUri: 'http://127.0.0.1/loggedout',
      scopes: testScopes,
    } as const;
    assert.equal(await codeOf(registerClient(transport, metadata, request)), 'registration/redirect-refused');
  });

  it('has a logout refused for an id_token that is none', async () => {
    assert.deepEqual(await endSession(transport, metadata, { idTokenHint: 'garbage' }), {
      ended: false,
      reason: 'refused',
      status: 400,
    });
  });

  it('tells a server that is off from one that refuses', async () => {
    const gone = await IndependentServer.start();
    const address = { baseUrl: gone.baseUrl, site: 'default' };
    await gone.stop();
    assert.equal(await codeOf(fetchAuthorizationServerMetadata(transport, address)), 'network/refused');
  });
});
