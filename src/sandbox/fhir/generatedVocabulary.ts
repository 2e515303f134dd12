/** Names that nobody could take for real people, and codes that are real. */
export const femaleNames = [
  'Ada',
  'Bella',
  'Cora',
  'Dora',
  'Elsa',
  'Fiona',
  'Greta',
  'Hilda',
  'Iris',
  'Juno',
  'Zoë',
];
export const maleNames = [
  'Abel',
  'Bruno',
  'Casper',
  'Dario',
  'Emil',
  'Felix',
  'Gus',
  'Hugo',
  'Ivo',
  'Jonas',
  'Søren',
];
export const familyNames = [
  'Demofield',
  'Exampleson',
  'Fictus',
  'Imaginary',
  'Mockford',
  'Notreal',
  'Placeholder',
  'Sampleby',
  'Sandboxer',
  'Specimen',
  'Synthia',
  'Testington',
];
export const streets = ['Sample Street', 'Example Avenue', 'Mock Lane', 'Fiction Road'];
export const cities: readonly (readonly [city: string, state: string, postalCode: string])[] = [
  ['Sampleton', 'MA', '02100'],
  ['Exampleville', 'NY', '10000'],
  ['Mockburg', 'CA', '90000'],
  ['Testford', 'TX', '73300'],
];
export const facilityNames = ['Sandbox Family Practice', 'Sandbox Specialty Clinic'];
export const practitionerNames: readonly (readonly [given: string, family: string])[] = [
  ['Alma', 'Samplewell'],
  ['Boris', 'Mockhart'],
  ['Celia', 'Exampleton'],
  ['Dirk', 'Fictionby'],
  ['Edda', 'Testmann'],
  ['Frida', 'Sandboxius'],
];
export const reasons = ['Annual check', 'Cough', 'Follow-up', 'Back pain', 'Headache', 'Vaccination'];
export const problems: readonly (readonly [title: string, icd10: string])[] = [
  ['Hypertension', 'I10'],
  ['Type 2 diabetes mellitus', 'E11.9'],
  ['Asthma', 'J45.909'],
  ['Hyperlipidemia', 'E78.5'],
  ['Migraine', 'G43.909'],
  ['Hypothyroidism', 'E03.9'],
];
export const allergies: readonly (readonly [
  substance: string,
  rxnorm: string,
  reaction: string,
  reactionSnomed: string,
])[] = [
  ['Penicillin', '7980', 'Hives', '247472004'],
  ['Aspirin', '1191', 'Nausea', '422587007'],
  ['Sulfamethoxazole', '10180', 'Rash', '271807003'],
];
export const vaccines: readonly (readonly [vaccine: string, cvx: string])[] = [
  ['Influenza, seasonal, injectable, preservative free', '140'],
  ['Tdap', '115'],
  ['pneumococcal polysaccharide vaccine, 23 valent', '33'],
  ['zoster vaccine recombinant', '187'],
];
export const drugs: readonly (readonly [drug: string, rxnorm: string])[] = [
  ['Lisinopril 10 MG Oral Tablet', '314076'],
  ['Metformin hydrochloride 500 MG Oral Tablet', '861007'],
  ['Atorvastatin 20 MG Oral Tablet', '617310'],
  ['Levothyroxine sodium 0.05 MG Oral Tablet', '966221'],
  ['Albuterol 0.09 MG/ACTUAT Metered Dose Inhaler', '745679'],
];
