import { createHmac, randomBytes } from 'node:crypto';
import { userInfo } from 'node:os';
import { join } from 'node:path';
import type { Clock } from './core/base/clock.ts';
import { AuditAnchors } from './core/audit/auditAnchor.ts';
import { AuditKeys } from './core/audit/auditKeys.ts';
import { AuditTrail } from './core/audit/auditTrail.ts';
import type { KeyValueStore, Log, NamedLock, SecretStore } from './core/ports.ts';
import { AuditFiles } from './platform/auditFiles.ts';

export interface AuditParts {
  readonly trail: AuditTrail;
  readonly files: AuditFiles;
  readonly keys: AuditKeys;
  readonly anchors: AuditAnchors;
}

const saltKey = 'openemr.audit.salt';

/** Builds the audit log's objects. */
export async function createAudit(options: {
  /** Global storage. */
  readonly storage: string;
  readonly secrets: SecretStore;
  readonly sharesSecrets: boolean;
  readonly state: KeyValueStore;
  readonly lock: NamedLock;
  readonly clock: Clock;
  readonly log: Log;
}): Promise<AuditParts> {
  const { storage, secrets, sharesSecrets, state, lock, clock, log } = options;
  const files = new AuditFiles(join(storage, 'audit'), { clock });
  const keys = new AuditKeys(secrets, lock);
  const anchors = new AuditAnchors(secrets);
  const trail = new AuditTrail({
    ...{ storage: files, keys, anchors, clock, log },
    osUser: pseudonym(await saltOf(state)),
    window: randomBytes(4).toString('hex'),
    anchorsByItself: sharesSecrets,
  });
  return { trail, files, keys, anchors };
}

/** Without a place for the salt the pseudonym lives as long as this window. */
async function saltOf(state: KeyValueStore): Promise<string> {
  const stored = state.get(saltKey);
  if (typeof stored === 'string' && stored.length >= 22) return stored;
  const salt = randomBytes(16).toString('base64url');
  await state.update(saltKey, salt).catch(() => undefined);
  return salt;
}

/** The same user on the same installation is recognised, without the name. */
function pseudonym(salt: string): string {
  return createHmac('sha256', salt).update(userName()).digest('hex').slice(0, 16);
}

function userName(): string {
  try {
    return userInfo().username;
  } catch {
    return 'unknown';
  }
}
