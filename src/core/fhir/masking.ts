/** What stands where something about a person was. */
export const mask = '••••';

type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json };

/** Words of the standard that tell nothing about a person (FHIR R4, code elements with a required binding). */
const codeElements: ReadonlySet<string> = new Set([
  'status',
  'intent',
  'use',
  'mode',
  'kind',
  'priority',
  'gender',
  'lifecycleStatus',
  'criticality',
]);
/** Elements of the standard begin with a small letter; a name that somebody made a member's name does not. */
const keyPattern = /^_?[a-z][A-Za-z0-9]{0,63}$/;
const typePattern = /^[A-Z][A-Za-z]{1,63}$/;
const codePattern = /^[a-z][a-z-]{1,30}$/;
const codingCodePattern = /^[A-Za-z0-9][A-Za-z0-9.-]{0,31}$/;
const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const referencePattern = /^[A-Z][A-Za-z]{1,63}\/[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const instantPattern = /^\d{4}-\d\d-\d\dT[\d:.]{8,18}(?:Z|[+-]\d\d:\d\d)$/;
/** Vocabularies and profiles of the standard's own hosts; an address of a practice may name a person. */
const vocabularyPattern =
  /^(?:https?:\/\/(?:[\w-]+\.)*(?:hl7\.org|loinc\.org|snomed\.info|nlm\.nih\.gov|nucc\.org|ama-assn\.org|smarthealthit\.org)(?:[/?#|][\w./#|-]*)?|urn:(?:oid|ietf):[\w.:-]+)$/;

/**
 * A resource without anything about a person, in the same shape. What may be seen is listed, everything else is
 * masked: types, opaque ids and references by them, codes of vocabularies, states and the time of the last change.
 * So an element that nobody thought of is masked, not shown.
 */
export function maskResource(resource: unknown): Json {
  return maskValue(resource, { path: [], coding: false });
}

interface Place {
  /** Names of the elements from the resource down; list indexes are left out. */
  readonly path: readonly string[];
  /** Inside of something that has a vocabulary's `system`. */
  readonly coding: boolean;
}

function maskValue(value: unknown, place: Place): Json {
  if (Array.isArray(value)) return value.map((item) => maskValue(item, place));
  if (typeof value === 'object' && value !== null) return maskObject(value, place);
  if (value === null || typeof value === 'boolean') return value;
  return typeof value === 'string' && isHarmless(value, place) ? value : mask;
}

function maskObject(value: object, { path }: Place): Json {
  const members = Object.entries(value);
  const coding = isCoding(new Map<string, unknown>(members));
  return Object.fromEntries(
    members.map(([name, member], index) => {
      const shown = keyPattern.test(name) ? name : `${mask}${index}`;
      return [shown, maskValue(member, { path: [...path, name], coding })];
    }),
  );
}

/** A Coding: of a known vocabulary, and no identifier, which has a `value` beside its `system`. */
function isCoding(members: ReadonlyMap<string, unknown>): boolean {
  const system = members.get('system');
  return typeof system === 'string' && vocabularyPattern.test(system) && !members.has('value');
}

function isHarmless(text: string, { path, coding }: Place): boolean {
  const name = path.at(-1) ?? '';
  switch (name) {
    case 'resourceType':
      return typePattern.test(text);
    case 'id':
      return path.length === 1 && uuidPattern.test(text);
    case 'reference':
      return referencePattern.test(text);
    case 'type':
      return path.length > 1 && typePattern.test(text) && isResourceName(text);
    case 'system':
    case 'profile':
    case 'url':
      return vocabularyPattern.test(text);
    case 'code':
      return coding && codingCodePattern.test(text);
    case 'lastUpdated':
      return path.length === 2 && path[0] === 'meta' && instantPattern.test(text);
    case 'versionId':
      return path.length === 2 && path[0] === 'meta' && /^\d{1,9}$/.test(text);
    default:
      return path.length === 1 && codeElements.has(name) && codePattern.test(text);
  }
}

/** `Reference.type` names the kind of what is referred to; a few words suffice, the rest stays masked. */
const resourceNames: ReadonlySet<string> = new Set([
  'AllergyIntolerance',
  'Appointment',
  'CarePlan',
  'CareTeam',
  'Condition',
  'Coverage',
  'Device',
  'DiagnosticReport',
  'DocumentReference',
  'Encounter',
  'Goal',
  'Immunization',
  'Location',
  'Medication',
  'MedicationRequest',
  'Observation',
  'Organization',
  'Patient',
  'Person',
  'Practitioner',
  'PractitionerRole',
  'Procedure',
  'Provenance',
  'RelatedPerson',
  'ServiceRequest',
  'Specimen',
]);

function isResourceName(text: string): boolean {
  return resourceNames.has(text);
}
