import type { Era } from '../era.ts';
import type { PatientRecord } from './records.ts';
import { concept, meta, narrative, terminology, usCore, versions } from './resource.ts';
import type { Resource } from './resource.ts';

export function patientResource(era: Era, patient: PatientRecord): Resource {
  const telecom = telecomOf(patient);
  const address = addressOf(patient);
  return {
    id: patient.uuid,
    meta: meta(
      patient.updatedAt,
      era.usCoreProfiles ? versions(`${usCore}us-core-patient`, '3.1.1', '8.0.0') : undefined,
    ),
    resourceType: 'Patient',
    text: narrative(`${patient.givenName} ${patient.familyName}`),
    extension: extensions(era, patient),
    identifier: [
      {
        use: 'official',
        type: concept(`${terminology}v2-0203`, 'PT'),
        system: `${terminology}v2-0203`,
        value: String(patient.pid),
      },
    ],
    active: true,
    name: [nameOf(patient)],
    ...(telecom.length === 0 ? {} : { telecom }),
    gender: patient.sex.toLowerCase(),
    birthDate: patient.birthDate,
    deceasedBoolean: false,
    ...(address === undefined ? {} : { address: [address] }),
    communication: [language(patient)],
  };
}

function nameOf(patient: PatientRecord): Record<string, unknown> {
  return {
    use: 'official',
    family: patient.familyName,
    given: [patient.givenName, patient.middleName].filter((name) => name !== ''),
    ...(patient.title === '' ? {} : { prefix: [patient.title] }),
  };
}

function telecomOf(patient: PatientRecord): Record<string, string>[] {
  return [
    { system: 'phone', value: patient.phoneHome, use: 'home' },
    { system: 'phone', value: patient.phoneCell, use: 'mobile' },
    { system: 'email', value: patient.email, use: 'home' },
  ].filter((contact) => contact.value !== '');
}

function addressOf(patient: PatientRecord): Record<string, unknown> | undefined {
  if (patient.street === '') return undefined;
  return {
    use: 'home',
    type: 'both',
    line: [patient.street],
    city: patient.city,
    ...(patient.state === '' ? {} : { state: patient.state }),
    postalCode: patient.postalCode,
    country: patient.country,
    period: { start: patient.registeredAt.replace('+00:00', '.000+00:00') },
  };
}

function language(patient: PatientRecord): Record<string, unknown> {
  return patient.language === ''
    ? { language: concept(`${terminology}data-absent-reason`, 'unknown', 'Unknown') }
    : { language: { ...concept('urn:ietf:bcp:47', 'en', 'English'), text: 'English' } };
}

const races: Readonly<Record<string, readonly [code: string, display: string]>> = {
  white: ['2106-3', 'White'],
  asian: ['2028-9', 'Asian'],
  black_or_afri_amer: ['2054-5', 'Black or African American'],
};

const ethnicities: Readonly<Record<string, readonly [code: string, display: string]>> = {
  not_hisp_or_latin: ['2186-5', 'Not Hispanic or Latino'],
  hisp_or_latin: ['2135-2', 'Hispanic or Latino'],
};

const birthSexes: Readonly<Record<string, string>> = { Female: 'F', Male: 'M' };
const cdcRace = 'urn:oid:2.16.840.1.113883.6.238';

function extensions(era: Era, patient: PatientRecord): Record<string, unknown>[] {
  const race = races[patient.race];
  const ethnicity = ethnicities[patient.ethnicity];
  const unknown = { code: 'unknown', display: 'Unknown' };
  return [
    { valueCode: birthSexes[patient.sex] ?? 'UNK', url: `${usCore}us-core-birthsex` },
    race === undefined
      ? ombExtension('race', `${terminology}v3-NullFlavor`, 'UNK', 'Unknown')
      : ombExtension('race', cdcRace, ...race),
    ...(ethnicity === undefined ? [] : [ombExtension('ethnicity', cdcRace, ...ethnicity)]),
    ...(era.usCoreProfiles
      ? [
          { valueCoding: { system: 'DataAbsentReason', ...unknown }, url: `${usCore}us-core-sex` },
          {
            valueCoding: { system: `${terminology}data-absent-reason`, ...unknown },
            url: `${usCore}us-core-interpreter-needed`,
          },
        ]
      : []),
  ];
}

function ombExtension(kind: string, system: string, code: string, display: string): Record<string, unknown> {
  return {
    extension: [
      { valueCoding: { system, code, display }, url: 'ombCategory' },
      { valueString: display, url: 'text' },
    ],
    url: `${usCore}us-core-${kind}`,
  };
}
