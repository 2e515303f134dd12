import type { ClientType } from '../connection/connection.ts';
import { isScopeAllowedFor } from './scope.ts';

export type ScopeContext = 'user' | 'patient' | 'system';
export type ScopeVersion = 'v1' | 'v2';
export type Standing = 'yes' | 'no' | 'unknown';
export type FhirAccess = 'search' | 'read';

/** A scope that is about records (SMART App Launch 1.0 `.read`, 2.0 `.cruds`), in its parts. */
export interface ResourceScope {
  readonly context: ScopeContext;
  readonly resource: string;
  readonly version: ScopeVersion;
  /** What is allowed, as letters of SMART v2: create, read, update, delete, search. */
  readonly letters: string;
  /** What follows the question mark: only these records. */
  readonly filter?: string;
}

/** Where a scope stands with the server, the client's registration, the connection and the login. */
export interface ScopeFacts {
  readonly clientType: ClientType;
  /** `undefined` before the server was asked. */
  readonly supported: readonly string[] | undefined;
  /** `undefined` for a client that was entered by hand: OpenEMR has no way to ask. */
  readonly registered: readonly string[] | undefined;
  readonly requested: readonly string[];
  /** From the access token; `undefined` before a login. */
  readonly granted: readonly string[] | undefined;
}

export type ScopeProblemKind =
  | 'duplicate'
  | 'letter-case'
  | 'standard-api'
  | 'wildcard'
  | 'not-offered'
  | 'not-for-public-clients'
  | 'not-registered'
  | 'not-granted';

export interface ScopeProblem {
  readonly kind: ScopeProblemKind;
  /** The scope to use instead. */
  readonly instead?: string;
}

export interface ScopeRow {
  readonly scope: string;
  readonly version: ScopeVersion | undefined;
  /** The same permission in the other notation, where the server offers one. */
  readonly counterpart?: string;
  readonly supported: Standing;
  readonly registered: Standing;
  readonly requested: boolean;
  readonly granted: Standing;
  readonly problems: readonly ScopeProblem[];
}

/** A scope without which others do nothing, and those others. */
export interface MissingPrerequisite {
  readonly scope: 'openid' | 'offline_access' | 'api:fhir' | 'api:oemr' | 'launch/patient';
  readonly neededBy: readonly string[];
}

export interface ScopeReport {
  readonly rows: readonly ScopeRow[];
  readonly missing: readonly MissingPrerequisite[];
}

const pattern = /^(user|patient|system)\/([A-Za-z_]+|\*)\.(read|write|c?r?u?d?s?)(?:\?(.+))?$/;
const lettersOfV1: Readonly<Record<string, string>> = { read: 'rs', write: 'cud' };

/** `undefined` for scopes that are not about records, operations (`.$export`) among them. */
export function parseResourceScope(scope: string): ResourceScope | undefined {
  const [, context, resource, interaction, filter] = pattern.exec(scope) ?? [];
  if (!context || !resource || !interaction) return undefined;
  const v1 = lettersOfV1[interaction];
  return {
    context: context as ScopeContext,
    resource,
    version: v1 ? 'v1' : 'v2',
    letters: v1 ?? interaction,
    ...(filter ? { filter } : {}),
  };
}

/** Whether scopes allow the access to a resource type, for all of what the person may see or within one patient. */
export function grantsAccess(
  scopes: readonly string[],
  context: 'user' | 'patient',
  resource: string,
  access: FhirAccess,
): boolean {
  const letter = access === 'read' ? 'r' : 's';
  return scopes.some((scope) => {
    const parsed = parseResourceScope(scope);
    return parsed?.context === context && parsed.resource === resource && parsed.letters.includes(letter);
  });
}

/** The FHIR types that a login with these scopes may search, each once, in the order of the scopes. */
export function searchableTypes(scopes: readonly string[]): string[] {
  const types = scopes.flatMap((scope) => {
    const { context, resource = '', letters } = parseResourceScope(scope) ?? {};
    // OpenEMR's own interface has scopes of the same shape, with names in lower case.
    const isFhir = /^[A-Z]/.test(resource);
    return isFhir && context !== 'system' && letters?.includes('s') ? [resource] : [];
  });
  return [...new Set(types)];
}

/** The scope that asks for reading a type in the notation that the server offers. */
export function readScopeFor(
  resource: string,
  context: 'user' | 'patient',
  supported: readonly string[] | undefined,
): string {
  const [v1, v2] = [`${context}/${resource}.read`, `${context}/${resource}.rs`];
  return supported && !supported.includes(v1) && supported.includes(v2) ? v2 : v1;
}

/** The one model of scopes: behind the table and behind the form's checkboxes. */
export function analyseScopes(facts: ScopeFacts): ScopeReport {
  const { supported = [], registered = [], requested, granted = [] } = facts;
  const all = [...new Set([...requested, ...granted, ...registered, ...supported])];
  const offered = byRecord(supported);
  const rows = all.map((scope) => rowOf(scope, facts, offered));
  return { rows: rows.sort(byPermission), missing: missingPrerequisites(requested) };
}

/**
 * Whether the client was registered with a scope. What a login was granted was registered; what it was not granted
 * may have been unticked on the consent page, which proves nothing.
 */
export function registeredStanding(
  scope: string,
  facts: Pick<ScopeFacts, 'registered' | 'granted'>,
): Standing {
  if (facts.granted?.includes(scope)) return 'yes';
  if (!facts.registered) return 'unknown';
  return facts.registered.includes(scope) ? 'yes' : 'no';
}

/** Scopes about records by what they are about, so that a counterpart is found without a walk through all. */
type OfferedByRecord = ReadonlyMap<
  string,
  readonly { readonly scope: string; readonly parsed: ResourceScope }[]
>;

function byRecord(scopes: readonly string[]): OfferedByRecord {
  const offered = new Map<string, { scope: string; parsed: ResourceScope }[]>();
  for (const scope of scopes) {
    const parsed = parseResourceScope(scope);
    if (!parsed || parsed.filter) continue;
    const key = `${parsed.context}/${parsed.resource}`;
    offered.set(key, [...(offered.get(key) ?? []), { scope, parsed }]);
  }
  return offered;
}

function rowOf(scope: string, facts: ScopeFacts, offered: OfferedByRecord): ScopeRow {
  const { supported, requested, granted } = facts;
  const counterpart = counterpartOf(scope, offered);
  return {
    scope,
    version: parseResourceScope(scope)?.version,
    ...(counterpart ? { counterpart } : {}),
    supported: standing(supported?.includes(scope)),
    registered: registeredStanding(scope, facts),
    requested: requested.includes(scope),
    granted: standing(granted?.includes(scope)),
    problems: problemsOf(scope, facts),
  };
}

function standing(answer: boolean | undefined): Standing {
  if (answer === undefined) return 'unknown';
  return answer ? 'yes' : 'no';
}

/** The exact same permission in the other notation; where there is none, the least that includes it. */
function counterpartOf(scope: string, offered: OfferedByRecord): string | undefined {
  const own = parseResourceScope(scope);
  if (!own || own.filter) return undefined;
  const candidates = (offered.get(`${own.context}/${own.resource}`) ?? []).filter(
    ({ parsed }) =>
      parsed.version !== own.version &&
      own.letters.split('').every((letter) => parsed.letters.includes(letter)),
  );
  return candidates.toSorted((a, b) => a.parsed.letters.length - b.parsed.letters.length)[0]?.scope;
}

function problemsOf(scope: string, facts: ScopeFacts): ScopeProblem[] {
  const { clientType, supported, requested, granted } = facts;
  if (!requested.includes(scope)) return [];
  const problems: ScopeProblem[] = [];
  if (requested.filter((other) => other === scope).length > 1) problems.push({ kind: 'duplicate' });
  const spelling = spellingProblem(scope, supported);
  if (spelling) problems.push(spelling);
  if (!isScopeAllowedFor(scope, clientType)) problems.push({ kind: 'not-for-public-clients' });
  if (problems.length > 0) return problems;
  const registered = registeredStanding(scope, facts);
  if (registered === 'no') problems.push({ kind: 'not-registered' });
  else if (granted && !granted.includes(scope)) problems.push({ kind: 'not-granted' });
  return problems;
}

function spellingProblem(scope: string, supported: readonly string[] | undefined): ScopeProblem | undefined {
  const parsed = parseResourceScope(scope);
  if (parsed?.resource === '*') return { kind: 'wildcard' };
  const instead = supported?.find(
    (other) => other !== scope && other.toLowerCase() === scope.toLowerCase() && startsUpperCase(other),
  );
  if (supported?.includes(scope)) {
    // OpenEMR's own interface has `user/patient.read`, which opens nothing of FHIR.
    return instead && !startsUpperCase(scope) ? { kind: 'standard-api', instead } : undefined;
  }
  if (!supported) return undefined;
  const sameLetters = instead ?? supported.find((other) => other.toLowerCase() === scope.toLowerCase());
  return sameLetters ? { kind: 'letter-case', instead: sameLetters } : { kind: 'not-offered' };
}

function startsUpperCase(scope: string): boolean {
  return /^[A-Z]/.test(parseResourceScope(scope)?.resource ?? '');
}

/** What OpenEMR's interfaces want beside the scopes for records (OpenEMR, API_README.md and FHIR_README.md). */
export function missingPrerequisites(requested: readonly string[]): MissingPrerequisite[] {
  const records = requested.filter((scope) => parseResourceScope(scope));
  const needs: readonly (readonly [MissingPrerequisite['scope'], readonly string[]])[] = [
    ['api:fhir', records.filter(startsUpperCase)],
    ['api:oemr', records.filter((scope) => !startsUpperCase(scope))],
    ['launch/patient', records.filter((scope) => scope.startsWith('patient/'))],
    ['openid', requested.filter((scope) => ['fhirUser', 'profile', 'launch/patient'].includes(scope))],
    ['offline_access', requested.length > 0 ? ['refresh_token'] : []],
  ];
  return needs
    .filter(([scope, neededBy]) => neededBy.length > 0 && !requested.includes(scope))
    .map(([scope, neededBy]) => ({ scope, neededBy }));
}

const contextOrder: readonly string[] = ['user', 'patient', 'system'];

/** General scopes first, then by context and resource, so that both notations of a permission stand together. */
function byPermission(a: ScopeRow, b: ScopeRow): number {
  const [one, other] = [parseResourceScope(a.scope), parseResourceScope(b.scope)];
  if (!one || !other) return Number(one !== undefined) - Number(other !== undefined);
  return (
    contextOrder.indexOf(one.context) - contextOrder.indexOf(other.context) ||
    one.resource.localeCompare(other.resource, 'en') ||
    one.version.localeCompare(other.version)
  );
}
