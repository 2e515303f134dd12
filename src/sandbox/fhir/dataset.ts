import type { User } from '../state/users.ts';
import type {
  AllergyRecord,
  AppointmentRecord,
  EncounterRecord,
  FacilityRecord,
  ImmunizationRecord,
  MedicationRecord,
  PatientRecord,
  PractitionerRecord,
  ProblemRecord,
  VitalsRecord,
} from './records.ts';

/** All records of one sandbox. Only patients can be added. */
export interface Dataset {
  readonly staff: User;
  readonly portalPatient: User;
  readonly facilities: readonly FacilityRecord[];
  readonly practitioners: readonly PractitionerRecord[];
  readonly patients: readonly PatientRecord[];
  readonly encounters: readonly EncounterRecord[];
  readonly vitals: readonly VitalsRecord[];
  readonly problems: readonly ProblemRecord[];
  readonly allergies: readonly AllergyRecord[];
  readonly immunizations: readonly ImmunizationRecord[];
  readonly medications: readonly MedicationRecord[];
  readonly appointments: readonly AppointmentRecord[];
  addPatient(patient: NewPatient): PatientRecord;
}

export type NewPatient = Pick<PatientRecord, 'givenName' | 'familyName' | 'birthDate' | 'sex'> & {
  readonly uuid: string;
  readonly now: string;
};

type Tables = Omit<Dataset, 'addPatient' | 'patients'>;

export function createDataset(tables: Tables, initialPatients: readonly PatientRecord[]): Dataset {
  const patients = [...initialPatients];
  return {
    ...tables,
    patients,
    addPatient(given) {
      const pid = Math.max(0, ...patients.map((patient) => patient.pid)) + 1;
      const record: PatientRecord = {
        ...blankPatient,
        uuid: given.uuid,
        pid,
        givenName: given.givenName,
        familyName: given.familyName,
        birthDate: given.birthDate,
        sex: given.sex,
        registeredAt: given.now,
        updatedAt: given.now,
      };
      patients.push(record);
      return record;
    },
  };
}

export const blankPatient = {
  title: '',
  middleName: '',
  street: '',
  city: '',
  state: '',
  postalCode: '',
  country: '',
  phoneHome: '',
  phoneCell: '',
  email: '',
  race: '',
  ethnicity: '',
  language: '',
  maritalStatus: '',
} as const;

export function portalUser(patient: PatientRecord, username: string): User {
  return {
    uuid: patient.uuid,
    role: 'patient',
    username,
    password: 'patient-pass',
    email: patient.email,
    givenName: patient.givenName,
    familyName: patient.familyName,
  };
}

export function staffUser(uuid: string): User {
  return {
    uuid,
    role: 'users',
    username: 'admin',
    password: 'pass',
    email: 'admin@example.org',
    givenName: 'Admin',
    familyName: 'Administrator',
  };
}
