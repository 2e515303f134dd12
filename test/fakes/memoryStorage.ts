import { EventEmitter } from '../../src/core/base/event.ts';
import { WorkbenchError } from '../../src/core/base/errors.ts';
import type { ConnectionSettings, LockLease, Log, NamedLock, SharedDocument } from '../../src/core/ports.ts';

/** A document that several windows share, in memory; values go through JSON as in a file. */
export class MemoryDocument implements SharedDocument {
  text: string | undefined;
  failNext: Error | undefined;
  #tail: Promise<unknown> = Promise.resolve();

  async read(): Promise<unknown> {
    await Promise.resolve();
    return this.text === undefined ? undefined : JSON.parse(this.text);
  }

  update(change: (current: unknown) => unknown): Promise<void> {
    const result = this.#tail.then(() => this.#updateAlone(change));
    this.#tail = result.catch(() => undefined);
    return result;
  }

  async #updateAlone(change: (current: unknown) => unknown): Promise<void> {
    const failure = this.failNext;
    this.failNext = undefined;
    if (failure) throw failure;
    this.text = JSON.stringify(await change(this.text === undefined ? undefined : JSON.parse(this.text)));
  }
}

/** Mutual exclusion by name among everybody who holds this object. */
export class MemoryLock implements NamedLock {
  readonly #tails = new Map<string, Promise<unknown>>();

  withLock<T>(name: string, operation: (lease: LockLease) => Promise<T>): Promise<T> {
    const lease = { isHeld: () => true };
    const result = (this.#tails.get(name) ?? Promise.resolve()).then(() => operation(lease));
    this.#tails.set(
      name,
      result.catch(() => undefined),
    );
    return result;
  }
}

/** `openemr.connections`, in memory. */
export class MemorySettings implements ConnectionSettings {
  value: unknown;
  failNext = false;
  readonly #changes = new EventEmitter<void>();
  readonly onDidChange = this.#changes.event;

  constructor(value?: unknown) {
    this.value = value;
  }

  read(): unknown {
    return this.value;
  }

  async write(connections: readonly unknown[]): Promise<void> {
    await Promise.resolve();
    if (this.failNext) {
      this.failNext = false;
      throw new WorkbenchError('storage/write-failed');
    }
    this.value = structuredClone(connections);
    this.#changes.fire();
  }
}

/** Keeps what was logged. */
export class MemoryLog implements Log {
  readonly lines: string[] = [];
  readonly debug = (message: string) => void this.lines.push(message);
  readonly info = this.debug;
  readonly warn = this.debug;
  readonly error = this.debug;
}
