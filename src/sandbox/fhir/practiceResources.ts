import type { User } from '../state/users.ts';
import type { AppointmentRecord, FacilityRecord, PractitionerRecord } from './records.ts';
import { concept, meta, narrative, reference, terminology } from './resource.ts';
import type { Resource } from './resource.ts';

export function organizationResource(facility: FacilityRecord): Resource {
  return {
    id: facility.uuid,
    meta: meta(facility.updatedAt),
    resourceType: 'Organization',
    text: narrative(facility.name),
    active: true,
    type: [concept(`${terminology}organization-type`, 'prov', 'Healthcare Provider')],
    name: facility.name,
    telecom: [
      { system: 'phone', value: facility.phone, use: 'work' },
      { system: 'fax', value: facility.fax, use: 'work' },
    ],
    // What the server sends for a facility without an address.
    address: [null],
  };
}

export function locationResource(facility: FacilityRecord): Resource {
  return {
    id: facility.locationUuid,
    meta: meta(facility.updatedAt),
    resourceType: 'Location',
    status: 'active',
    name: facility.name,
    telecom: [
      { system: 'phone', value: facility.phone },
      { system: 'fax', value: facility.fax },
    ],
    managingOrganization: reference('Organization', facility.uuid),
  };
}

export function practitionerResource(practitioner: PractitionerRecord): Resource {
  return {
    id: practitioner.uuid,
    meta: meta(practitioner.updatedAt),
    resourceType: 'Practitioner',
    text: narrative(`${practitioner.givenName} ${practitioner.familyName}`),
    identifier: [{ system: 'http://hl7.org/fhir/sid/us-npi', value: practitioner.npi }],
    active: true,
    name: [
      {
        use: 'official',
        family: practitioner.familyName,
        given: [practitioner.givenName],
        prefix: [practitioner.title],
      },
    ],
    telecom: [
      { system: 'phone', value: practitioner.phone, use: 'work' },
      { system: 'email', value: practitioner.email, use: 'work' },
    ],
  };
}

/** Staff without an NPI are persons and no practitioners. */
export function personResource(user: User): Resource {
  return {
    id: user.uuid,
    meta: meta('2026-01-01T00:00:00+00:00'),
    resourceType: 'Person',
    name: [{ use: 'official', family: user.familyName, given: [user.givenName] }],
    active: true,
  };
}

export function appointmentResource(appointment: AppointmentRecord): Resource {
  const participants = [
    reference('Patient', appointment.patientUuid),
    reference('Practitioner', appointment.practitionerUuid),
    reference('Location', appointment.facility.locationUuid),
  ];
  return {
    id: appointment.uuid,
    meta: meta(appointment.updatedAt),
    resourceType: 'Appointment',
    status: 'booked',
    appointmentType: { text: appointment.title },
    start: appointment.start,
    end: appointment.end,
    participant: participants.map((actor) => ({ actor, status: 'accepted' })),
  };
}
