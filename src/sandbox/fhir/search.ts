import type { Era, ResourceDescription } from '../era.ts';
import { patientOf } from './repository.ts';
import type { Resource } from './resource.ts';
import { dateMatches, stringMatches, textsAt, tokenMatches } from './searchValues.ts';

type Test = (resource: Resource, value: string, modifier: string | undefined) => boolean;

/**
 * OpenEMR's search: one unknown parameter, `_summary` and `_format` among them, and nothing is found; there
 * is no next page, and `_offset` counts for patients only, together with `_count`.
 */
export function search(
  era: Era,
  description: ResourceDescription,
  resources: readonly Resource[],
  query: URLSearchParams,
): Resource[] {
  const known = { ...description.searchParams, ...era.unlistedSearchParams[description.type] };
  let found = [...resources];
  for (const [key, value] of query) {
    const [name = '', modifier] = key.split(':');
    if (pagingParameters.has(name)) continue;
    const test = name in known ? tests[name] : undefined;
    if (test === undefined || !acceptedModifiers.has(modifier)) return [];
    found = found.filter((resource) => test(resource, value, modifier));
  }
  return page(description.type, sorted(found, query.get('_sort')), query);
}

const pagingParameters = new Set(['_count', '_offset', '_sort', '_revinclude']);
const acceptedModifiers = new Set([undefined, 'exact', 'contains']);

function page(type: string, found: Resource[], query: URLSearchParams): Resource[] {
  const count = Number(query.get('_count') ?? 0);
  if (!(count > 0)) return found;
  const offset = type === 'Patient' ? Number(query.get('_offset') ?? 0) : 0;
  return found.slice(offset, offset + count);
}

const sortPaths: Readonly<Record<string, string>> = {
  family: 'name.family',
  given: 'name.given',
  birthdate: 'birthDate',
  date: 'period.start',
};

function sorted(found: Resource[], order: string | null): Resource[] {
  if (order === null) return found;
  const descending = order.startsWith('-');
  const path = sortPaths[order.replace(/^-/, '')];
  if (path === undefined) return found;
  const keyOf = (resource: Resource): string => textsAt(resource, path)[0] ?? '';
  const compared = found.toSorted((one, other) => keyOf(one).localeCompare(keyOf(other), 'en'));
  return descending ? compared.reverse() : compared;
}

function stringTest(...paths: readonly string[]): Test {
  return (resource, value, modifier) =>
    paths.some((path) => textsAt(resource, path).some((text) => stringMatches(text, value, modifier)));
}

function tokenTest(...paths: readonly string[]): Test {
  return (resource, value) => paths.some((path) => tokenMatches(resource, path, value));
}

function dateTest(...paths: readonly string[]): Test {
  return (resource, value) =>
    paths.some((path) => textsAt(resource, path).some((text) => dateMatches(text, value)));
}

function telecomTest(system?: string): Test {
  return (resource, value) => {
    const contacts = Array.isArray(resource['telecom'])
      ? (resource['telecom'] as Record<string, string>[])
      : [];
    return contacts.some(
      (contact) => contact['value'] === value && (system === undefined || contact['system'] === system),
    );
  };
}

const tests: Readonly<Record<string, Test>> = {
  _id: (resource, value) => value.split(',').includes(resource.id),
  _lastUpdated: (resource, value) => dateMatches(resource.meta.lastUpdated, value),
  patient: (resource, value) => patientOf(resource) === value.replace(/^Patient\//, ''),
  identifier: (resource, value) =>
    textsAt(resource, 'identifier.value').includes(value.includes('|') ? (value.split('|')[1] ?? '') : value),
  name: stringTest('name', 'name.family', 'name.given'),
  family: stringTest('name.family'),
  given: stringTest('name.given'),
  birthdate: dateTest('birthDate'),
  gender: tokenTest('gender'),
  active: (resource, value) => String(resource['active']) === value,
  email: telecomTest('email'),
  phone: telecomTest('phone'),
  telecom: telecomTest(),
  address: stringTest('address.line', 'address.city', 'address.state', 'address.postalCode'),
  'address-city': stringTest('address.city'),
  'address-state': stringTest('address.state'),
  'address-postalcode': stringTest('address.postalCode'),
  code: tokenTest('code'),
  category: tokenTest('category'),
  status: tokenTest('status'),
  intent: tokenTest('intent'),
  date: dateTest('effectiveDateTime', 'period.start', 'start', 'occurrenceDateTime'),
};
