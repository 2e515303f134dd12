import type { LimitedAction } from '../core/base/rateLimiter.ts';

const limits: Readonly<Record<string, LimitedAction>> = {
  showTokenDetails: 'status',
  showScopes: 'status',
  trustServerCertificate: 'configuration',
  renameConnection: 'configuration',
  duplicateConnection: 'configuration',
  removeConnection: 'configuration',
  moveConnectionUp: 'configuration',
  moveConnectionDown: 'configuration',
};

/** Which limit a command falls under; logins, tests and saving are limited where they are done. */
export function limitOfCommand(id: string): LimitedAction | undefined {
  return limits[id];
}
