import type { Era } from '../era.ts';
import type { PatientRecord } from '../fhir/records.ts';

export type Row = Readonly<Record<string, string | number | null>>;

/** A row of `patient_data` as the standard API lists it, column by column. */
export function patientRow(era: Era, patient: PatientRecord): Row {
  return {
    id: patient.pid,
    uuid: patient.uuid,
    title: patient.title,
    language: patient.language,
    financial: '',
    fname: patient.givenName,
    lname: patient.familyName,
    mname: patient.middleName,
    DOB: patient.birthDate,
    street: patient.street,
    postal_code: patient.postalCode,
    city: patient.city,
    state: patient.state,
    country_code: patient.country,
    drivers_license: '',
    ss: '',
    occupation: null,
    phone_home: patient.phoneHome,
    phone_biz: '',
    phone_contact: '',
    phone_cell: patient.phoneCell,
    pharmacy_id: 0,
    status: patient.maritalStatus,
    contact_relationship: '',
    date: patient.registeredAt.slice(0, 19).replace('T', ' '),
    sex: patient.sex,
    referrer: '',
    referrerID: '',
    providerID: 1,
    ref_providerID: null,
    email: patient.email,
    email_direct: '',
    ethnoracial: '',
    race: patient.race,
    ethnicity: patient.ethnicity,
    religion: '',
    ...(era.usCoreProfiles ? { interpreter: '', interpreter_needed: null } : { interpretter: '' }),
    migrantseasonal: '',
    family_size: '',
    monthly_income: '',
    billing_note: null,
    homeless: '',
    financial_review: null,
    pubpid: String(patient.pid),
    pid: patient.pid,
    ...privacyColumns,
    ...freeColumns,
  };
}

const privacyColumns: Row = {
  genericname1: '',
  genericval1: '',
  genericname2: '',
  genericval2: '',
  hipaa_mail: '',
  hipaa_voice: '',
  hipaa_notice: '',
  hipaa_message: '',
  hipaa_allowsms: 'NO',
  hipaa_allowemail: 'NO',
  squad: '',
  fitness: 0,
  referral_source: '',
};

const freeColumns: Row = Object.fromEntries([
  ...[1, 2, 3, 4, 5, 6, 7, 8].map((number) => [`usertext${number}`, '']),
  ...[1, 2, 3, 4, 5, 6, 7].map((number) => [`userlist${number}`, '']),
]) as Row;
