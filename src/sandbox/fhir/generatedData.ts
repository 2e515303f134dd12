import { blankPatient, createDataset, portalUser, staffUser } from './dataset.ts';
import type { Dataset } from './dataset.ts';
import * as vocabulary from './generatedVocabulary.ts';
import { SeededRandom } from './random.ts';
import type {
  EncounterRecord,
  FacilityRecord,
  PatientRecord,
  PractitionerRecord,
  Stored,
  VitalsRecord,
} from './records.ts';
import { vitalSigns, vitalsPanel } from './vitalSigns.ts';

const generatedPatientCount = 120;
const seed = 20_260_101;

type Ward = Pick<Dataset, 'facilities' | 'practitioners'>;
type Charts = {
  -readonly [
    Table in
      'encounters' | 'vitals' | 'problems' | 'allergies' | 'immunizations' | 'medications' | 'appointments'
  ]: Dataset[Table][number][];
};

/** The default data: synthetic patients with linked records, the same on every machine. */
export function generatedDataset(): Dataset {
  const random = new SeededRandom(seed);
  const ward: Ward = {
    facilities: vocabulary.facilityNames.map((name, index) => facility(random, name, index)),
    practitioners: vocabulary.practitionerNames.map((name, index) => practitioner(random, name, index)),
  };
  const patients = Array.from({ length: generatedPatientCount }, (_, index) => patient(random, index));
  const charts: Charts = {
    encounters: [],
    vitals: [],
    problems: [],
    allergies: [],
    immunizations: [],
    medications: [],
    appointments: [],
  };
  for (const person of patients) fillChart(random, charts, ward, person);
  const [first] = patients;
  if (first === undefined) throw new Error('No patients were generated.');
  return createDataset(
    { staff: staffUser(random.uuid()), portalPatient: portalUser(first, 'patient1'), ...ward, ...charts },
    patients,
  );
}

function stored(random: SeededRandom): Stored {
  return { uuid: random.uuid(), updatedAt: moment(random, 2026, 2026) };
}

function day(random: SeededRandom, fromYear: number, toYear: number): string {
  const two = (value: number): string => String(value).padStart(2, '0');
  return `${random.integer(fromYear, toYear)}-${two(random.integer(1, 10))}-${two(random.integer(1, 28))}`;
}

function moment(random: SeededRandom, fromYear: number, toYear: number): string {
  return `${day(random, fromYear, toYear)}T${String(random.integer(8, 16)).padStart(2, '0')}:00:00+00:00`;
}

function facility(random: SeededRandom, name: string, index: number): FacilityRecord {
  return {
    ...stored(random),
    locationUuid: random.uuid(),
    id: index + 3,
    name,
    phone: `555-0100-${index}00`,
    fax: `555-0100-${index}01`,
  };
}

function practitioner(
  random: SeededRandom,
  [givenName, familyName]: readonly [string, string],
  index: number,
): PractitionerRecord {
  return {
    ...stored(random),
    title: 'Dr.',
    givenName,
    familyName,
    npi: String(9_990_000_000 + index),
    phone: `555-0101-${100 + index}`,
    email: `${givenName.toLowerCase()}.${familyName.toLowerCase()}@example.org`,
  };
}

function patient(random: SeededRandom, index: number): PatientRecord {
  const female = random.chance(0.5);
  const givenName = random.pick(female ? vocabulary.femaleNames : vocabulary.maleNames);
  const familyName = random.pick(vocabulary.familyNames);
  const [city, state, postalCode] = random.pick(vocabulary.cities);
  return {
    ...blankPatient,
    ...stored(random),
    pid: index + 1,
    title: female ? 'Ms.' : 'Mr.',
    givenName,
    middleName: random.chance(0.4) ? random.pick(['A', 'J', 'K', 'M', 'Q']) : '',
    familyName,
    birthDate: day(random, 1936, 2022),
    sex: female ? 'Female' : 'Male',
    street: `${random.integer(1, 250)} ${random.pick(vocabulary.streets)}`,
    city,
    state,
    postalCode,
    country: 'USA',
    phoneHome: `555-01${String(index).padStart(3, '0')}-0`,
    phoneCell: random.chance(0.6) ? `555-01${String(index).padStart(3, '0')}-1` : '',
    email: `patient${index + 1}@example.org`,
    race: random.pick(['white', 'asian', 'black_or_afri_amer', '']),
    ethnicity: random.pick(['not_hisp_or_latin', 'hisp_or_latin', '']),
    language: random.chance(0.8) ? 'English' : '',
    maritalStatus: random.pick(['married', 'single', '']),
    registeredAt: moment(random, 2023, 2025),
  };
}

function fillChart(random: SeededRandom, charts: Charts, ward: Ward, person: PatientRecord): void {
  const patientUuid = person.uuid;
  for (let visit = random.integer(1, 3); visit > 0; visit -= 1) {
    const encounter = anEncounter(random, ward, patientUuid);
    charts.encounters.push(encounter);
    charts.vitals.push(someVitals(random, encounter));
  }
  for (const [title, icd10] of some(random, vocabulary.problems, 2)) {
    charts.problems.push({ ...stored(random), patientUuid, title, icd10, onset: moment(random, 2005, 2024) });
  }
  for (const [substance, rxnorm, reaction, reactionSnomed] of some(random, vocabulary.allergies, 1)) {
    charts.allergies.push({ ...stored(random), patientUuid, substance, rxnorm, reaction, reactionSnomed });
  }
  for (const [vaccine, cvx] of some(random, vocabulary.vaccines, 3)) {
    const givenAt = moment(random, 2018, 2025);
    charts.immunizations.push({ ...stored(random), patientUuid, vaccine, cvx, givenAt, recordedAt: givenAt });
  }
  for (const [drug, rxnorm] of some(random, vocabulary.drugs, 2)) {
    const source = random.chance(0.7) ? 'prescription' : 'list';
    charts.medications.push({
      ...stored(random),
      patientUuid,
      drug,
      rxnorm,
      authoredOn: moment(random, 2022, 2026),
      source,
    });
  }
  if (random.chance(0.7)) {
    const date = day(random, 2027, 2027);
    charts.appointments.push({
      ...stored(random),
      patientUuid,
      practitionerUuid: random.pick(ward.practitioners).uuid,
      facility: random.pick(ward.facilities),
      start: `${date}T10:00:00+00:00`,
      end: `${date}T10:30:00+00:00`,
      title: random.pick(['Office Visit', 'New Patient', 'Established Patient']),
    });
  }
}

/** Up to `most` different items. */
function some<Item>(random: SeededRandom, items: readonly Item[], most: number): Item[] {
  const wanted = random.integer(0, most);
  return [...new Set(Array.from({ length: wanted }, () => random.pick(items)))];
}

function anEncounter(random: SeededRandom, ward: Ward, patientUuid: string): EncounterRecord {
  return {
    ...stored(random),
    patientUuid,
    start: moment(random, 2024, 2026),
    reason: random.pick(vocabulary.reasons),
    practitionerUuid: random.pick(ward.practitioners).uuid,
    facility: random.pick(ward.facilities),
  };
}

function someVitals(random: SeededRandom, encounter: EncounterRecord): VitalsRecord {
  const height = random.integer(55, 75);
  const weight = random.integer(90, 240);
  return {
    patientUuid: encounter.patientUuid,
    encounterUuid: encounter.uuid,
    takenAt: encounter.start,
    updatedAt: encounter.updatedAt,
    uuids: Object.fromEntries([vitalsPanel, ...vitalSigns].map((sign) => [sign.loinc, random.uuid()])),
    values: {
      '9279-1': random.integer(12, 20),
      '8867-4': random.integer(55, 95),
      '59408-5': random.integer(94, 100),
      '8310-5': random.integer(970, 1000) / 10,
      '8302-2': height,
      '29463-7': weight,
      '39156-5': Math.round((7030 * weight) / (height * height)) / 10,
      '8480-6': random.integer(100, 150),
      '8462-4': random.integer(60, 95),
    },
  };
}
