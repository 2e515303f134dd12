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
  'moveConnectionUp',
  'moveConnectionDown',
] as const;

export type CommandId = (typeof commandIds)[number];
