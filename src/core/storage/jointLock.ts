import type { NamedLock } from '../ports.ts';

interface Hold {
  operations: number;
  readonly begun: Promise<void>;
  end(): Promise<void>;
}

/**
 * A lock that this window's operations hold together: the first one waits for it, those that come meanwhile (as do
 * operations within operations) share it, and the last one gives it back.
 */
export class JointLock {
  readonly #lock: NamedLock;
  readonly #name: string;
  #hold: Hold | undefined;

  constructor(lock: NamedLock, name: string) {
    this.#lock = lock;
    this.#name = name;
  }

  /** Throws what the lock throws where it cannot be had, and what `operation` throws. */
  async run<T>(operation: () => Promise<T>): Promise<T> {
    const hold = (this.#hold ??= this.#begin());
    hold.operations++;
    try {
      await hold.begun;
      return await operation();
    } finally {
      hold.operations--;
      if (hold.operations === 0) {
        this.#hold = undefined;
        await hold.end();
      }
    }
  }

  #begin(): Hold {
    let letGo = (): void => undefined;
    const untilLetGo = new Promise<void>((resolve) => (letGo = resolve));
    let held = Promise.resolve();
    const begun = new Promise<void>((resolve, reject) => {
      held = this.#lock.withLock(this.#name, () => {
        resolve();
        return untilLetGo;
      });
      held.catch(reject);
    });
    const end = async (): Promise<void> => {
      letGo();
      // What went wrong was told to whoever waited for the beginning.
      await held.catch(() => undefined);
    };
    return { operations: 0, begun, end };
  }
}
