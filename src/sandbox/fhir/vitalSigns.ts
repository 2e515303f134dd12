/** The codes of a vitals form, in the order of the panel's members. */
export interface VitalSign {
  readonly loinc: string;
  readonly display: string;
  readonly unit?: string;
  /** The FHIR R4 and US Core profiles, as 8.2 names them. */
  readonly profiles?: readonly [r4: string, usCore: string];
  /** Reported by 7.0 only. */
  readonly separateOnly?: boolean;
}

const r4 = 'http://hl7.org/fhir/StructureDefinition/';
const core = 'http://hl7.org/fhir/us/core/StructureDefinition/';

export const vitalsPanel: VitalSign = {
  loinc: '85353-1',
  display: 'Vital signs, weight, height, head circumference, oxygen saturation and BMI panel',
  profiles: ['http://hl7.org/fhir/R4/observation-vitalsigns', `${core}us-core-vital-signs`],
};

export const systolic: VitalSign = {
  loinc: '8480-6',
  display: 'Systolic blood pressure',
  unit: 'mm[Hg]',
  separateOnly: true,
};

export const diastolic: VitalSign = {
  loinc: '8462-4',
  display: 'Diastolic blood pressure',
  unit: 'mm[Hg]',
  separateOnly: true,
};

export const bloodPressure: VitalSign = {
  loinc: '85354-9',
  display: 'Blood pressure systolic and diastolic',
  profiles: [`${r4}bp`, `${core}us-core-blood-pressure`],
};

export const vitalSigns: readonly VitalSign[] = [
  {
    loinc: '9279-1',
    display: 'Respiratory Rate',
    unit: '/min',
    profiles: [`${r4}resprate`, `${core}us-core-respiratory-rate`],
  },
  {
    loinc: '8867-4',
    display: 'Heart rate',
    unit: '/min',
    profiles: [`${r4}heartrate`, `${core}us-core-heart-rate`],
  },
  {
    loinc: '2708-6',
    display: 'Oxygen saturation in Arterial blood',
    unit: '%',
    profiles: [`${r4}oxygensat`, `${core}us-core-pulse-oximetry`],
  },
  {
    loinc: '59408-5',
    display: 'Oxygen saturation in Arterial blood by Pulse oximetry',
    unit: '%',
    profiles: [`${r4}oxygensat`, `${core}us-core-pulse-oximetry`],
  },
  { loinc: '3151-8', display: 'Inhaled oxygen flow rate', unit: 'L/min', separateOnly: true },
  {
    loinc: '8310-5',
    display: 'Body Temperature',
    unit: '[degF]',
    profiles: [`${r4}bodytemp`, `${core}us-core-body-temperature`],
  },
  {
    loinc: '8327-9',
    display: 'Temperature Location',
    profiles: [vitalsPanel.profiles?.[0] ?? '', `${core}us-core-vital-signs`],
  },
  {
    loinc: '8302-2',
    display: 'Body height',
    unit: '[in_i]',
    profiles: [`${r4}bodyheight`, `${core}us-core-body-height`],
  },
  {
    loinc: '9843-4',
    display: 'Head Occipital-frontal circumference',
    unit: '[in_i]',
    profiles: [`${r4}headcircum`, `${core}us-core-head-circumference`],
  },
  {
    loinc: '29463-7',
    display: 'Body weight',
    unit: '[lb_av]',
    profiles: [`${r4}bodyweight`, `${core}us-core-body-weight`],
  },
  {
    loinc: '39156-5',
    display: 'Body mass index (BMI) [Ratio]',
    unit: 'kg/m2',
    profiles: [`${r4}bmi`, `${core}us-core-bmi`],
  },
  bloodPressure,
  systolic,
  diastolic,
];
