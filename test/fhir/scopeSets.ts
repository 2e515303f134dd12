import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import { eraNamed, type EraName } from '../../src/sandbox/era.ts';

export interface ScopeSet {
  readonly name: string;
  readonly as: 'staff' | 'patient';
  readonly scopes: readonly string[];
}

const general = ['openid', 'api:fhir'];

/** Ten sets of granted scopes: none to all, both notations, both contexts, one patient with and without context. */
export function scopeSets(era: EraName): ScopeSet[] {
  const { scopes } = eraNamed(era);
  const matching = (pattern: RegExp): string[] => scopes.filter((scope) => pattern.test(scope));
  const userReads = matching(/^user\/[A-Z]\w+\.read$/);
  const patientReads = matching(/^patient\/[A-Z]\w+\.read$/);
  const staff = (name: string, own: readonly string[]): ScopeSet => ({
    name,
    as: 'staff',
    scopes: [...general, ...own],
  });
  return [
    staff('nothing of FHIR', []),
    staff('patients only', ['user/Patient.read']),
    staff('the defaults', defaultScopesFor('confidential')),
    staff('all that staff may read', userReads),
    era === '8.2'
      ? staff('all that staff may read, in v2', matching(/^user\/[A-Z]\w+\.rs$/))
      : staff('half of what staff may read', userReads.slice(0, userReads.length / 2)),
    era === '8.2'
      ? staff('search only or read only', matching(/^user\/[A-Z]\w+\.[rs]$/))
      : staff('only to write', matching(/^user\/[A-Z]\w+\.write$/)),
    { name: 'one patient, in context', as: 'patient', scopes: [...general, ...patientReads] },
    staff('one patient, without context', patientReads),
    {
      name: 'staff records and one patient',
      as: 'patient',
      scopes: [...general, 'user/Practitioner.read', 'patient/Patient.read', 'patient/Condition.read'],
    },
    staff("the letters of OpenEMR's own interface", ['api:oemr', ...matching(/^user\/[a-z]\w+\.read$/)]),
  ];
}
