import type { Verdict } from '../../src/core/fhir/probeVerdict.ts';
import { eraNamed, type EraName } from '../../src/sandbox/era.ts';
import type { Dataset } from '../../src/sandbox/fhir/dataset.ts';
import { patientOf, resourcesOfType } from '../../src/sandbox/fhir/repository.ts';
import type { Resource } from '../../src/sandbox/fhir/resource.ts';
import { allows, type Access } from '../../src/sandbox/oauth/scopes.ts';
import type { SandboxLogin } from './sandboxLogin.ts';

type Right = 'user' | 'patient' | 'without-context' | 'none';

/** What the matrix has to say, out of the sandbox's own rules and data; nothing of the client has a part in it. */
export function expectedVerdicts(
  era: EraName,
  data: Dataset,
  login: SandboxLogin,
): Map<string, { search: Verdict; read: Verdict }> {
  const expected = new Map<string, { search: Verdict; read: Verdict }>();
  for (const { type, interactions } of eraNamed(era).resources) {
    const right = (access: Access): Right => rightOf(login, type, access);
    const records = resourcesOfType(eraNamed(era), data, type);
    const found = interactions.includes('search-type') ? visible(records, right('search'), login) : [];
    const search = interactions.includes('search-type')
      ? searchVerdict(type, right('search'), found.length > 0)
      : 'not-offered';
    const isOwn = type === 'Patient' && login.patient !== undefined;
    const read = interactions.includes('read')
      ? verdict(right('read'), found.length > 0 || isOwn)
      : 'not-offered';
    expected.set(type, { search, read });
  }
  return expected;
}

function rightOf({ grantedScopes, patient }: SandboxLogin, type: string, access: Access): Right {
  if (allows(grantedScopes, 'user', type, access)) return 'user';
  if (!allows(grantedScopes, 'patient', type, access)) return 'none';
  return patient === undefined ? 'without-context' : 'patient';
}

function visible(records: readonly Resource[], right: Right, { patient }: SandboxLogin): Resource[] {
  if (right === 'user') return [...records];
  if (right !== 'patient') return [];
  return records.filter((record) => [undefined, patient].includes(patientOf(record)));
}

/** The sandbox hands out its one OperationDefinition without asking for a scope, as OpenEMR does. */
function searchVerdict(type: string, right: Right, isFound: boolean): Verdict {
  return type === 'OperationDefinition' ? 'allowed' : verdict(right, isFound);
}

function verdict(right: Right, isFound: boolean): Verdict {
  if (right === 'none') return 'scope-missing';
  if (right === 'without-context') return 'context-missing';
  return isFound ? 'allowed' : 'allowed-empty';
}
