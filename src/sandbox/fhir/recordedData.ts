import ids70 from '../data/recorded-ids-7.0.json' with { type: 'json' };
import ids82 from '../data/recorded-ids-8.2.json' with { type: 'json' };
import { blankPatient, createDataset, portalUser, staffUser } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import { SeededRandom } from './random.ts';
import type { EncounterRecord, FacilityRecord, PatientRecord } from './records.ts';
import { vitalSigns, vitalsPanel } from './vitalSigns.ts';

const imported = '2026-11-22T18:53:30+00:00';
const updated = '2026-11-22T18:56:24+00:00';

/** What the recordings call their records; those that no answer showed have no entry. */
interface RecordedIds {
  readonly staff: string;
  readonly facility: string;
  readonly location: string;
  readonly patients: Readonly<Record<string, string>>;
  readonly encounters: Readonly<Record<string, string>>;
  readonly vitals: Readonly<Record<string, string>>;
  readonly problems: Readonly<Record<string, string>>;
  readonly allergy: string;
  readonly immunization: string;
  readonly medications: Readonly<Record<string, string>>;
}

const recordedIds: Readonly<Record<'7.0' | '8.2', RecordedIds>> = { '7.0': ids70, '8.2': ids82 };

/** The small data set against which the two real servers were recorded: five patients, two made by API. */
export function recordedDataset(era: '7.0' | '8.2'): Dataset {
  const random = new SeededRandom(5);
  const ids = recordedIds[era];
  const facility = theFacility(ids);
  const patients = thePatients(ids, random);
  const [anna, bernard] = patients;
  if (anna === undefined || bernard === undefined) throw new Error('The recorded data set has no patients.');
  const uuidOf = (reason: string): string => ids.encounters[reason] ?? random.uuid();
  const annualCheck = encounter(
    uuidOf('annualCheck'),
    anna,
    '2026-03-01T09:00:00+00:00',
    'Annual check',
    facility,
  );
  const cough = encounter(uuidOf('cough'), bernard, '2026-04-02T10:30:00+00:00', 'Cough', facility);
  // OpenEMR lists encounters newest first.
  const encounters: EncounterRecord[] = [cough, annualCheck];
  return createDataset(
    {
      staff: staffUser(ids.staff),
      portalPatient: portalUser(anna, 'anna1'),
      facilities: [facility],
      practitioners: [],
      encounters,
      appointments: [],
      ...clinicalRecords(ids, random, { anna, bernard, annualCheck }),
    },
    patients,
  );
}

function theFacility(ids: RecordedIds): FacilityRecord {
  return {
    uuid: ids.facility,
    locationUuid: ids.location,
    updatedAt: '2026-11-22T18:44:12+00:00',
    id: 3,
    name: 'Your Clinic Name Here',
    phone: '000-000-0000',
    fax: '000-000-0000',
  };
}

function thePatients(ids: RecordedIds, random: SeededRandom): PatientRecord[] {
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
    uuid: ids.patients[row.givenName] ?? random.uuid(),
    pid: index + 1,
    registeredAt: imported,
    updatedAt: updated,
  }));
}

const newYork = { street: '9 Oak Ave', city: 'New York', state: 'NY', postalCode: '10001', country: 'USA' };

function encounter(
  uuid: string,
  patient: PatientRecord,
  start: string,
  reason: string,
  facility: FacilityRecord,
): EncounterRecord {
  return {
    uuid,
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
  ids: RecordedIds,
  random: SeededRandom,
  {
    anna,
    bernard,
    annualCheck,
  }: { anna: PatientRecord; bernard: PatientRecord; annualCheck: EncounterRecord },
): ClinicalTables {
  const stored = (uuid: string | undefined, patient: PatientRecord) => ({
    uuid: uuid ?? random.uuid(),
    updatedAt: updated,
    patientUuid: patient.uuid,
  });
  const lisinopril = { rxnorm: '314076', authoredOn: imported };
  return {
    vitals: [
      {
        patientUuid: anna.uuid,
        encounterUuid: annualCheck.uuid,
        takenAt: '2026-03-01T09:10:00+00:00',
        updatedAt: updated,
        uuids: Object.fromEntries(
          [vitalsPanel, ...vitalSigns].map((sign) => [sign.loinc, ids.vitals[sign.loinc] ?? random.uuid()]),
        ),
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
      {
        ...stored(ids.problems['Hypertension'], anna),
        title: 'Hypertension',
        icd10: 'I10',
        onset: '2015-06-01T00:00:00+00:00',
      },
      {
        ...stored(ids.problems['Asthma'], bernard),
        title: 'Asthma',
        icd10: 'J45.909',
        onset: '2010-01-01T00:00:00+00:00',
      },
    ],
    allergies: [
      {
        ...stored(ids.allergy, anna),
        substance: 'Penicillin',
        rxnorm: '7980',
        reaction: 'Hives',
        reactionSnomed: '247472004',
      },
    ],
    immunizations: [
      {
        ...stored(ids.immunization, anna),
        vaccine: 'Influenza, seasonal, injectable, preservative free',
        cvx: '140',
        givenAt: '2025-10-01T10:00:00+00:00',
        recordedAt: imported,
      },
    ],
    medications: [
      {
        ...stored(ids.medications['prescription'], anna),
        ...lisinopril,
        drug: 'Lisinopril 10 MG Oral Tablet',
        source: 'prescription',
      },
      { ...stored(ids.medications['list'], anna), ...lisinopril, drug: 'Lisinopril 10 MG', source: 'list' },
    ],
  };
}
