import { mkdir, readFile, rename, rm } from 'node:fs/promises';
import { dirname } from 'node:path';
import { systemClock, type Clock } from '../core/base/clock.ts';
import type { NamedLock, SharedDocument } from '../core/ports.ts';
import { writeFileAtomically } from './atomicWrite.ts';
import { systemCodeOf, toStorageError } from './storageErrors.ts';

/** A JSON file that all windows of one machine share. */
export class FileDocument implements SharedDocument {
  readonly #path: string;
  readonly #lock: NamedLock;
  readonly #clock: Clock;
  #last: { readonly text: string; readonly value: unknown } | undefined;

  constructor(path: string, lock: NamedLock, clock: Clock = systemClock) {
    this.#path = path;
    this.#lock = lock;
    this.#clock = clock;
  }

  /**
   * The same object for a file that did not change: not to be changed by whoever gets it. A file that is no JSON is kept
   * aside as `<name>.corrupt-<time>`.
   */
  async read(): Promise<unknown> {
    try {
      const text = await this.#textOrThrow();
      if (text === undefined) return undefined;
      if (this.#last?.text !== text) this.#last = { text, value: await this.#parse(text) };
      return this.#last.value;
    } catch {
      return undefined;
    }
  }

  /**
   * A change to `undefined` removes the file. Throws WorkbenchError `storage/write-failed`, also where the file is
   * there but cannot be read: writing then would lose what it holds.
   */
  async update(change: (current: unknown) => unknown): Promise<void> {
    await this.#lock.withLock(this.#path, async () => {
      const current = await this.#readOrThrow();
      const changed = await change(current);
      try {
        if (changed === undefined) {
          await rm(this.#path, { force: true });
          return;
        }
        await mkdir(dirname(this.#path), { recursive: true, mode: 0o700 });
        await writeFileAtomically(this.#path, JSON.stringify(changed));
      } catch (error) {
        throw toStorageError(error);
      }
    });
  }

  async #readOrThrow(): Promise<unknown> {
    const text = await this.#textOrThrow();
    return text === undefined ? undefined : this.#parse(text);
  }

  async #textOrThrow(): Promise<string | undefined> {
    try {
      return await readFile(this.#path, 'utf8');
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return undefined;
      throw toStorageError(error);
    }
  }

  async #parse(text: string): Promise<unknown> {
    try {
      return JSON.parse(text) as unknown;
    } catch {
      await rename(this.#path, `${this.#path}.corrupt-${this.#clock.now()}`).catch(() => undefined);
      return undefined;
    }
  }
}
