import type { Connection } from '../core/connection/connection.ts';
import { EventEmitter, type Event } from '../core/base/event.ts';
import type { KeyValueStore } from '../core/ports.ts';

const key = 'openemr.activeConnection';

/** The connection that commands are about: one a window; a new window takes the one chosen last. */
export class ActiveConnection {
  readonly #window: KeyValueStore;
  readonly #lastChosen: KeyValueStore;
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange: Event<void> = this.#changed.event;
  /** What other windows choose from now on is their business, although both stores tell of it. */
  #id: unknown;
  /** In place of the chosen one while its entry is gone or cannot be read. */
  #standIn: string | undefined;

  constructor(window: KeyValueStore, lastChosen: KeyValueStore) {
    this.#window = window;
    this.#lastChosen = lastChosen;
    this.#id = window.get(key) ?? lastChosen.get(key);
  }

  /** The active one among those that exist; the first where none was chosen. */
  among(connections: readonly Connection[]): Connection | undefined {
    const chosen = [this.#id, this.#standIn, this.#lastChosen.get(key)];
    const found = chosen.map((id) => connections.find((candidate) => candidate.id === id)).find(Boolean);
    const connection = found ?? connections[0];
    this.#id ??= connection?.id;
    this.#standIn = connection?.id;
    return connection;
  }

  async choose(connectionId: string): Promise<void> {
    this.#id = connectionId;
    await this.#window.update(key, connectionId);
    await this.#lastChosen.update(key, connectionId);
    this.#changed.fire();
  }
}
