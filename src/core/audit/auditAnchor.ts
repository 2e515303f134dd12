import * as z from 'zod/mini';
import type { SecretStore } from '../ports.ts';
import { readSecret, writeSecret } from '../storage/jsonSecret.ts';

export const auditAnchorSecret = 'openemr.auditAnchor';

const anchorSchema = z.object({
  seq: z.int(),
  mac: z.string(),
  /** The id of the key that sealed it: the log cannot be passed off as sealed by a key that is lost. */
  key: z.string(),
  /** The files at that time, oldest first. */
  files: z.array(z.string()),
});

/** What secret storage remembers of the log's end, so that cutting it off shows. */
export type AuditAnchor = z.infer<typeof anchorSchema>;

export class AuditAnchors {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  /** Undefined where none was written or it cannot be read. */
  async read(): Promise<AuditAnchor | undefined> {
    try {
      const reading = await readSecret(this.#secrets, auditAnchorSecret, anchorSchema);
      return reading.kind === 'value' ? reading.value : undefined;
    } catch {
      return undefined;
    }
  }

  /** Never goes back: another window may have anchored a later entry. Throws WorkbenchError `storage/*`. */
  async write(anchor: AuditAnchor): Promise<void> {
    const stored = await this.read();
    if (stored && stored.seq >= anchor.seq && stored.files.length >= anchor.files.length) return;
    await writeSecret(this.#secrets, auditAnchorSecret, anchor);
  }
}
