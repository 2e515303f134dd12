import { blankPatient, createDataset, portalUser, staffUser } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { SeededRandom } from './random.ts';
import type { EncounterRecord, FacilityRecord, PatientRecord } from './records.ts';
import { vitalSigns, vitalsPanel } from './vitalSigns.ts';

const imported = '2026-11-22T18:53:30+00:00';
const updated = '2026-11-22T18:56:24+00:00';

/** The small data set against which the two real servers were recorded: five patients, two made by API. */
export function recordedDataset(): Dataset {
  const random = new SeededRandom(5);
  const facility = theFacility(random);
  const patients = thePatients(random);
  const [anna, bernard] = patients;
  if (anna === undefined || bernard === undefined) throw new Error('The recorded data set has no patients.');
  const encounters: EncounterRecord[] = [
    encounter(random, anna, '2026-03-01T09:00:00+00:00', 'Annual check', facility),
    encounter(random, bernard, '2026-04-02T10:30:00+00:00', 'Cough', facility),
  ];
  return createDataset(
    {
      staff: staffUser(random.uuid()),
      portalPatient: portalUser(anna, 'anna1'),
      facilities: [facility],
      practitioners: [],
      encounters,
      appointments: [],
      ...clinicalRecords(random, anna, bernard, encounters),
    },
    patients,
  );
}

function theFacility(random: SeededRandom): FacilityRecord {
  return {
    uuid: random.uuid(),
    locationUuid: random.uuid(),
    updatedAt: '2026-11-22T18:44:12+00:00',
    id: 3,
    name: 'Your Clinic Name Here',
    phone: '000-000-0000',
    fax: '000-000-0000',
  };
}

function thePatients(random: SeededRandom): PatientRecord[] {
  const rows: (Partial<PatientRecord> &
    Pick<PatientRecord, 'givenName' | 'familyName' | 'birthDate' | 'sex'>)[] = [
    {
      title: 'Ms.',
      givenName: 'Anna',
      middleName: 'B',
      familyName: 'Almeida',
      birthDate: '1980-02-11',
      sex: 'Female',
      street: '12 Elm St',
      city: 'Cambridge',
      state: 'MA',
      postalCode: '02139',
      country: 'USA',
      phoneHome: '617-555-0101',
      phoneCell: '617-555-0102',
      email: 'anna@example.org',
      race: 'white',
      ethnicity: 'not_hisp_or_latin',
      language: 'English',
      maritalStatus: 'married',
    },
    {
      title: 'Mr.',
      givenName: 'Bernard',
      familyName: 'Brown',
      birthDate: '1955-07-30',
      sex: 'Male',
      ...newYork,
      phoneHome: '212-555-0111',
      email: 'bernard@example.org',
      race: 'white',
      ethnicity: 'not_hisp_or_latin',
      language: 'English',
      maritalStatus: 'single',
    },
    {
      givenName: 'Chloé',
      familyName: "D'Arcy-Müller",
      birthDate: '2001-12-01',
      sex: 'Female',
      street: '1 Rue Émile',
      city: 'Paris',
      postalCode: '75001',
      country: 'FRA',
    },
    {
      title: 'Mr.',
      givenName: 'David',
      middleName: 'K',
      familyName: 'Brown',
      birthDate: '2019-05-05',
      sex: 'Male',
      ...newYork,
      race: 'asian',
      ethnicity: 'hisp_or_latin',
      language: 'English',
    },
    { givenName: 'Eve', familyName: 'Unknown', birthDate: '1940-01-01', sex: 'UNK' },
    { givenName: 'Nora', familyName: 'Newman', birthDate: '1999-09-09', sex: 'female' },
    { givenName: 'Std', familyName: 'Api', birthDate: '2000-01-01', sex: 'Male' },
  ];
  return rows.map((row, index) => ({
    ...blankPatient,
    ...row,
    uuid: random.uuid(),
    pid: index + 1,
    registeredAt: imported,
    updatedAt: updated,
  }));
}

const newYork = { street: '9 Oak Ave', city: 'New York', state: 'NY', postalCode: '10001', country: 'USA' };

function encounter(
  random: SeededRandom,
  patient: PatientRecord,
  start: string,
  reason: string,
  facility: FacilityRecord,
): EncounterRecord {
  return {
    uuid: random.uuid(),
    updatedAt: updated,
    patientUuid: patient.uuid,
    start,
    reason,
    practitionerUuid: undefined,
    facility,
  };
}

type ClinicalTables = Pick<Dataset, 'vitals' | 'problems' | 'allergies' | 'immunizations' | 'medications'>;

function clinicalRecords(
  random: SeededRandom,
  anna: PatientRecord,
  bernard: PatientRecord,
  encounters: readonly EncounterRecord[],
): ClinicalTables {
  const stored = (patient: PatientRecord): { uuid: string; updatedAt: string; patientUuid: string } => ({
    uuid: random.uuid(),
    updatedAt: updated,
    patientUuid: patient.uuid,
  });
  const lisinopril = { rxnorm: '314076', authoredOn: imported };
  return {
    vitals: [
      {
        patientUuid: anna.uuid,
        encounterUuid: encounters[0]?.uuid ?? '',
        takenAt: '2026-03-01T09:10:00+00:00',
        updatedAt: updated,
        uuids: Object.fromEntries([vitalsPanel, ...vitalSigns].map((sign) => [sign.loinc, random.uuid()])),
        values: {
          '9279-1': 16,
          '8867-4': 72,
          '59408-5': 98,
          '8310-5': 98.6,
          '8302-2': 65,
          '29463-7': 140,
          '39156-5': 23.3,
          '8480-6': 122,
          '8462-4': 78,
        },
      },
    ],
    problems: [
      { ...stored(anna), title: 'Hypertension', icd10: 'I10', onset: '2015-06-01T00:00:00+00:00' },
      { ...stored(bernard), title: 'Asthma', icd10: 'J45.909', onset: '2010-01-01T00:00:00+00:00' },
    ],
    allergies: [
      {
        ...stored(anna),
        substance: 'Penicillin',
        rxnorm: '7980',
        reaction: 'Hives',
        reactionSnomed: '247472004',
      },
    ],
    immunizations: [
      {
        ...stored(anna),
        vaccine: 'Influenza, seasonal, injectable, preservative free',
        cvx: '140',
        givenAt: '2025-10-01T10:00:00+00:00',
        recordedAt: imported,
      },
    ],
    medications: [
      { ...stored(anna), ...lisinopril, drug: 'Lisinopril 10 MG Oral Tablet', source: 'prescription' },
      { ...stored(anna), ...lisinopril, drug: 'Lisinopril 10 MG', source: 'list' },
    ],
  };
}
