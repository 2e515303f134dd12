import { WorkbenchError } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import type { ConnectionSettings } from '../ports.ts';
import {
  connectionSchema,
  parseConnections,
  type Connection,
  type RejectedConnection,
} from './connection.ts';

/** The connections in settings. What does not validate is left in place, untouched, by every write. */
export class ConnectionStore {
  readonly #settings: ConnectionSettings;
  #read: { readonly text: string; readonly parsed: ReturnType<typeof parseConnections> } | undefined;
  readonly onDidChange: Event<void>;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.onDidChange = settings.onDidChange;
  }

  all(): readonly Connection[] {
    return this.#parsed().connections;
  }

  rejected(): readonly RejectedConnection[] {
    return this.#parsed().rejected;
  }

  find(id: string): Connection | undefined {
    return this.all().find((connection) => connection.id === id);
  }

  /** Throws WorkbenchError `connection/not-found`. */
  get(id: string): Connection {
    const connection = this.find(id);
    if (!connection) throw new WorkbenchError('connection/not-found');
    return connection;
  }

  /**
   * Adds the connection or replaces the one with its id.
   *
   * Throws WorkbenchError `connection/invalid-settings` (also when the setting itself is no list, which a write
   * would lose), `storage/write-failed`.
   */
  async save(connection: Connection): Promise<void> {
    const parsed = connectionSchema.safeParse(connection);
    if (!parsed.success) {
      const problems = parsed.error.issues.map((issue) => issue.path.join('.'));
      throw new WorkbenchError('connection/invalid-settings', { details: { problems } });
    }
    const entries = this.#rawEntries();
    entries[this.#position(connection.id) ?? entries.length] = parsed.data;
    await this.#settings.write(entries);
  }

  /** Throws WorkbenchError `storage/write-failed`. */
  async remove(id: string): Promise<void> {
    const position = this.#position(id);
    await this.#settings.write(this.#rawEntries().filter((_entry, index) => index !== position));
  }

  /** Swaps the connection with its neighbour in the list. Throws WorkbenchError `storage/write-failed`. */
  async move(id: string, by: -1 | 1): Promise<void> {
    const ids = this.all().map((connection) => connection.id);
    const [from, to] = [this.#position(id), this.#position(ids[ids.indexOf(id) + by] ?? '')];
    if (from === undefined || to === undefined) return;
    const entries = this.#rawEntries();
    [entries[from], entries[to]] = [entries[to], entries[from]];
    await this.#settings.write(entries);
  }

  /** Of the entry that is used: others with its id do not validate, and are not ours to write. */
  #position(id: string): number | undefined {
    return this.#parsed().positions.get(id);
  }

  /** Settings are asked often and change rarely: what was read before is read again only where its text differs. */
  #parsed(): ReturnType<typeof parseConnections> {
    const value = this.#settings.read();
    const text = JSON.stringify(value ?? []);
    if (this.#read?.text !== text) this.#read = { text, parsed: parseConnections(value) };
    return this.#read.parsed;
  }

  #rawEntries(): unknown[] {
    const value = this.#settings.read() ?? [];
    if (Array.isArray(value)) return [...(value as unknown[])];
    throw new WorkbenchError('connection/invalid-settings', {
      details: { problems: ['openemr.connections'] },
    });
  }
}
