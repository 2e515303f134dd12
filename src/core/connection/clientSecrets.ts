import * as z from 'zod/mini';
import type { SecretStore } from '../ports.ts';
import { deleteSecret, readSecret, writeSecret } from '../storage/jsonSecret.ts';

const clientSecretSchema = z.object({ boundTo: z.string(), secret: z.string().check(z.minLength(1)) });

/** Client secrets in secret storage, each usable only with the server and client it was given for. */
export class ClientSecrets {
  readonly #secrets: SecretStore;

  constructor(secrets: SecretStore) {
    this.#secrets = secrets;
  }

  /** The secret, or `undefined` when there is none for this server and client. */
  async get(connectionId: string, boundTo: string): Promise<string | undefined> {
    const reading = await readSecret(this.#secrets, keyOf(connectionId), clientSecretSchema);
    return reading.kind === 'value' && reading.value.boundTo === boundTo ? reading.value.secret : undefined;
  }

  /** Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  store(connectionId: string, boundTo: string, secret: string): Promise<void> {
    return writeSecret(this.#secrets, keyOf(connectionId), { boundTo, secret });
  }

  /**
   * Stores a secret for as long as `operation` succeeds: where it throws, the former one is back.
   *
   * Throws WorkbenchError `storage/behind`, `storage/write-failed` and what `operation` throws.
   */
  async storeWith(
    connectionId: string,
    boundTo: string,
    secret: string,
    operation: () => Promise<void>,
  ): Promise<void> {
    const former = await readSecret(this.#secrets, keyOf(connectionId), clientSecretSchema);
    await this.store(connectionId, boundTo, secret);
    try {
      await operation();
    } catch (error) {
      if (former.kind === 'value') await this.store(connectionId, former.value.boundTo, former.value.secret);
      else await this.delete(connectionId);
      throw error;
    }
  }

  delete(connectionId: string): Promise<void> {
    return deleteSecret(this.#secrets, keyOf(connectionId));
  }
}

function keyOf(connectionId: string): string {
  return `openemr.clientSecret.${connectionId}`;
}
