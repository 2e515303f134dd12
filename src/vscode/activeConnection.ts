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

  constructor(window: KeyValueStore, lastChosen: KeyValueStore) {
    this.#window = window;
    this.#lastChosen = lastChosen;
  }

  /** The active one among those that exist; the first where none was chosen. */
  among(connections: readonly Connection[]): Connection | undefined {
    const chosen = [this.#window.get(key), this.#lastChosen.get(key)];
    for (const id of chosen) {
      const connection = connections.find((candidate) => candidate.id === id);
      if (connection) return connection;
    }
    return connections[0];
  }

  async choose(connectionId: string): Promise<void> {
    await this.#window.update(key, connectionId);
    await this.#lastChosen.update(key, connectionId);
    this.#changed.fire();
  }
}
