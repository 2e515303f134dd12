import type { ClientType } from '../connection/connection.ts';

const defaultScopes: Record<ClientType, readonly string[]> = {
  confidential: [
    'openid',
    'offline_access',
    'api:fhir',
    'fhirUser',
    'user/Patient.read',
    'user/Practitioner.read',
    'user/Appointment.read',
    'user/Encounter.read',
  ],
  public: [
    'openid',
    'offline_access',
    'api:fhir',
    'fhirUser',
    'launch/patient',
    'patient/Patient.read',
    'patient/Practitioner.read',
    'patient/Appointment.read',
    'patient/Encounter.read',
  ],
};

/** What a new client asks for: enough to see patients, staff, appointments and visits, nothing to write. */
export function defaultScopesFor(clientType: ClientType): readonly string[] {
  return defaultScopes[clientType];
}

/** Whether OpenEMR lets a client of this type have the scope: public clients get one patient's context only. */
export function isScopeAllowedFor(scope: string, clientType: ClientType): boolean {
  return clientType === 'confidential' || !/^(user|system)\//.test(scope);
}
