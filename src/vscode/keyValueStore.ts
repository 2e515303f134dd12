import type { Memento } from 'vscode';
import { WorkbenchError } from '../core/base/errors.ts';
import type { KeyValueStore } from '../core/ports.ts';

/** The editor's global or workspace state. `update` throws WorkbenchError `storage/write-failed`. */
export class VscodeKeyValueStore implements KeyValueStore {
  readonly #memento: Pick<Memento, 'get' | 'update'>;

  constructor(memento: Pick<Memento, 'get' | 'update'>) {
    this.#memento = memento;
  }

  get(key: string): unknown {
    return this.#memento.get(key);
  }

  async update(key: string, value: unknown): Promise<void> {
    try {
      await this.#memento.update(key, value);
    } catch (cause) {
      throw new WorkbenchError('storage/write-failed', { details: { key }, cause });
    }
  }
}
