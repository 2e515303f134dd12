/** The scopes a confidential client asks for unless told otherwise. */
const defaultScopes = [
  'openid',
  'offline_access',
  'api:fhir',
  'fhirUser',
  'user/Patient.read',
  'user/Practitioner.read',
  'user/Appointment.read',
  'user/Encounter.read',
];

const connectionsSetting = 'openemr.connections';
const sandboxId = 'sandbox';

interface ConnectionEntry {
  readonly id?: string;
}

/**
 * Settings in which the sandbox is a connection: other connections stay, an older sandbox entry goes, because its
 * client died with the sandbox it was registered with.
 */
export function withSandboxConnection(
  settings: Readonly<Record<string, unknown>>,
  baseUrl: string,
): Record<string, unknown> {
  const before = settings[connectionsSetting];
  const others = (Array.isArray(before) ? (before as ConnectionEntry[]) : []).filter(
    ({ id }) => id !== sandboxId,
  );
  const sandbox = {
    id: sandboxId,
    name: 'Sandbox',
    baseUrl,
    site: 'default',
    clientType: 'confidential',
    scopes: defaultScopes,
    callback: 'automatic',
  };
  return { ...settings, [connectionsSetting]: [sandbox, ...others] };
}
