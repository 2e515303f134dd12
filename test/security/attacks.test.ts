import assert from 'node:assert/strict';
import { request as httpRequest } from 'node:http';
import { isWorkbenchError } from '../../src/core/base/errors.ts';
import { fhirGet } from '../../src/core/fhir/fhirClient.ts';
import {
  createAuthorizationRequest,
  checkAuthorizationRequest,
} from '../../src/core/oauth/authorizationRequest.ts';
import { fetchAuthorizationServerMetadata } from '../../src/core/oauth/authorizationServerMetadata.ts';
import { endSession } from '../../src/core/oauth/logout.ts';
import { registerClient } from '../../src/core/oauth/clientRegistration.ts';
import { exchangeAuthorizationCode, refreshTokens } from '../../src/core/oauth/openIdClient.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { listenOnLoopback } from '../../src/platform/loopbackListener.ts';
import { MaliciousServer } from './maliciousServer.ts';

const transport = createFetchTransport();
const client = { clientId: 'client', clientSecret: 'the-client-secret' };
const redirectUri = 'http://127.0.0.1:49152/callback';
const verifier = 'v'.repeat(43);
const donePage = { language: 'en', title: 'Done', text: 'Close this page.' };

describe('An attacker who owns the server, or sits beside it (RFC 9700 section 4)', () => {
  let server: MaliciousServer;
  let other: MaliciousServer;

  beforeEach(async () => {
    [server, other] = await Promise.all([MaliciousServer.start(), MaliciousServer.start()]);
  });
  afterEach(() => Promise.all([server.stop(), other.stop()]));

  const exchange = (callbackUrl = `${redirectUri}?code=the-code&state=the-state`) =>
    exchangeAuthorizationCode({
      ...{ transport, metadata: server.metadata, client, callbackUrl, redirectUri, codeVerifier: verifier },
      ...{ state: 'the-state', nonce: 'the-nonce', jwks: server.jwks, now: Date.now },
    });
  const tokens = (idToken: string, more: Record<string, unknown> = {}) =>
    server.json('/oauth2/default/token', {
      ...{
        access_token: 'access',
        token_type: 'Bearer',
        expires_in: 3600,
        id_token: idToken,
        scope: 'openid',
      },
      ...more,
    });
  const codeOf = async (work: Promise<unknown>): Promise<string> => {
    try {
      await work;
    } catch (error) {
      assert.ok(isWorkbenchError(error), String(error));
      return error.code;
    }
    return 'accepted';
  };

  it('would be let in if everything were right (so that the refusals below mean something)', async () => {
    tokens(await server.idToken());
    assert.equal(await codeOf(exchange()), 'accepted');
  });

  it('cannot mix servers up: an answer that names another issuer is refused before the code is sent (4.4)', async () => {
    tokens(await server.idToken());
    const mixedUp = `${redirectUri}?code=the-code&state=the-state&iss=${encodeURIComponent(other.issuer)}`;
    assert.notEqual(await codeOf(exchange(mixedUp)), 'accepted');
    assert.equal(server.reached('/oauth2/default/token') + other.reached('/oauth2/default/token'), 0);
  });

  it('cannot mix servers up: a code goes to the token endpoint of the server it was asked of, never another (4.4)', async () => {
    tokens(await server.idToken());
    await exchange();
    assert.equal(other.requests.length, 0);
  });

  it('cannot pass a document of another issuer off as its own (issuer confusion, RFC 8414 3.3)', async () => {
    const { issuer, authorizationEndpoint, tokenEndpoint, jwksUri } = other.metadata;
    server.json('/oauth2/default/.well-known/openid-configuration', {
      ...{
        issuer,
        authorization_endpoint: authorizationEndpoint,
        token_endpoint: tokenEndpoint,
        jwks_uri: jwksUri,
      },
    });
    const fetched = fetchAuthorizationServerMetadata(transport, server.connection);
    assert.equal(await codeOf(fetched), 'discovery/issuer-mismatch');
  });

  it('cannot name a token endpoint that is reached without encryption', async () => {
    const { issuer, authorizationEndpoint, jwksUri } = server.metadata;
    server.json('/oauth2/default/.well-known/openid-configuration', {
      ...{ issuer, authorization_endpoint: authorizationEndpoint, jwks_uri: jwksUri },
      token_endpoint: 'http://collector.example/token',
    });
    const fetched = fetchAuthorizationServerMetadata(transport, server.connection);
    assert.equal(await codeOf(fetched), 'discovery/invalid-metadata');
  });

  it('cannot inject the code of another login: its nonce is another (4.5)', async () => {
    tokens(await server.idToken({ nonce: 'of-the-victim' }));
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot leave the nonce out (4.5)', async () => {
    tokens(await server.idToken({ nonce: undefined }));
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot replace the token by one for another client (token substitution, 4.6)', async () => {
    tokens(await server.idToken({ aud: 'another-client' }));
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot replace the token by one of another issuer', async () => {
    tokens(await server.idToken({ iss: other.issuer }));
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot sign with a key that is not the server’s', async () => {
    tokens((await other.idToken({ iss: server.issuer })).replace(/\s/g, ''));
    server.json('/oauth2/default/jwk', server.jwks);
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot leave the signature out (alg none)', async () => {
    tokens(server.unsignedIdToken());
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot come with a token that has expired', async () => {
    const past = Math.floor(Date.now() / 1000) - 7200;
    tokens(await server.idToken({ iat: past, exp: past + 60 }));
    assert.equal(await codeOf(exchange()), 'id-token/invalid');
  });

  it('cannot make the client hand out its code under a state that it did not choose (CSRF, 4.7)', async () => {
    tokens(await server.idToken());
    assert.notEqual(await codeOf(exchange(`${redirectUri}?code=the-code&state=of-the-attacker`)), 'accepted');
    assert.equal(server.reached('/oauth2/default/token'), 0);
  });

  it('cannot downgrade PKCE: challenge and verifier are sent whatever the server says it supports (4.8)', async () => {
    tokens(await server.idToken());
    const request = createAuthorizationRequest({
      ...{ metadata: server.metadata, clientId: 'client', redirectUri, scopes: ['openid'] },
      fhirBaseUrl: `${server.baseUrl}/apis/default/fhir`,
    });
    const asked = new URL(request.url).searchParams;
    assert.equal(asked.get('code_challenge_method'), 'S256');
    assert.equal(asked.get('code_challenge')?.length, 43);
    assert.ok(!request.url.includes(request.codeVerifier));
    await exchange();
    const sent = new URLSearchParams(server.requests.at(-1)?.body);
    assert.equal(sent.get('code_verifier'), verifier);
  });

  it('cannot have an implicit token accepted: only a code is (4.6)', async () => {
    const implicit = `${redirectUri}#access_token=x&id_token=y&state=the-state`;
    assert.equal(await codeOf(exchange(implicit)), 'authorization/invalid-response');
    assert.equal(
      await codeOf(exchange(`${redirectUri}?access_token=x&state=the-state`)),
      'authorization/invalid-response',
    );
  });

  for (const status of [301, 302, 303, 307, 308]) {
    it(`cannot forward code and client secret to another server by a ${status} of the token endpoint (4.12)`, async () => {
      server.redirect('/oauth2/default/token', `${other.baseUrl}/collect`, status);
      assert.notEqual(await codeOf(exchange()), 'accepted');
      assert.equal(other.requests.length, 0);
    });

    it(`cannot forward a refresh token to another server by a ${status} (4.12)`, async () => {
      server.redirect('/oauth2/default/token', `${other.baseUrl}/collect`, status);
      const refreshed = refreshTokens({
        ...{
          transport,
          metadata: server.metadata,
          client,
          refreshToken: 'the-refresh-token',
          scope: 'openid',
        },
        now: Date.now,
      });
      assert.notEqual(await codeOf(refreshed), 'accepted');
      assert.equal(other.requests.length, 0);
    });

    it(`cannot forward an access token to another server by a ${status} of FHIR (4.9)`, async () => {
      server.redirect('/apis/default/fhir/Patient', `${other.baseUrl}/collect`, status);
      const url = `${server.baseUrl}/apis/default/fhir/Patient`;
      assert.notEqual(await codeOf(fhirGet(transport, { url, accessToken: 'the-access-token' })), 'accepted');
      assert.equal(other.requests.length, 0);
    });
  }

  it('cannot forward the id_token of a logout to another server', async () => {
    server.redirect('/oauth2/default/logout', `${other.baseUrl}/collect`, 302);
    await endSession(transport, server.metadata, { idTokenHint: 'the-id-token' });
    assert.equal(other.requests.length, 0);
  });

  it('cannot forward a registration to another server', async () => {
    server.redirect('/oauth2/default/registration', `${other.baseUrl}/collect`);
    const registered = registerClient(transport, server.metadata, {
      ...{ clientName: 'n', clientType: 'confidential', redirectUris: [redirectUri], scopes: [] },
      postLogoutRedirectUri: 'http://127.0.0.1/callback',
    });
    assert.notEqual(await codeOf(registered), 'accepted');
    assert.equal(other.requests.length, 0);
  });

  it('cannot lead the browser away: an authorization endpoint that redirects elsewhere is not opened (4.11)', async () => {
    server.redirect('/oauth2/default/authorize', 'https://phishing.example/login', 302);
    const { url } = createAuthorizationRequest({
      ...{ metadata: server.metadata, clientId: 'client', redirectUri, scopes: ['openid'], fhirBaseUrl: 'x' },
    });
    assert.notEqual(await codeOf(checkAuthorizationRequest(transport, url)), 'accepted');
  });

  it('cannot fill the memory: an endless answer is cut off', async () => {
    server.on('/oauth2/default/token', (_, response) => {
      const write = (): void => {
        while (response.write('x'.repeat(64 * 1024)));
        response.once('drain', write);
      };
      response.writeHead(200, { 'content-type': 'application/json' });
      write();
    });
    assert.equal(await codeOf(exchange()), 'http/too-large');
  });

  it('cannot have a refresh accept an id_token that somebody else signed: it is dropped, not believed', async () => {
    tokens(await other.idToken({ iss: server.issuer, fhirUser: 'https://evil.example/Person/1' }));
    const grant = await refreshTokens({
      ...{ transport, metadata: server.metadata, client, refreshToken: 'r', scope: 'openid', now: Date.now },
    }).catch(() => undefined);
    assert.notEqual(grant?.fhirUser, 'https://evil.example/Person/1');
  });
});

describe('An attacker in the browser, beside the loopback listener', () => {
  const received: string[] = [];
  let listener: Awaited<ReturnType<typeof listenOnLoopback>>;
  let base: string;

  beforeEach(async () => {
    received.length = 0;
    listener = await listenOnLoopback({
      servesCallback: true,
      onCallback: (url) => received.push(url),
      donePage,
    });
    base = `http://127.0.0.1:${listener.port}`;
  });
  afterEach(() => listener.dispose());

  const get = (path: string, init: RequestInit = {}) =>
    fetch(`${base}${path}`, { redirect: 'manual', ...init });
  /** As fetch would not: with a Host of one's own. */
  const withHost = (path: string, host: string): Promise<number> =>
    new Promise((resolve, reject) => {
      const request = httpRequest(
        { port: listener.port, host: '127.0.0.1', path, headers: { host } },
        (response) => {
          response.resume();
          resolve(response.statusCode ?? 0);
        },
      );
      request.on('error', reject).end();
    });

  it('cannot use it as an open redirector (4.11)', async () => {
    for (const path of [
      '/go/unknown',
      '/go/https://evil.example',
      '/?url=https://evil.example',
      '//evil.example/',
    ]) {
      const { status, headers } = await get(path);
      assert.deepEqual([status, headers.get('location')], [404, null], path);
    }
    const { headers } = await get('/callback?redirect=https://evil.example&code=x&state=y');
    assert.equal(headers.get('location'), `${base}/done`);
  });

  it('cannot use a way to the sign-in page twice', async () => {
    const { url } = listener.addGoPage('https://emr.example.org/login');
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 302);
    assert.equal((await fetch(url, { redirect: 'manual' })).status, 404);
  });

  it('learns no code by the Referer or the history: the browser ends on a clean page (4.2, 4.3)', async () => {
    const answer = await get('/callback?code=the-code&state=s');
    assert.deepEqual([answer.status, answer.headers.get('location')], [302, `${base}/done`]);
    assert.equal(answer.headers.get('referrer-policy'), 'no-referrer');
    assert.equal(answer.headers.get('cache-control'), 'no-store');
  });

  it('cannot frame the last page or run a script in it (clickjacking, 4.16)', async () => {
    await get('/callback?code=%3Cscript%3E&state=s');
    const page = await get('/done');
    assert.match(
      page.headers.get('content-security-policy') ?? '',
      /default-src 'none'.*frame-ancestors 'none'/,
    );
    assert.doesNotMatch(await page.text(), /<script/i);
  });

  it('cannot reach it under a name of its own (DNS rebinding)', async () => {
    assert.equal(await withHost('/callback?code=x&state=y', 'evil.example'), 404);
    assert.equal(await withHost('/callback?code=x&state=y', `evil.example:${listener.port}`), 404);
    assert.deepEqual(received, []);
  });

  it('cannot deliver a callback by POST, nor one without end', async () => {
    assert.equal((await get('/callback?code=x&state=y', { method: 'POST', body: 'x' })).status, 404);
    const long = await get(`/callback?code=${'x'.repeat(40_000)}&state=y`).then(
      ({ status }) => status,
      () => 0,
    );
    assert.notEqual(long, 302);
    assert.deepEqual(received, []);
  });
});
