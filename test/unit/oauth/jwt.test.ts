import { strict as assert } from 'node:assert';
import { decodeJwt } from '../../../src/core/oauth/jwt.ts';

const segment = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url');
const jwt = (claims: unknown, header: unknown = { typ: 'JWT', alg: 'RS256' }) =>
  `${segment(header)}.${segment(claims)}.c2ln`;

describe('decodeJwt', () => {
  it("reads OpenEMR's times with fractions of a second", () => {
    const decoded = decodeJwt(
      jwt({ iat: 1795376750.909435, nbf: 1795376750.909437, exp: 1795380350.90563, sub: 'a349' }),
    );
    assert.equal(decoded?.issuedAt, 1795376750909);
    assert.equal(decoded.notBefore, 1795376750909);
    assert.equal(decoded.expiresAt, 1795380350906);
    assert.equal(decoded.claims['sub'], 'a349');
    assert.equal(decoded.header['alg'], 'RS256');
  });

  it('reads times as text and leaves out what is no time', () => {
    const decoded = decodeJwt(jwt({ iat: '1795376750', nbf: ' ', exp: { date: '2026-11-22' } }));
    assert.equal(decoded?.issuedAt, 1795376750000);
    assert.ok(!('notBefore' in decoded));
    assert.ok(!('expiresAt' in decoded));
  });

  for (const text of [
    '',
    'opaque',
    'def50200.ab',
    'a.b.c',
    jwt(['x']),
    jwt(null),
    jwt({}, 7),
    `${jwt({})}.x`,
  ]) {
    it(`reads nothing from ${text.slice(0, 30) || 'an empty text'}`, () => {
      assert.equal(decodeJwt(text), undefined);
    });
  }
});
