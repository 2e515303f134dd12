import type { Era } from '../era.ts';
import type {
  AllergyRecord,
  EncounterRecord,
  ImmunizationRecord,
  MedicationRecord,
  ProblemRecord,
} from './records.ts';
import { concept, meta, reference, rxnorm, terminology, usCore, versions } from './resource.ts';
import type { Resource } from './resource.ts';

const snomed = 'http://snomed.info/sct';

export function encounterResource(encounter: EncounterRecord): Resource {
  return {
    id: encounter.uuid,
    meta: meta(encounter.updatedAt),
    resourceType: 'Encounter',
    identifier: [{ system: `urn:uuid:${encounter.uuid}`, value: encounter.uuid }],
    status: 'finished',
    class: { system: `${terminology}v3-ActCode`, code: 'AMB', display: 'ambulatory' },
    type: [concept(snomed, '185349003', 'Encounter for check up (procedure)')],
    subject: reference('Patient', encounter.patientUuid),
    ...(encounter.practitionerUuid === undefined
      ? {}
      : { participant: [{ individual: reference('Practitioner', encounter.practitionerUuid) }] }),
    period: { start: encounter.start },
    reasonCode: [{ text: encounter.reason }],
    location: [{ location: reference('Location', encounter.facility.locationUuid) }],
    serviceProvider: reference('Organization', encounter.facility.uuid),
  };
}

export function conditionResource(era: Era, problem: ProblemRecord): Resource {
  const category = concept(`${terminology}condition-category`, 'problem-list-item', 'Problem List Item');
  return {
    id: problem.uuid,
    meta: meta(problem.updatedAt, era.usCoreProfiles ? conditionProfiles : undefined),
    resourceType: 'Condition',
    clinicalStatus: concept(`${terminology}condition-clinical`, 'active', 'Active'),
    verificationStatus: concept(`${terminology}condition-ver-status`, 'confirmed', 'Confirmed'),
    category: [era.usCoreProfiles ? { ...category, text: 'Problem List Item' } : category],
    code: era.usCoreProfiles ? { text: problem.title } : concept('2.16.840.1.113883.6.90', problem.icd10, ''),
    subject: { reference: `Patient/${problem.patientUuid}` },
    ...(era.usCoreProfiles ? { onsetDateTime: problem.onset, recordedDate: problem.onset } : {}),
  };
}

const conditionProfiles: readonly string[] = [
  ...versions(`${usCore}us-core-condition`, '3.1.1'),
  ...versions(`${usCore}us-core-condition-problems-health-concerns`, '3.1.1', '6.1.0', '7.0.0', '8.0.0'),
];

export function allergyResource(allergy: AllergyRecord): Resource {
  return {
    id: allergy.uuid,
    meta: meta(allergy.updatedAt),
    resourceType: 'AllergyIntolerance',
    text: {
      status: 'additional',
      div: `<div xmlns='http://www.w3.org/1999/xhtml'>${allergy.substance}</div>`,
    },
    clinicalStatus: concept(`${terminology}allergyintolerance-clinical`, 'active', 'Active'),
    verificationStatus: concept(`${terminology}allergyintolerance-verification`, 'confirmed', 'Confirmed'),
    category: ['medication'],
    criticality: 'low',
    code: concept(rxnorm, allergy.rxnorm, allergy.substance),
    patient: { reference: `Patient/${allergy.patientUuid}` },
    reaction: [
      {
        manifestation: [
          { ...concept(snomed, allergy.reactionSnomed, allergy.reaction), text: allergy.reaction },
        ],
      },
    ],
  };
}

export function immunizationResource(immunization: ImmunizationRecord): Resource {
  return {
    id: immunization.uuid,
    meta: meta(immunization.updatedAt),
    resourceType: 'Immunization',
    status: 'completed',
    vaccineCode: concept('http://hl7.org/fhir/sid/cvx', immunization.cvx, immunization.vaccine),
    patient: { reference: `Patient/${immunization.patientUuid}` },
    occurrenceDateTime: immunization.givenAt,
    recorded: immunization.recordedAt,
    primarySource: false,
  };
}

export function medicationResource(era: Era, medication: MedicationRecord): Resource {
  const prescribed = medication.source === 'prescription';
  const coded = prescribed || !era.usCoreProfiles;
  return {
    id: medication.uuid,
    meta: meta(medication.updatedAt),
    resourceType: 'MedicationRequest',
    status: 'active',
    intent: prescribed ? 'order' : 'plan',
    category: [concept(`${terminology}medicationrequest-category`, 'community', 'Home/Community')],
    reportedBoolean: false,
    medicationCodeableConcept: coded
      ? concept(rxnorm, medication.rxnorm, medication.drug)
      : { text: medication.drug },
    subject: reference('Patient', medication.patientUuid),
    authoredOn: medication.authoredOn,
    ...(era.usCoreProfiles ? dispensing(medication) : {}),
  };
}

/** 8.2 adds these, an empty list for the dosage among them. */
function dispensing(medication: MedicationRecord): Record<string, unknown> {
  return medication.source === 'prescription'
    ? { dosageInstruction: [[]], dispenseRequest: { numberOfRepeatsAllowed: 0, quantity: { value: 30 } } }
    : {
        reasonCode: [concept(rxnorm, medication.rxnorm)],
        dispenseRequest: { numberOfRepeatsAllowed: 0 },
      };
}
