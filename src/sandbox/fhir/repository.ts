import type { Era } from '../era.ts';
import {
  allergyResource,
  conditionResource,
  encounterResource,
  immunizationResource,
  medicationResource,
} from './clinicalResources.ts';
import type { Dataset } from './dataset.ts';
import { observationResources } from './observationResources.ts';
import { patientResource } from './patientResource.ts';
import {
  appointmentResource,
  locationResource,
  organizationResource,
  personResource,
  practitionerResource,
} from './practiceResources.ts';
import type { Resource } from './resource.ts';

/** All resources of a type, in the order in which the server lists them; none for a type without records. */
export function resourcesOfType(era: Era, data: Dataset, type: string): Resource[] {
  switch (type) {
    case 'Patient':
      return data.patients.map((record) => patientResource(era, record));
    case 'Practitioner':
      return data.practitioners.map(practitionerResource);
    case 'Person':
      return [personResource(data.staff)];
    case 'Organization':
      return data.facilities.map(organizationResource);
    case 'Location':
      return data.facilities.map(locationResource);
    case 'Encounter':
      return data.encounters.map(encounterResource);
    case 'Observation':
      return data.vitals.flatMap((record) => observationResources(era, record));
    case 'Condition':
      return data.problems.map((record) => conditionResource(era, record));
    case 'AllergyIntolerance':
      return data.allergies.map(allergyResource);
    case 'Immunization':
      return data.immunizations.map(immunizationResource);
    case 'MedicationRequest':
      return data.medications.map((record) => medicationResource(era, record));
    case 'Appointment':
      return data.appointments.map(appointmentResource);
    default:
      return [];
  }
}

/** The patient whose record a resource belongs to; undefined for those of the practice. */
export function patientOf(resource: Resource): string | undefined {
  if (resource.resourceType === 'Patient') return resource.id;
  const candidates: unknown[] = [
    resource['subject'],
    resource['patient'],
    ...participants(resource).map((participant) => participant['actor']),
  ];
  for (const candidate of candidates) {
    const uuid = /^Patient\/(.+)$/.exec(referenceIn(candidate))?.[1];
    if (uuid !== undefined) return uuid;
  }
  return undefined;
}

function participants(resource: Resource): Record<string, unknown>[] {
  const list = resource['participant'];
  return Array.isArray(list) ? (list as Record<string, unknown>[]) : [];
}

function referenceIn(value: unknown): string {
  if (typeof value !== 'object' || value === null) return '';
  const { reference } = value as { reference?: unknown };
  return typeof reference === 'string' ? reference : '';
}
