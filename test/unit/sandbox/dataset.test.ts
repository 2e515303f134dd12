import assert from 'node:assert/strict';
import { eraNamed } from '../../../src/sandbox/era.ts';
import { generatedDataset } from '../../../src/sandbox/fhir/generatedData.ts';
import { recordedDataset } from '../../../src/sandbox/fhir/recordedData.ts';
import { patientOf, resourcesOfType } from '../../../src/sandbox/fhir/repository.ts';
import { search } from '../../../src/sandbox/fhir/search.ts';

const era = eraNamed('8.2');
const types = [
  'Patient',
  'Practitioner',
  'Person',
  'Organization',
  'Location',
  'Encounter',
  'Observation',
  'Condition',
  'AllergyIntolerance',
  'Immunization',
  'MedicationRequest',
  'Appointment',
];

describe('The generated patients', () => {
  const data = generatedDataset();
  const resources = new Map(types.map((type) => [type, resourcesOfType(era, data, type)]));

  it('are more than a hundred and the same every time', () => {
    assert.ok(data.patients.length >= 100);
    assert.deepEqual(generatedDataset().patients, data.patients);
    assert.deepEqual(generatedDataset().encounters, data.encounters);
  });

  it('have records of every type, each with an id of its own', () => {
    for (const [type, list] of resources) assert.ok(list.length > 0, type);
    const ids = [...resources.values()].flat().map(({ id }) => id);
    assert.equal(new Set(ids).size, ids.length);
    assert.ok(
      ids.every((id) => /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/.test(id)),
    );
  });

  it('are linked: every reference leads to a resource', () => {
    const known = new Set([...resources].flatMap(([type, list]) => list.map(({ id }) => `${type}/${id}`)));
    const references = [...JSON.stringify([...resources.values()]).matchAll(/"reference":"([^"]+)"/g)];
    assert.ok(references.length > 1000);
    for (const [, reference] of references) assert.ok(known.has(reference ?? ''), reference);
  });

  it('own their records', () => {
    const [first] = data.patients;
    const owned = types
      .flatMap((type) => resources.get(type) ?? [])
      .filter((one) => patientOf(one) === first!.uuid);
    assert.ok(owned.length > 10);
  });
});

describe('A search in the sandbox', () => {
  const data = recordedDataset('8.2');
  const total = (type: string, query: string): number => {
    const description = era.resources.find((candidate) => candidate.type === type)!;
    return search(era, description, resourcesOfType(era, data, type), new URLSearchParams(query)).length;
  };

  const cases: readonly (readonly [type: string, query: string, found: number])[] = [
    ['Patient', '', 7],
    ['Patient', 'family=brow', 2],
    ['Patient', 'family:exact=brown', 0],
    ['Patient', 'family:exact=Brown', 2],
    ['Patient', 'name:contains=rcy', 1],
    ['Patient', 'birthdate=1980-02-11', 1],
    ['Patient', 'birthdate=lt1980', 2],
    ['Patient', 'birthdate=le1980', 3],
    ['Patient', 'birthdate=bogus', 0],
    ['Patient', 'gender=female', 3],
    ['Patient', 'identifier=2', 1],
    ['Patient', 'email=anna@example.org', 1],
    ['Patient', 'address-city=new', 2],
    ['Patient', '_summary=count', 0],
    ['Patient', '_count=2&_offset=6', 1],
    ['Patient', '_offset=6', 7],
    ['Encounter', '_count=1&_offset=1', 1],
    ['Encounter', 'date=ge2026-04', 1],
    ['Observation', 'code=http://loinc.org|85354-9', 1],
    ['Observation', 'code=http://other|85354-9', 0],
    ['Observation', 'category=laboratory', 0],
    ['Condition', 'category=problem-list-item', 2],
    ['MedicationRequest', 'intent=order&status=active', 1],
  ];
  for (const [type, query, found] of cases) {
    it(`finds ${found} for ${type}?${query}`, () => {
      assert.equal(total(type, query), found);
    });
  }

  it('sorts', () => {
    const description = era.resources.find(({ type }) => type === 'Patient')!;
    const families = (sort: string): unknown[] =>
      search(
        era,
        description,
        resourcesOfType(era, data, 'Patient'),
        new URLSearchParams({ _sort: sort }),
      ).map((patient) => (patient['name'] as { family: string }[])[0]?.family);
    assert.equal(families('family')[0], 'Almeida');
    assert.equal(families('-family')[0], 'Unknown');
  });
});
