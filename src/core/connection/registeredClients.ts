import * as z from 'zod/mini';
import type { KeyValueStore } from '../ports.ts';

const registeredClientSchema = z.object({
  clientId: z.string(),
  clientName: z.string(),
  baseUrl: z.string(),
  site: z.string(),
  connectionId: z.string(),
  /** Milliseconds since the epoch. */
  registeredAt: z.number(),
});

export type RegisteredClient = z.infer<typeof registeredClientSchema>;

const key = 'openemr.registeredClients';

/** The clients that this workbench registered, so that people can tell which ones to delete in OpenEMR. */
export class RegisteredClients {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  all(): RegisteredClient[] {
    const parsed = z.safeParse(z.array(registeredClientSchema), this.#store.get(key));
    return parsed.success ? parsed.data : [];
  }

  /** The clients at one site, newest first. */
  at(site: { baseUrl: string; site: string }): RegisteredClient[] {
    return this.all()
      .filter((client) => client.baseUrl === site.baseUrl && client.site === site.site)
      .sort((a, b) => b.registeredAt - a.registeredAt);
  }

  async add(client: RegisteredClient): Promise<void> {
    await this.#store.update(key, [...this.all(), client]);
  }
}
