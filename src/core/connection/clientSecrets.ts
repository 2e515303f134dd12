import * as z from 'zod/mini';
import type { SecretStore } from '../ports.ts';
import { readSecret, writeSecret } from '../storage/jsonSecret.ts';

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

  delete(connectionId: string): Promise<void> {
    return this.#secrets.delete(keyOf(connectionId));
  }
}

function keyOf(connectionId: string): string {
  return `openemr.clientSecret.${connectionId}`;
}
