import * as z from 'zod/mini';
import { EventEmitter, type Event } from '../base/event.ts';
import type { TokenStateKind } from '../oauth/tokenSet.ts';
import type { KeyValueStore } from '../ports.ts';
import { presentBinding } from './binding.ts';
import type { Connection } from './connection.ts';

/** What the server's answers told about a client; `unknown` before anybody asked. */
export type ClientState = 'none' | 'unknown' | 'disabled' | 'enabled';

/** The next thing to do on the way to a working connection; `done` when nothing is left. */
export type NextStep = 'connect' | 'register' | 'enable' | 'logIn' | 'verify' | 'done';

const progressSchema = z.record(
  z.string(),
  z.object({
    boundTo: z.string(),
    client: z.optional(z.enum(['unknown', 'disabled', 'enabled'])),
    isVerified: z.optional(z.boolean()),
  }),
);
type Progress = z.infer<typeof progressSchema>;
type Entry = Progress[string];

const key = 'openemr.progress';

/** How far each connection has come. What was learnt about another server or client does not count. */
export class ConnectionProgress {
  readonly #store: KeyValueStore;
  readonly #changed = new EventEmitter<string>();
  /** The id of the connection that something was learnt about. */
  readonly onDidChange: Event<string> = this.#changed.event;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  clientState(connection: Connection): ClientState {
    if (!connection.clientId) return 'none';
    return this.#entry(connection)?.client ?? 'unknown';
  }

  nextStep(connection: Connection, tokenState: TokenStateKind): NextStep {
    if (!connection.clientId) return 'register';
    if (this.clientState(connection) === 'disabled') return 'enable';
    if (['none', 'authorizing', 'reauthenticationRequired'].includes(tokenState)) return 'logIn';
    return this.#entry(connection)?.isVerified ? 'done' : 'verify';
  }

  async learnClientState(connection: Connection, client: 'unknown' | 'disabled' | 'enabled'): Promise<void> {
    await this.#update(connection, { client });
  }

  async learnVerified(connection: Connection, isVerified: boolean): Promise<void> {
    await this.#update(connection, { isVerified });
  }

  #entry(connection: Connection): Entry | undefined {
    const entry = this.#all()[connection.id];
    return entry?.boundTo === presentBinding(connection) ? entry : undefined;
  }

  async #update(connection: Connection, change: Omit<Entry, 'boundTo'>): Promise<void> {
    const entry = { ...this.#entry(connection), boundTo: presentBinding(connection), ...change };
    await this.#store.update(key, { ...this.#all(), [connection.id]: entry });
    this.#changed.fire(connection.id);
  }

  #all(): Progress {
    const parsed = progressSchema.safeParse(this.#store.get(key));
    return parsed.success ? parsed.data : {};
  }
}
