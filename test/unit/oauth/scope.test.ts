import { strict as assert } from 'node:assert';
import { baseUrlOfIssuer, siteEndpoints } from '../../../src/core/oauth/issuer.ts';
import { defaultScopesFor, isScopeAllowedFor } from '../../../src/core/oauth/scope.ts';

describe('scopes', () => {
  for (const clientType of ['confidential', 'public'] as const) {
    it(`that a ${clientType} client asks for by default are allowed for it`, () => {
      const scopes = defaultScopesFor(clientType);
      assert.ok(scopes.includes('offline_access'));
      assert.ok(scopes.every((scope) => isScopeAllowedFor(scope, clientType)));
    });
  }

  it('of users and systems are not for public clients', () => {
    assert.deepEqual(
      ['user/Patient.read', 'system/Patient.read', 'patient/Patient.read', 'openid'].map((scope) =>
        isScopeAllowedFor(scope, 'public'),
      ),
      [false, false, true, true],
    );
  });
});

describe('issuer', () => {
  it('stands for one site of one base URL', () => {
    const { issuer } = siteEndpoints({ baseUrl: 'https://emr.example.org/openemr', site: 'clinic-b' });
    assert.equal(issuer, 'https://emr.example.org/openemr/oauth2/clinic-b');
    assert.equal(baseUrlOfIssuer(issuer, 'clinic-b'), 'https://emr.example.org/openemr');
    assert.equal(baseUrlOfIssuer(issuer, 'default'), undefined);
  });
});
