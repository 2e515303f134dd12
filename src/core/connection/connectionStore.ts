import { WorkbenchError } from '../base/errors.ts';
import type { Event } from '../base/event.ts';
import type { ConnectionSettings } from '../ports.ts';
import {
  connectionSchema,
  parseConnections,
  type Connection,
  type RejectedConnection,
} from './connection.ts';

/** What people change of a connection beside its server and its client; `undefined` removes it. */
export type ConnectionEdits = Partial<
  Pick<Connection, 'name' | 'environment' | 'callback' | 'pinnedCertificate'>
>;

/** The connections in settings. What does not validate is left in place, untouched, by every write. */
export class ConnectionStore {
  readonly #settings: ConnectionSettings;
  /** The write that is under way or was the last: each one reads what the one before it wrote. */
  #writing: Promise<unknown> = Promise.resolve();
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
    const valid = validated(connection);
    await this.#change((entries) => {
      entries[this.#position(connection.id) ?? entries.length] = valid;
      return entries;
    });
  }

  /**
   * Changes parts of the connection as it is saved by then.
   *
   * Throws WorkbenchError `connection/not-found`, `connection/invalid-settings`, `storage/write-failed`.
   */
  async edit(id: string, edits: ConnectionEdits): Promise<void> {
    await this.#change((entries) => {
      const edited = Object.entries({ ...this.get(id), ...edits }).filter(([, value]) => value !== undefined);
      entries[this.#position(id) ?? entries.length] = validated(Object.fromEntries(edited));
      return entries;
    });
  }

  /** Throws WorkbenchError `storage/write-failed`. */
  async remove(id: string): Promise<void> {
    await this.#change((entries) => {
      const position = this.#position(id);
      return entries.filter((_entry, index) => index !== position);
    });
  }

  /** Swaps the connection with its neighbour in the list. Throws WorkbenchError `storage/write-failed`. */
  async move(id: string, by: -1 | 1): Promise<void> {
    await this.#change((entries) => {
      const ids = this.all().map((connection) => connection.id);
      const [from, to] = [this.#position(id), this.#position(ids[ids.indexOf(id) + by] ?? '')];
      if (from === undefined || to === undefined) return undefined;
      [entries[from], entries[to]] = [entries[to], entries[from]];
      return entries;
    });
  }

  /** Writes what `change` makes of the entries; nothing where it answers `undefined`. */
  #change(change: (entries: unknown[]) => readonly unknown[] | undefined): Promise<void> {
    const written = this.#writing.then(async () => {
      const changed = change(this.#rawEntries());
      if (changed) await this.#settings.write(changed);
    });
    this.#writing = written.catch(() => undefined);
    return written;
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

function validated(connection: unknown): Connection {
  const parsed = connectionSchema.safeParse(connection);
  if (parsed.success) return parsed.data;
  const problems = parsed.error.issues.map((issue) => issue.path.join('.'));
  throw new WorkbenchError('connection/invalid-settings', { details: { problems } });
}
