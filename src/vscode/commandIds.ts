/** The commands, by the part of their id after `openemr.`. Part of the start-up path: nothing is imported here. */
export const commandIds = [
  'configureConnection',
  'registerClient',
  'logIn',
  'logOut',
  'testConnection',
  'refreshToken',
  'switchConnection',
  'trustServerCertificate',
  'showTokenDetails',
  'showScopes',
  'openFhirResource',
  'startSandbox',
  'stopSandbox',
  // For the status bar, the connections view and buttons; not in the palette.
  'showMenu',
  'showLog',
  'openConnection',
  'addConnection',
  'renameConnection',
  'duplicateConnection',
  'removeConnection',
  'setEnvironment',
  'openConnectionToSide',
  'quickConnect',
  'exportConnections',
  'importConnections',
  'moveConnectionUp',
  'moveConnectionDown',
] as const;

export type CommandId = (typeof commandIds)[number];

/** Commands of the doctor; without a connection they still say something. */
export const doctorCommandIds = ['runConnectionDoctor', 'copySupportReport'] as const;

export type DoctorCommandId = (typeof doctorCommandIds)[number];

/** Commands about the audit log; they need no connection. */
export const auditCommandIds = ['showAuditLog', 'verifyAuditLog', 'exportAuditLog'] as const;

export type AuditCommandId = (typeof auditCommandIds)[number];
