import * as z from 'zod/mini';
import type { NamedLock, SecretStore } from '../ports.ts';
import { readSecret, writeSecret } from '../storage/jsonSecret.ts';
import { auditKeyOf, newAuditSecret, type AuditKey } from './auditChain.ts';

export const auditKeysSecret = 'openemr.auditKeys';

const ringSchema = z.object({
  current: z.string(),
  keys: z.array(z.object({ id: z.string(), secret: z.string().check(z.regex(/^[\w-]{43}$/)) })),
});

/** The chain's keys in secret storage. Old keys are kept: what they sealed stays verifiable. */
export class AuditKeys {
  readonly #secrets: SecretStore;
  readonly #lock: NamedLock;
  #current: Promise<AuditKey> | undefined;

  constructor(secrets: SecretStore, lock: NamedLock) {
    this.#secrets = secrets;
    this.#lock = lock;
  }

  /**
   * The key to seal with, made at its first use. Where it cannot be stored it lives as long as this window: better a
   * part of the log whose key is unavailable later than no log. Never throws.
   */
  current(): Promise<AuditKey> {
    return (this.#current ??= this.#load());
  }

  /** All keys that this window can see, by id. */
  async all(): Promise<ReadonlyMap<string, AuditKey>> {
    const current = await this.current();
    const ring = await this.#read().catch(() => undefined);
    const known = (ring?.keys ?? []).map(({ secret }) => auditKeyOf(secret));
    return new Map([...known, current].map((key) => [key.id, key]));
  }

  async #load(): Promise<AuditKey> {
    try {
      return (await this.#stored()) ?? (await this.#lock.withLock('audit key', () => this.#create()));
    } catch {
      return auditKeyOf(newAuditSecret());
    }
  }

  /** Another window may have been faster while this one waited for the lock. */
  async #create(): Promise<AuditKey> {
    const stored = await this.#stored();
    if (stored) return stored;
    const secret = newAuditSecret();
    const key = auditKeyOf(secret);
    await writeSecret(this.#secrets, auditKeysSecret, { current: key.id, keys: [{ id: key.id, secret }] });
    return key;
  }

  async #stored(): Promise<AuditKey | undefined> {
    const ring = await this.#read();
    const found = ring?.keys.find(({ id }) => id === ring.current);
    return found && auditKeyOf(found.secret);
  }

  async #read(): Promise<z.infer<typeof ringSchema> | undefined> {
    const reading = await readSecret(this.#secrets, auditKeysSecret, ringSchema);
    return reading.kind === 'value' ? reading.value : undefined;
  }
}
