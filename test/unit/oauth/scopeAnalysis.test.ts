import assert from 'node:assert/strict';
import {
  analyseScopes,
  grantsAccess,
  missingPrerequisites,
  parseResourceScope,
  searchableTypes,
  type ScopeFacts,
} from '../../../src/core/oauth/scopeAnalysis.ts';
import { defaultScopesFor } from '../../../src/core/oauth/scope.ts';
import { eraNamed, eraNames } from '../../../src/sandbox/era.ts';
import { allows } from '../../../src/sandbox/oauth/scopes.ts';

const supported = eraNamed('8.2').scopes;
const facts = (change: Partial<ScopeFacts>): ScopeFacts => ({
  clientType: 'confidential',
  supported,
  registered: undefined,
  requested: [],
  granted: undefined,
  ...change,
});
const rowOf = (scope: string, change: Partial<ScopeFacts>) =>
  analyseScopes(facts({ requested: [scope], ...change })).rows.find((row) => row.scope === scope);
const problemsOf = (scope: string, change: Partial<ScopeFacts> = {}) =>
  rowOf(scope, change)?.problems.map(({ kind, instead }) => (instead ? `${kind} ${instead}` : kind));

describe('The analysis of scopes', () => {
  it('agrees with the sandbox on what every scope of both eras opens', () => {
    for (const era of eraNames) {
      const { scopes, resources } = eraNamed(era);
      for (const scope of scopes) {
        for (const { type } of resources) {
          for (const access of ['read', 'search'] as const) {
            for (const level of ['user', 'patient'] as const) {
              const own = grantsAccess([scope], level, type, access);
              if (own !== allows([scope], level, type, access))
                assert.fail(`${scope} ${level} ${type} ${access}`);
            }
          }
        }
      }
    }
  });

  it('puts both notations of a permission beside each other', () => {
    assert.equal(rowOf('user/Patient.read', {})?.counterpart, 'user/Patient.rs');
    assert.equal(rowOf('user/Patient.rs', {})?.counterpart, 'user/Patient.read');
    assert.equal(rowOf('openid', {})?.counterpart, undefined);
    const order = analyseScopes(facts({})).rows.map(({ scope }) => scope);
    assert.equal(order.indexOf('user/Observation.rs') - order.indexOf('user/Observation.read') < 3, true);
  });

  it('knows what was registered by hand only as far as logins taught it', () => {
    assert.equal(rowOf('user/Patient.read', {})?.registered, 'unknown');
    assert.equal(rowOf('user/Patient.read', { granted: ['user/Patient.read'] })?.registered, 'yes');
    assert.equal(rowOf('user/Patient.read', { granted: [] })?.registered, 'unknown');
    assert.equal(rowOf('user/Patient.read', { registered: ['openid'] })?.registered, 'no');
  });

  it('finds what keeps a permission from being granted', () => {
    assert.deepEqual(problemsOf('user/Observation.read', { registered: ['openid'] }), ['not-registered']);
    assert.deepEqual(problemsOf('user/Observation.read', { granted: ['openid'] }), ['not-granted']);
    assert.deepEqual(problemsOf('user/observation.read'), ['letter-case user/Observation.read']);
    assert.deepEqual(problemsOf('user/patient.read'), ['standard-api user/Patient.read']);
    assert.deepEqual(problemsOf('OpenID'), ['letter-case openid']);
    assert.deepEqual(problemsOf('user/*.read'), ['wildcard']);
    assert.deepEqual(problemsOf('user/Claim.read'), ['not-offered']);
    assert.deepEqual(problemsOf('user/Claim.read', { supported: undefined }), []);
    assert.deepEqual(problemsOf('user/Patient.read', { clientType: 'public' }), ['not-for-public-clients']);
    const twice = { requested: ['user/Patient.read', 'user/Patient.read'] };
    assert.deepEqual(problemsOf('user/Patient.read', twice), ['duplicate']);
    for (const scope of defaultScopesFor('confidential')) assert.deepEqual(problemsOf(scope), [], scope);
  });

  it('names what is missing for others to work, and nothing for the defaults', () => {
    const missing = (...scopes: string[]) => missingPrerequisites(scopes).map(({ scope }) => scope);
    assert.deepEqual(missing('user/Patient.read'), ['api:fhir', 'offline_access']);
    assert.deepEqual(missing('user/patient.read', 'offline_access'), ['api:oemr']);
    assert.deepEqual(missing('patient/Patient.read', 'api:fhir', 'offline_access'), ['launch/patient']);
    assert.deepEqual(missing('fhirUser', 'offline_access'), ['openid']);
    assert.deepEqual(missing(), []);
    for (const type of ['confidential', 'public'] as const) {
      assert.deepEqual(missing(...defaultScopesFor(type)), []);
    }
  });

  it('reads scopes in parts, filters among them, and leaves operations alone', () => {
    assert.deepEqual(parseResourceScope('user/Observation.rs?category=a|b'), {
      ...{ context: 'user', resource: 'Observation', version: 'v2', letters: 'rs', filter: 'category=a|b' },
    });
    assert.equal(parseResourceScope('user/Patient.write')?.letters, 'cud');
    for (const scope of [
      'system/Patient.$export',
      'openid',
      'user/Patient.',
      'user/Patient.sr',
      'api:fhir',
    ]) {
      assert.equal(parseResourceScope(scope), undefined, scope);
    }
  });

  it('knows the types that a login may search, each once, without those of other interfaces', () => {
    const scopes = ['openid', 'user/Patient.read', 'user/Patient.s', 'patient/Goal.rs', 'user/Media.r'];
    assert.deepEqual(searchableTypes(scopes), ['Patient', 'Goal']);
    assert.deepEqual(searchableTypes(['user/patient.read', 'system/Group.read', 'user/Device.write']), []);
  });
});
