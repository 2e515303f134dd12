import type { Era } from '../era.ts';
import type { VitalsRecord } from './records.ts';
import { concept, meta, reference, terminology, versions } from './resource.ts';
import type { Resource } from './resource.ts';
import { bloodPressure, diastolic, systolic, vitalSigns, vitalsPanel } from './vitalSigns.ts';
import type { VitalSign } from './vitalSigns.ts';

/** The panel of a vitals form and an Observation a sign, measured or not. */
export function observationResources(era: Era, vitals: VitalsRecord): Resource[] {
  const signs = vitalSigns.filter((sign) => era.separateBloodPressure || sign.separateOnly !== true);
  const members = signs.map((sign) => ({
    ...reference('Observation', vitals.uuids[sign.loinc] ?? ''),
    display: sign.display,
  }));
  return [
    observation(era, vitals, vitalsPanel, { hasMember: members }),
    ...signs.map((sign) => observation(era, vitals, sign, valueOf(vitals, sign))),
  ];
}

function observation(
  era: Era,
  vitals: VitalsRecord,
  sign: VitalSign,
  value: Readonly<Record<string, unknown>>,
): Resource {
  return {
    id: vitals.uuids[sign.loinc] ?? '',
    meta: meta(vitals.updatedAt, era.usCoreProfiles ? profilesOf(sign) : undefined),
    resourceType: 'Observation',
    status: 'final',
    category: [concept(`${terminology}observation-category`, 'vital-signs')],
    code: concept('http://loinc.org', sign.loinc, sign.display),
    subject: reference('Patient', vitals.patientUuid),
    ...(era.usCoreProfiles ? { encounter: reference('Encounter', vitals.encounterUuid) } : {}),
    effectiveDateTime: vitals.takenAt,
    ...value,
  };
}

function profilesOf(sign: VitalSign): string[] {
  const [r4, usCore] = sign.profiles ?? [];
  return [
    ...(r4 === undefined ? [] : versions(r4, '3.1.1')),
    ...(usCore === undefined ? [] : versions(usCore, '7.0.0', '8.0.0')),
  ];
}

function valueOf(vitals: VitalsRecord, sign: VitalSign): Record<string, unknown> {
  if (sign === bloodPressure) {
    return {
      component: [systolic, diastolic].map((part) => ({
        code: concept('http://loinc.org', part.loinc, part.display),
        ...quantity(vitals.values[part.loinc], part.unit),
      })),
    };
  }
  return quantity(vitals.values[sign.loinc], sign.unit);
}

function quantity(value: number | undefined, unit: string | undefined): Record<string, unknown> {
  if (value === undefined || unit === undefined) {
    return { dataAbsentReason: concept(`${terminology}data-absent-reason`, 'unknown', 'Unknown') };
  }
  return { valueQuantity: { value, unit, system: 'http://unitsofmeasure.org', code: unit } };
}
