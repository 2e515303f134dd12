import assert from 'node:assert/strict';
import { createSign, generateKeyPairSync, type JsonWebKey } from 'node:crypto';
import { checkSignature, tokenDetails } from '../../../src/core/oauth/tokenDetails.ts';
import { decodeJwt } from '../../../src/core/oauth/jwt.ts';
import type { TokenSet } from '../../../src/core/oauth/tokenSet.ts';

const own = generateKeyPairSync('rsa', { modulusLength: 2048 });
const other = generateKeyPairSync('rsa', { modulusLength: 2048 });
const jwk = ({ publicKey }: typeof own): JsonWebKey => publicKey.export({ format: 'jwk' });
const encode = (value: unknown): string => Buffer.from(JSON.stringify(value)).toString('base64url');

function jwt(claims: object, header: object = { typ: 'JWT', alg: 'RS256' }): string {
  const signed = `${encode(header)}.${encode(claims)}`;
  return `${signed}.${createSign('sha256').update(signed).sign(own.privateKey, 'base64url')}`;
}

const check = (token: string, keys: JsonWebKey[] | undefined) =>
  checkSignature(token, { header: decodeJwt(token)?.header ?? {} }, keys);

const tokens = (change: Partial<TokenSet>): TokenSet => ({
  generation: 1,
  boundTo: 'binding',
  accessToken: jwt({ aud: 'client', scopes: [] }),
  expiresAt: 1,
  lifetimeSeconds: 3600,
  requestedScope: '',
  grantedScopes: [],
  loggedInAt: 1,
  ...change,
});
const detailsOf = (change: Partial<TokenSet>) =>
  tokenDetails({
    tokens: tokens(change),
    issuer: 'https://emr.example.org/oauth2/default',
    clientId: 'client',
    supportedScopes: undefined,
    keys: [jwk(own)],
  });

describe('Token details', () => {
  it('check a signature with the server’s keys, which need no name', () => {
    const token = jwt({ sub: 'x' });
    assert.equal(check(token, [jwk(own)]), 'valid');
    assert.equal(check(token, [jwk(other), jwk(own)]), 'valid');
    assert.equal(check(token, [jwk(other)]), 'invalid');
    assert.equal(check(`${token.slice(0, -6)}AAAAAA`, [jwk(own)]), 'invalid');
    const [head = '', , signature = ''] = token.split('.');
    assert.equal(check(`${head}.${encode({ sub: 'y' })}.${signature}`, [jwk(own)]), 'invalid');
  });

  it('never call an unsigned or unknown kind of token valid', () => {
    assert.equal(check(jwt({}, { alg: 'none' }), [jwk(own)]), 'unchecked');
    assert.equal(check(jwt({}, { alg: 'HS256' }), [jwk(own)]), 'unchecked');
    assert.equal(check(jwt({}), undefined), 'unchecked');
    assert.equal(check(jwt({}), []), 'unchecked');
    assert.equal(check(jwt({}, { alg: 'RS256', kid: 'a' }), [{ ...jwk(own), kid: 'b' }]), 'unchecked');
  });

  it('compare issuer and audience', () => {
    const good = jwt({ iss: 'https://emr.example.org/oauth2/default', aud: ['client', 'other'] });
    const { accessToken, idToken } = detailsOf({ idToken: good });
    assert.deepEqual([accessToken?.issuer, accessToken?.audience], ['absent', 'same']);
    assert.deepEqual([idToken?.issuer, idToken?.audience], ['same', 'same']);
    const bad = detailsOf({ idToken: jwt({ iss: 'https://evil.example.org', aud: 'x' }) }).idToken;
    assert.deepEqual([bad?.issuer, bad?.audience], ['other', 'other']);
  });

  it('say who is signed in, and which permission the record behind it needs', () => {
    const fhirUser = 'https://emr.example.org/apis/default/fhir/Person/0f1e2d3c';
    assert.deepEqual(detailsOf({ fhirUser }).user, {
      reference: 'Person/0f1e2d3c',
      type: 'Person',
      missingScope: 'user/Person.read',
    });
    const { user } = detailsOf({ fhirUser, grantedScopes: ['user/Person.rs'] });
    assert.equal(user?.missingScope, undefined);
    assert.equal(detailsOf({}).user, undefined);
    assert.equal(detailsOf({ fhirUser: 'javascript:alert(1)' }).user, undefined);
  });

  it('hold no token, and get along with an opaque one', () => {
    const text = JSON.stringify(detailsOf({ accessToken: 'opaque', refreshToken: 'def50200secret' }));
    assert.equal(/opaque|def50200/.test(text), false);
    assert.equal(detailsOf({ accessToken: 'opaque' }).accessToken, undefined);
    assert.equal(/"eyJ/.test(JSON.stringify(detailsOf({ idToken: jwt({}) }))), false);
  });
});
