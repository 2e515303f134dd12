import { join } from 'node:path';
import { AuditAnchors } from '../../src/core/audit/auditAnchor.ts';
import { AuditKeys } from '../../src/core/audit/auditKeys.ts';
import { AuditTrail } from '../../src/core/audit/auditTrail.ts';
import { verifyAuditLog, type AuditVerification } from '../../src/core/audit/auditVerification.ts';
import type { SecretStore } from '../../src/core/ports.ts';
import { AuditFiles, type AuditFilesOptions } from '../../src/platform/auditFiles.ts';
import { FakeClock } from './clock.ts';
import { MemoryLock, MemoryLog } from './memoryStorage.ts';

/** Secret storage in memory, shared by the windows that hold it. */
export class MemorySecrets implements SecretStore {
  readonly entries = new Map<string, string>();
  failWith: Error | undefined;

  async get(key: string): Promise<string | undefined> {
    await Promise.resolve();
    if (this.failWith) throw this.failWith;
    return this.entries.get(key);
  }

  async store(key: string, value: string): Promise<void> {
    await Promise.resolve();
    if (this.failWith) throw this.failWith;
    this.entries.set(key, value);
  }

  async delete(key: string): Promise<void> {
    await Promise.resolve();
    if (this.failWith) throw this.failWith;
    this.entries.delete(key);
  }
}

/** The audit log of one window over real files. */
export class AuditLogOfWindow {
  readonly clock: FakeClock;
  readonly log = new MemoryLog();
  readonly files: AuditFiles;
  readonly keys: AuditKeys;
  readonly anchors: AuditAnchors;
  readonly trail: AuditTrail;

  constructor(
    folder: string,
    {
      secrets,
      clock = new FakeClock(),
      window = '0000000a',
      anchorsByItself = true,
      lock = new MemoryLock(),
      ...options
    }: Partial<AuditFilesOptions> & {
      secrets: SecretStore;
      clock?: FakeClock;
      window?: string;
      anchorsByItself?: boolean;
      /** What the windows of one machine share. */
      lock?: MemoryLock;
    },
  ) {
    this.clock = clock;
    this.files = new AuditFiles(join(folder, 'audit'), { ...options, clock });
    this.keys = new AuditKeys(secrets, lock);
    this.anchors = new AuditAnchors(secrets);
    this.trail = new AuditTrail({
      storage: this.files,
      ...{ keys: this.keys, anchors: this.anchors, clock, log: this.log, window, anchorsByItself },
      osUser: '00112233445566ff',
    });
  }

  /** Records `count` entries, each written on its own. */
  async write(count: number): Promise<void> {
    for (let index = 0; index < count; index++) {
      this.trail.record({ action: 'logout', outcome: 'success', detail: { endedOnServer: index % 2 === 0 } });
      await this.trail.flush();
    }
  }

  async verify(): Promise<AuditVerification> {
    const anchor = await this.anchors.read();
    return verifyAuditLog({ files: await this.files.files(), keys: await this.keys.all(), anchor });
  }
}
