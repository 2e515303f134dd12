import assert from 'node:assert/strict';
import fc from 'fast-check';
import { mask, maskResource } from '../../../src/core/fhir/masking.ts';
import { summaryOf } from '../../../src/core/fhir/resourceSummary.ts';
import { generatedDataset } from '../../../src/sandbox/fhir/generatedData.ts';
import type { Resource } from '../../../src/sandbox/fhir/resource.ts';
import { allResources, leaksIn, personalValues } from '../../fhir/personalData.ts';

const data = generatedDataset();
const values = personalValues(data);
const resources = [...allResources('7.0', data), ...allResources('8.2', data)];

const textOfViews = (resource: unknown): string =>
  `${JSON.stringify(maskResource(resource))}\n${JSON.stringify(summaryOf(resource as Resource, false))}`;

const phi = fc.constantFrom(...values);
const wrapped = phi.chain((value) =>
  fc.constantFrom(value, `${value} and more`, `about ${value}`, `<p>${value}</p>`, ` ${value}\n`),
);

/** Where the standard lets a person's data stand: datatypes, free text, extensions, and names nobody heard of. */
const places: readonly ((text: string) => Record<string, unknown>)[] = [
  (text) => ({ name: [{ family: text, given: [text], text, prefix: [text] }] }),
  (text) => ({ name: text, title: text, description: text, comment: text }),
  (text) => ({ identifier: [{ use: 'usual', system: 'http://hl7.org/fhir/sid/us-ssn', value: text }] }),
  (text) => ({ identifier: [{ system: text, value: text, assigner: { display: text } }] }),
  (text) => ({ telecom: [{ system: 'phone', value: text, use: 'home' }] }),
  (text) => ({ address: [{ line: [text], city: text, postalCode: text, text, district: text }] }),
  (text) => ({ birthDate: text, deceasedDateTime: text, _birthDate: { extension: [{ valueString: text }] } }),
  (text) => ({ text: { status: 'generated', div: text } }),
  (text) => ({ note: [{ authorString: text, text }], reason: [{ text }], conclusion: text }),
  (text) => ({ subject: { reference: text, display: text, identifier: { value: text } } }),
  (text) => ({ code: { text, coding: [{ system: 'http://loinc.org', code: '8867-4', display: text }] } }),
  (text) => ({ code: { coding: [{ code: text, display: text }] } }),
  (text) => ({ extension: [{ url: text, valueString: text, valueAddress: { city: text } }] }),
  (text) => ({ contact: [{ name: { family: text }, telecom: [{ value: text }] }], photo: [{ url: text }] }),
  (text) => ({ contained: [{ resourceType: 'Patient', id: text, name: [{ family: text }] }] }),
  (text) => ({
    status: text,
    meta: { versionId: text, lastUpdated: text, source: text, tag: [{ display: text }] },
  }),
  (text) => ({ somethingNew: { deeper: [text, { [text]: text }] } }),
];

describe('Masking', () => {
  it('leaves nothing personal of any generated record of either era in any view', () => {
    assert.ok(resources.length > 1000, `${resources.length} resources`);
    assert.deepEqual(leaksIn(resources.map(textOfViews).join('\n'), values), []);
  });

  it('can fail: the same records unmasked are full of it', () => {
    const patients = resources.filter(({ resourceType }) => resourceType === 'Patient');
    for (const patient of patients) assert.ok(leaksIn(JSON.stringify(patient), values).length > 3);
  });

  it('hides personal values wherever the standard lets them stand', () => {
    const resource = fc.constantFrom(...resources);
    fc.assert(
      fc.property(resource, fc.constantFrom(...places), wrapped, (original, place, text) => {
        const masked = textOfViews({ ...original, ...place(text) });
        assert.deepEqual(leaksIn(masked, values), []);
      }),
      { numRuns: 2000 },
    );
  });

  it('shows no text at all that is not on its list, whatever the shape', () => {
    fc.assert(
      fc.property(fc.jsonValue(), (value) => {
        for (const text of textsIn(maskResource(value)))
          assert.ok(text === mask || /^[\w.:/#|+-]+$/.test(text), text);
      }),
    );
  });

  it('hides record numbers, and numbers and times that could tell who it is', () => {
    const patient = resources.find(({ resourceType }) => resourceType === 'Patient') as Resource;
    const masked = maskResource({ ...patient, multipleBirthInteger: 2 }) as Record<string, unknown>;
    const [identifier] = masked['identifier'] as Record<string, unknown>[];
    assert.equal(identifier?.['value'], mask);
    assert.equal(masked['birthDate'], mask);
    assert.equal(masked['multipleBirthInteger'], mask);
  });

  it('keeps what is needed to find one’s way: type, id, references, codes, state, last change', () => {
    const observation = resources.find(({ resourceType }) => resourceType === 'Observation') as Resource;
    const masked = maskResource(observation) as Record<string, unknown>;
    assert.equal(masked['resourceType'], 'Observation');
    assert.equal(masked['id'], observation.id);
    assert.equal(masked['status'], observation['status']);
    assert.deepEqual(
      (masked['subject'] as Record<string, unknown>)['reference'],
      (observation['subject'] as Record<string, unknown>)['reference'],
    );
    assert.deepEqual(Object.keys(masked), Object.keys(observation));
  });

  it('says of a patient whether the record is in use, masked or not, and never the gender', () => {
    const patient = { resourceType: 'Patient', id: 'one', gender: 'female' };
    for (const isRevealed of [true, false]) {
      assert.equal(summaryOf({ ...patient, active: true }, isRevealed).state, 'active');
      assert.equal(summaryOf({ ...patient, active: false }, isRevealed).state, 'inactive');
      assert.equal(summaryOf(patient, isRevealed).state, '');
    }
  });

  it('says in a revealed line what the record says', () => {
    const patient = resources.find(({ resourceType }) => resourceType === 'Patient') as Resource;
    const family = data.patients[0]?.familyName ?? '';
    assert.ok(summaryOf(patient, true).what.includes(family));
    assert.equal(summaryOf(patient, false).what, mask);
    const speaking = { ...patient, id: 'jane-doe-1980' };
    assert.equal(summaryOf(speaking, true).id, 'jane-doe-1980');
    assert.equal(summaryOf(speaking, false).id, mask);
  });
});

function textsIn(value: unknown): string[] {
  if (typeof value === 'string') return [value];
  if (typeof value !== 'object' || value === null) return [];
  return Object.values(value).flatMap(textsIn);
}
