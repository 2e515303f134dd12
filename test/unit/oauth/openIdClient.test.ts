import { strict as assert } from 'node:assert';
import { exportJWK, generateKeyPair, SignJWT, type CryptoKey, type JWK } from 'jose';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { exchangeAuthorizationCode, fetchJwks, refreshTokens } from '../../../src/core/oauth/openIdClient.ts';
import { metadata, paths, refusals } from './recordedAnswers.ts';
import { failureOf, ScriptedTransport, type ScriptedAnswer } from './scriptedTransport.ts';

const now = 1_795_376_750_000;
const redirectUri = 'http://127.0.0.1:19500/callback';
const client = { clientId: 'client-1', clientSecret: 'secret-1' };

let key: { privateKey: CryptoKey; jwks: { keys: JWK[] } };
let otherKey: typeof key;

async function makeKey(): Promise<typeof key> {
  const { publicKey, privateKey } = await generateKeyPair('RS256');
  // Like OpenEMR's: neither kid nor alg.
  return { privateKey, jwks: { keys: [{ ...(await exportJWK(publicKey)), use: 'sig' }] } };
}

before(async () => {
  key = await makeKey();
  otherKey = await makeKey();
});

const claims = {
  iss: metadata.issuer,
  aud: 'client-1',
  sub: 'a349c94e',
  iat: now / 1000,
  exp: now / 1000 + 3600,
  nonce: 'nonce-1',
  fhirUser: 'https://localhost:19443/apis/default/fhir/Person/a349c94e',
  'api:fhir': true,
};

const sign = (content: object, signer = key) =>
  new SignJWT({ ...content }).setProtectedHeader({ typ: 'JWT', alg: 'RS256' }).sign(signer.privateKey);

const accessToken = () =>
  sign({
    aud: 'client-1',
    jti: 'aa20',
    iat: now / 1000 + 0.909435,
    exp: now / 1000 + 3600.90563,
    scopes: ['openid', 'offline_access', 'api:fhir', 'user/Patient.read', 'nonce', 'site:default'],
  });

async function tokens(
  overrides: object = {},
  idTokenClaims: object = claims,
): Promise<Record<string, unknown>> {
  return {
    id_token: await sign(idTokenClaims),
    scope: 'openid offline_access user/Patient.read nonce',
    token_type: 'Bearer',
    expires_in: 3600,
    access_token: await accessToken(),
    refresh_token: 'def50200cdc0f3',
    ...overrides,
  };
}

interface Exchange {
  token: ScriptedAnswer;
  jwk?: ScriptedAnswer;
  jwks?: unknown;
  callbackUrl?: string;
  redirectUri?: string;
  client?: { clientId: string; clientSecret?: string };
}

function exchange(options: Exchange) {
  const transport = new ScriptedTransport({
    [paths.token]: options.token,
    ...(options.jwk ? { [paths.jwk]: options.jwk } : {}),
  });
  const grant = exchangeAuthorizationCode({
    transport,
    metadata,
    client: options.client ?? client,
    callbackUrl: options.callbackUrl ?? `${redirectUri}?code=def50200ab&state=state-1`,
    redirectUri: options.redirectUri ?? redirectUri,
    state: 'state-1',
    nonce: 'nonce-1',
    codeVerifier: 'verifier-verifier-verifier-verifier-verifier',
    jwks: 'jwks' in options ? options.jwks : key.jwks,
    now: () => now,
  });
  return { transport, grant };
}

function refresh(token: ScriptedAnswer, signal?: AbortSignal) {
  const transport = new ScriptedTransport({ [paths.token]: token });
  const grant = refreshTokens({
    transport,
    metadata,
    client,
    refreshToken: 'def50200old',
    scope: 'openid offline_access user/Patient.read',
    now: () => now,
    signal,
  });
  return { transport, grant };
}

describe('authorization code exchange', () => {
  it('takes one request and gives tokens, scopes, expiry and user', async () => {
    const json = await tokens({ patient: 'a349cdaa', need_patient_banner: true });
    const { transport, grant } = exchange({ token: { json } });
    assert.deepEqual(await grant, {
      accessToken: json['access_token'],
      refreshToken: 'def50200cdc0f3',
      idToken: json['id_token'],
      expiresAt: now + 3_600_000,
      lifetimeSeconds: 3600,
      grantedScopes: ['openid', 'offline_access', 'api:fhir', 'user/Patient.read', 'site:default'],
      patient: 'a349cdaa',
      fhirUser: claims.fhirUser,
    });
    assert.equal(transport.requests.length, 1);
    assert.deepEqual(Object.fromEntries(transport.form(0)), {
      grant_type: 'authorization_code',
      code: 'def50200ab',
      redirect_uri: redirectUri,
      code_verifier: 'verifier-verifier-verifier-verifier-verifier',
      client_id: 'client-1',
      client_secret: 'secret-1',
    });
  });

  it('sends no secret for a public client', async () => {
    const { transport, grant } = exchange({
      token: { json: await tokens() },
      client: { clientId: 'client-1' },
    });
    await grant;
    assert.ok(!transport.form(0).has('client_secret'));
    assert.equal(transport.form(0).get('client_id'), 'client-1');
  });

  it('sends the redirect URI of the request, wherever the answer was delivered', async () => {
    const asked = 'https://host.example/proxy/callback?reqid=1';
    const { transport, grant } = exchange({
      token: { json: await tokens() },
      redirectUri: asked,
      callbackUrl: 'vscode://emr-workbench.openemr-workbench/callback?windowId=3&code=c&state=state-1',
    });
    await grant;
    assert.equal(transport.form(0).get('redirect_uri'), asked);
  });

  it('assumes an hour and reads scopes from the answer where an opaque token says nothing', async () => {
    const json = await tokens({
      access_token: 'opaque',
      expires_in: undefined,
      refresh_token: null,
      scope: 'openid a',
    });
    const grant = await exchange({ token: { json } }).grant;
    assert.equal(grant.lifetimeSeconds, 3600);
    assert.equal(grant.refreshToken, undefined);
    assert.deepEqual(grant.grantedScopes, ['openid', 'a']);
  });

  it('reads a scope claim that is text', async () => {
    const access_token = await sign({ scope: 'openid b' });
    assert.deepEqual(
      (await exchange({ token: { json: await tokens({ access_token }) } }).grant).grantedScopes,
      ['openid', 'b'],
    );
  });

  it('fetches the keys anew, once, after they were changed, and redeems the code once', async () => {
    const { transport, grant } = exchange({
      token: { json: await tokens() },
      jwks: otherKey.jwks,
      jwk: { json: key.jwks },
    });
    assert.equal((await grant).refreshToken, 'def50200cdc0f3');
    assert.deepEqual(
      transport.requests.map(({ method, url }) => `${method} ${new URL(url).pathname}`),
      [paths.token, paths.jwk],
    );
  });

  it('fetches the keys where none were given', async () => {
    const { transport, grant } = exchange({
      token: { json: await tokens() },
      jwks: undefined,
      jwk: { json: key.jwks },
    });
    await grant;
    assert.equal(transport.requests.length, 2);
  });

  it('goes without id_token where openid was unticked at the consent', async () => {
    const access_token = await sign({ scopes: ['user/Patient.read'] });
    const json = await tokens({ id_token: undefined, scope: 'user/Patient.read', access_token });
    const { transport, grant } = exchange({ token: { json } });
    assert.equal((await grant).idToken, undefined);
    assert.equal(transport.requests.length, 1);
  });

  const badTokens: [string, object, string][] = [
    ['another issuer', { iss: 'https://evil.example' }, 'iss'],
    ['another audience', { aud: 'client-2' }, 'aud'],
    ['a foreign nonce', { nonce: 'nonce-2' }, 'nonce'],
    ['no nonce', { nonce: undefined }, 'nonce'],
    ['an expiry in the past', { exp: now / 1000 - 60 }, 'exp'],
    ['no expiry', { exp: undefined }, 'exp'],
    ['no subject', { sub: undefined }, 'sub'],
    ['a subject that is no text', { sub: 7 }, 'sub'],
  ];
  for (const [what, change, claim] of badTokens) {
    it(`refuses an id_token with ${what}`, async () => {
      const { grant } = exchange({ token: { json: await tokens({}, { ...claims, ...change }) } });
      const failure = await failureOf(grant);
      assert.equal(failure.code, 'id-token/invalid');
      assert.deepEqual(failure.details, { claim });
    });
  }

  it('refuses a signature of unknown keys, after a look at the current ones', async () => {
    const { transport, grant } = exchange({
      token: { json: await tokens({ id_token: await sign(claims, otherKey) }) },
      jwk: { json: key.jwks },
    });
    const failure = await failureOf(grant);
    assert.deepEqual([failure.code, failure.details['claim']], ['id-token/invalid', 'signature']);
    assert.equal(transport.requests.length, 2);
  });

  it('refuses an unsigned id_token and other algorithms than RS256', async () => {
    const segment = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
    for (const alg of ['none', 'HS256']) {
      const id_token = `${segment({ alg })}.${segment(claims)}.c2ln`;
      const failure = await failureOf(exchange({ token: { json: await tokens({ id_token }) } }).grant);
      assert.deepEqual([failure.code, failure.details['claim']], ['id-token/invalid', 'alg']);
    }
  });

  it('refuses keys that cannot be used', async () => {
    for (const bad of [{ kty: 'RSA' }, { kty: 'RSA', n: '!', e: '!' }]) {
      const jwks = { keys: [bad] };
      const failure = await failureOf(
        exchange({ token: { json: await tokens() }, jwks, jwk: { json: { keys: [] } } }).grant,
      );
      assert.deepEqual([failure.code, failure.details['claim']], ['id-token/invalid', 'signature']);
      const { transport, grant } = exchange({
        token: { json: await tokens() },
        jwks,
        jwk: { json: key.jwks },
      });
      await grant;
      assert.equal(transport.requests.length, 2);
    }
  });

  it('refuses an id_token that is none, and a missing one where openid was granted', async () => {
    const garbage = await failureOf(
      exchange({ token: { json: await tokens({ id_token: 'garbage' }) } }).grant,
    );
    assert.deepEqual([garbage.code, garbage.details['claim']], ['id-token/invalid', 'format']);
    const missing = await failureOf(
      exchange({ token: { json: await tokens({ id_token: undefined }) } }).grant,
    );
    assert.deepEqual([missing.code, missing.details['claim']], ['id-token/invalid', 'missing']);
  });

  it('refuses a foreign state before it asks the server for anything', async () => {
    const { transport, grant } = exchange({
      token: { json: await tokens() },
      callbackUrl: `${redirectUri}?code=c&state=state-2`,
    });
    assert.equal((await failureOf(grant)).code, 'authorization/unsolicited');
    assert.equal(transport.requests.length, 0);
  });

  it('refuses an answer of another issuer (RFC 9207)', async () => {
    const { grant } = exchange({
      token: { json: await tokens() },
      callbackUrl: `${redirectUri}?code=c&state=state-1&iss=https%3A%2F%2Fevil.example`,
    });
    assert.equal((await failureOf(grant)).code, 'authorization/invalid-response');
  });

  it('tells the error that came back instead of a code', async () => {
    const { grant } = exchange({ token: {}, callbackUrl: `${redirectUri}?error=access_denied` });
    assert.equal((await failureOf(grant)).code, 'authorization/denied');
  });

  const refused: [string, ScriptedAnswer, string][] = [
    ['a wrong secret or a disabled client', refusals.invalidClient, 'grant/client-refused'],
    [
      'the same with a challenge',
      { ...refusals.invalidClient, headers: { 'www-authenticate': 'Basic realm="OAuth"' } },
      'grant/client-refused',
    ],
    ['an expired code', refusals.malformed('Authorization code has expired'), 'grant/code-expired'],
    ['an unknown code', refusals.badRequest, 'grant/code-unknown'],
    [
      "another client's code",
      refusals.malformed('Authorization code was not issued to this client'),
      'grant/code-unknown',
    ],
    ['a garbled code', refusals.malformed('Cannot decrypt the authorization code'), 'grant/code-unknown'],
    ['a spent code elsewhere', { status: 400, json: { error: 'invalid_grant' } }, 'grant/code-unknown'],
    ['a wrong verifier', refusals.wrongVerifier, 'grant/verifier-refused'],
    ['no verifier', refusals.malformed('Check the `code_verifier` parameter'), 'grant/verifier-refused'],
    ['another redirect URI', refusals.malformed('Invalid redirect URI'), 'grant/redirect-mismatch'],
    ['no redirect URI', refusals.malformed('Check the `redirect_uri` parameter'), 'grant/redirect-mismatch'],
    ['anything else', { status: 400, json: { error: 'unsupported_grant_type' } }, 'grant/refused'],
    ['a malformed request', refusals.malformed('Check the `code` parameter'), 'grant/refused'],
    ['a page', { status: 403, text: '<html>' }, 'grant/invalid-response'],
    ['a broken server', { status: 500, text: 'Security error' }, 'http/server-error'],
    ['a rate limit', { status: 429 }, 'http/rate-limited'],
    ['a redirect', { status: 302, headers: { location: '/login' } }, 'http/unexpected-redirect'],
    ['a page that says yes', { text: '<html>' }, 'grant/invalid-response'],
    ['a list', { json: [] }, 'grant/invalid-response'],
    ['no tokens', { json: {} }, 'grant/invalid-response'],
    ['a lost network', { error: new WorkbenchError('network/reset') }, 'network/reset'],
  ];
  for (const [what, token, code] of refused) {
    it(`says ${code} for ${what}`, async () => {
      assert.equal((await failureOf(exchange({ token }).grant)).code, code);
    });
  }

  for (const change of [{ token_type: 'mac' }, { access_token: 7 }, { expires_in: 'soon' }, { scope: 7 }]) {
    it(`refuses the answer's ${JSON.stringify(change)}`, async () => {
      const { grant } = exchange({ token: { json: await tokens(change) } });
      assert.equal((await failureOf(grant)).code, 'grant/invalid-response');
    });
  }

  it('keeps tokens, codes and claims out of its errors', async () => {
    const json = await tokens({}, { ...claims, nonce: 'nonce-2' });
    const failure = await failureOf(exchange({ token: { json } }).grant);
    const told = JSON.stringify([failure.details, String(failure.cause), failure.message]);
    for (const secret of [
      json['access_token'],
      json['id_token'],
      'def50200',
      'nonce-1',
      'nonce-2',
      'verifier-',
    ]) {
      assert.ok(!told.includes(String(secret)), String(secret).slice(0, 12));
    }
    assert.equal((failure.cause as Error).cause, undefined);
  });
});

describe('refresh', () => {
  const refreshClaims = { ...claims, nonce: undefined };

  it('sends the scope, takes the rotated pair, and asks for no nonce', async () => {
    const json = await tokens({ refresh_token: 'def50200new' }, refreshClaims);
    const { transport, grant } = refresh({ json });
    const { refreshToken, idToken, fhirUser, expiresAt } = await grant;
    assert.equal(refreshToken, 'def50200new');
    assert.equal(idToken, json['id_token']);
    // Unproved: the login's stays.
    assert.equal(fhirUser, undefined);
    assert.equal(expiresAt, now + 3_600_000);
    assert.deepEqual(Object.fromEntries(transport.form(0)), {
      grant_type: 'refresh_token',
      refresh_token: 'def50200old',
      scope: 'openid offline_access user/Patient.read',
      client_id: 'client-1',
      client_secret: 'secret-1',
    });
  });

  it('rather drops a wrong id_token than the rotated pair', async () => {
    const json = await tokens(
      { refresh_token: 'def50200new' },
      { ...refreshClaims, iss: 'https://evil.example' },
    );
    const { transport, grant } = refresh({ json });
    const { refreshToken, idToken, fhirUser } = await grant;
    assert.equal(refreshToken, 'def50200new');
    assert.equal(idToken, undefined);
    assert.equal(fhirUser, undefined);
    assert.equal(transport.requests.length, 1);
  });

  const refused: [string, ScriptedAnswer, string][] = [
    ['a spent token', refusals.refreshToken('Token has been revoked'), 'refresh/refused'],
    ['a garbled token', refusals.refreshToken('Cannot decrypt the refresh token'), 'refresh/refused'],
    ["another client's token", refusals.refreshToken('Token is not linked to client'), 'refresh/refused'],
    ["the standard's word for it", { status: 400, json: { error: 'invalid_grant' } }, 'refresh/refused'],
    ['a disabled client', refusals.invalidClient, 'grant/client-refused'],
    ["8.2's complaint about a scope", refusals.invalidScope('nonce'), 'grant/refused'],
    ['a malformed request', refusals.malformed('Check the `refresh_token` parameter'), 'grant/refused'],
    ['an empty refusal', { status: 403 }, 'grant/invalid-response'],
    ['a broken server', { status: 503 }, 'http/server-error'],
    ['a rate limit', { status: 429, headers: { 'retry-after': '7' } }, 'http/rate-limited'],
    ['a page', { text: '<html>' }, 'grant/invalid-response'],
    [
      'an answer that never came',
      { error: new WorkbenchError('network/timed-out') },
      'refresh/outcome-unknown',
    ],
    ['a connection that broke', { error: new WorkbenchError('network/reset') }, 'refresh/outcome-unknown'],
    ['a server that is off', { error: new WorkbenchError('network/refused') }, 'network/refused'],
    ['a name nobody knows', { error: new WorkbenchError('network/dns') }, 'network/dns'],
    ['Cancel on the way', { error: new WorkbenchError('operation/cancelled') }, 'refresh/outcome-unknown'],
  ];
  for (const [what, token, code] of refused) {
    it(`says ${code} for ${what}`, async () => {
      assert.equal((await failureOf(refresh(token).grant)).code, code);
    });
  }

  it('is just cancelled before anything was sent', async () => {
    const token = { error: new WorkbenchError('operation/cancelled') };
    assert.equal((await failureOf(refresh(token, AbortSignal.abort()).grant)).code, 'operation/cancelled');
  });

  it('passes on the hint, the only useful text', async () => {
    const failure = await failureOf(refresh(refusals.refreshToken('Token has been revoked')).grant);
    assert.equal(failure.details['hint'], 'Token has been revoked');
  });

  it('calls a use without refresh token a defect', async () => {
    const failure = await failureOf(
      refreshTokens({
        transport: new ScriptedTransport({}),
        metadata,
        client,
        refreshToken: '',
        scope: 'openid',
        now: Date.now,
      }),
    );
    assert.equal(failure.code, 'internal/unexpected');
  });
});

describe('key set', () => {
  const fetchKeys = (answer: ScriptedAnswer) =>
    fetchJwks(new ScriptedTransport({ [paths.jwk]: answer }), metadata);

  it('is given as it came', async () => {
    assert.deepEqual(await fetchKeys({ json: key.jwks }), key.jwks);
  });

  it('is refused where it is none', async () => {
    for (const json of [{}, { keys: 7 }, { keys: ['x'] }, { keys: [null] }]) {
      assert.equal((await failureOf(fetchKeys({ json }))).code, 'discovery/invalid-metadata');
    }
    assert.equal((await failureOf(fetchKeys({ status: 500, text: 'x' }))).code, 'http/server-error');
  });
});
