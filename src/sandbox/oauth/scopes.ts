import type { SandboxContext } from '../sandboxContext.ts';

export function splitScopes(scope: string | null | undefined): string[] {
  return (scope ?? '').split(' ').filter((part) => part !== '');
}

/** The scopes the server offers; the system ones only while their global is on. */
export function offeredScopes(context: SandboxContext): readonly string[] {
  const isWithdrawn = context.faults.isOn('scope-withdrawn');
  const scopes = isWithdrawn
    ? context.era.scopes.filter((scope) => !scope.includes('/Encounter.'))
    : context.era.scopes;
  return context.settings.rest_system_scopes_api
    ? scopes
    : scopes.filter((scope) => !scope.startsWith('system/'));
}

export function firstUnknownScope(context: SandboxContext, scopes: readonly string[]): string | undefined {
  const offered = new Set(offeredScopes(context));
  return scopes.find((scope) => !offered.has(scope) && !scope.startsWith('site:'));
}

export function isResourceScope(scope: string): boolean {
  return /^(?:user|patient|system)\//.test(scope);
}

/** The `scope` of a token response leaves out every scope with a colon, `api:fhir` among them. */
export function scopeForResponse(scopes: readonly string[]): string {
  return scopes.filter((scope) => !scope.includes(':')).join(' ');
}

export type Access = 'read' | 'search' | 'create';

const v2Letters: Readonly<Record<Access, string>> = { read: 'r', search: 's', create: 'c' };

/**
 * Whether one of the scopes allows the access to a resource, as `user` or as `patient`: SMART v1 `.read` and
 * `.write`, or the letters of v2. `.s` alone searches, `.r` alone reads.
 */
export function allows(
  scopes: readonly string[],
  level: 'user' | 'patient',
  resource: string,
  access: Access,
): boolean {
  const v1 = `${level}/${resource}.${access === 'create' ? 'write' : 'read'}`;
  const v2 = `${level}/${resource}.`;
  return scopes.some(
    (scope) =>
      scope === v1 ||
      (scope.startsWith(v2) &&
        /^[cruds]+(?:\?|$)/.test(scope.slice(v2.length)) &&
        (scope.slice(v2.length).split('?')[0] ?? '').includes(v2Letters[access])),
  );
}
