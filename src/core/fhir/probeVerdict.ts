import type { ErrorCode } from '../base/errors.ts';
import { grantsAccess, type FhirAccess } from '../oauth/scopeAnalysis.ts';

/**
 * What one cell of the matrix says. `not-offered`: the CapabilityStatement does not list the interaction, so it was
 * not asked for.
 */
export type Verdict =
  | 'allowed'
  | 'allowed-empty'
  | 'scope-missing'
  | 'context-missing'
  | 'role-refused'
  | 'not-offered'
  | 'not-supported'
  | 'token-refused'
  | 'server-error'
  | 'unreachable'
  | 'cancelled';

export const verdicts: readonly Verdict[] = [
  'allowed',
  'allowed-empty',
  'scope-missing',
  'context-missing',
  'role-refused',
  'not-offered',
  'not-supported',
  'token-refused',
  'server-error',
  'unreachable',
  'cancelled',
];

/** What a login may do as far as its access token tells. */
export interface ProbedLogin {
  readonly grantedScopes: readonly string[];
  /** Present where the login chose one patient. */
  readonly patient?: string | undefined;
}

/** How the server answered a probe. */
export type ProbeAnswer =
  | { readonly kind: 'entries'; readonly found: boolean }
  /** A read of an id that no record has: OpenEMR answers 404 with `[]` where reading is allowed. */
  | { readonly kind: 'no-such-record' }
  | { readonly kind: 'refused'; readonly code: ErrorCode };

/** By which permission a login may have an access, if by any. */
export type Permission = 'user' | 'patient' | 'patient-without-context' | 'none';

export function permissionFor(login: ProbedLogin, resource: string, access: FhirAccess): Permission {
  if (grantsAccess(login.grantedScopes, 'user', resource, access)) return 'user';
  if (!grantsAccess(login.grantedScopes, 'patient', resource, access)) return 'none';
  return login.patient === undefined ? 'patient-without-context' : 'patient';
}

/** OpenEMR's 401 has no reason in it: whether scope, context or role is missing follows from what was granted. */
export function verdictOf(answer: ProbeAnswer, permission: Permission): Verdict {
  if (answer.kind === 'entries') return answer.found ? 'allowed' : 'allowed-empty';
  if (answer.kind === 'no-such-record') return 'allowed-empty';
  return refusalVerdict(answer.code, permission);
}

function refusalVerdict(code: ErrorCode, permission: Permission): Verdict {
  switch (code) {
    case 'fhir/access-refused':
      return refusedAccess[permission];
    case 'fhir/not-found':
      return 'not-supported';
    case 'fhir/token-refused':
    case 'fhir/signed-out':
    case 'token/none':
      return 'token-refused';
    case 'operation/cancelled':
      return 'cancelled';
    default:
      return code.startsWith('network/') || code.startsWith('tls/') ? 'unreachable' : 'server-error';
  }
}

const refusedAccess: Readonly<Record<Permission, Verdict>> = {
  user: 'role-refused',
  patient: 'role-refused',
  'patient-without-context': 'context-missing',
  none: 'scope-missing',
};

export function isAllowed(verdict: Verdict): boolean {
  return verdict === 'allowed' || verdict === 'allowed-empty';
}
