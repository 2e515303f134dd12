/** The sandbox's database: what OpenEMR keeps in its tables, from which both eras make their resources. */
export interface Stored {
  readonly uuid: string;
  /** ISO 8601 with offset, as in `meta.lastUpdated`. */
  readonly updatedAt: string;
}

export interface PatientRecord extends Stored {
  readonly pid: number;
  readonly title: string;
  readonly givenName: string;
  readonly middleName: string;
  readonly familyName: string;
  readonly birthDate: string;
  /** `Female`, `Male`, or whatever was entered. */
  readonly sex: string;
  readonly street: string;
  readonly city: string;
  readonly state: string;
  readonly postalCode: string;
  readonly country: string;
  readonly phoneHome: string;
  readonly phoneCell: string;
  readonly email: string;
  readonly race: string;
  readonly ethnicity: string;
  readonly language: string;
  readonly maritalStatus: string;
  readonly registeredAt: string;
}

export interface PractitionerRecord extends Stored {
  readonly title: string;
  readonly givenName: string;
  readonly familyName: string;
  readonly npi: string;
  readonly phone: string;
  readonly email: string;
}

export interface FacilityRecord extends Stored {
  readonly id: number;
  readonly locationUuid: string;
  readonly name: string;
  readonly phone: string;
  readonly fax: string;
}

export interface EncounterRecord extends Stored {
  readonly patientUuid: string;
  readonly start: string;
  readonly reason: string;
  readonly practitionerUuid: string | undefined;
  readonly facility: FacilityRecord;
}

/** One form of vital signs; each code has an Observation of its own beside the panel. */
export interface VitalsRecord {
  readonly patientUuid: string;
  readonly encounterUuid: string;
  readonly takenAt: string;
  readonly updatedAt: string;
  /** By LOINC code. */
  readonly uuids: Readonly<Record<string, string>>;
  readonly values: Readonly<Record<string, number>>;
}

export interface ProblemRecord extends Stored {
  readonly patientUuid: string;
  readonly title: string;
  readonly icd10: string;
  readonly onset: string;
}

export interface AllergyRecord extends Stored {
  readonly patientUuid: string;
  readonly substance: string;
  readonly rxnorm: string;
  readonly reaction: string;
  readonly reactionSnomed: string;
}

export interface ImmunizationRecord extends Stored {
  readonly patientUuid: string;
  readonly vaccine: string;
  readonly cvx: string;
  readonly givenAt: string;
  readonly recordedAt: string;
}

export interface MedicationRecord extends Stored {
  readonly patientUuid: string;
  readonly drug: string;
  readonly rxnorm: string;
  readonly authoredOn: string;
  /** A prescription is an order; an entry of the medication list is a plan. */
  readonly source: 'prescription' | 'list';
}

export interface AppointmentRecord extends Stored {
  readonly patientUuid: string;
  readonly practitionerUuid: string;
  readonly facility: FacilityRecord;
  readonly start: string;
  readonly end: string;
  readonly title: string;
}
