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
  readonly onDidChange: Event<void>;

  constructor(settings: ConnectionSettings) {
    this.#settings = settings;
    this.onDidChange = settings.onDidChange;
  }

  all(): Connection[] {
    return parseConnections(this.#settings.read()).connections;
  }

  rejected(): RejectedConnection[] {
    return parseConnections(this.#settings.read()).rejected;
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
    const position = entries.findIndex((entry) => idOf(entry) === connection.id);
    if (position < 0) entries.push(parsed.data);
    else entries[position] = parsed.data;
    await this.#settings.write(entries);
  }

  /** Throws WorkbenchError `storage/write-failed`. */
  async remove(id: string): Promise<void> {
    await this.#settings.write(this.#rawEntries().filter((entry) => idOf(entry) !== id));
  }

  #rawEntries(): unknown[] {
    const value = this.#settings.read() ?? [];
    if (Array.isArray(value)) return [...(value as unknown[])];
    throw new WorkbenchError('connection/invalid-settings', {
      details: { problems: ['openemr.connections'] },
    });
  }
}

function idOf(entry: unknown): unknown {
  return typeof entry === 'object' && entry !== null && 'id' in entry ? entry.id : undefined;
}
