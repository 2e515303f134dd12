import { WorkbenchError } from '../../src/core/base/errors.ts';
import type { LockLease, NamedLock, SecretStore, SharedDocument } from '../../src/core/ports.ts';
import type { Random } from './random.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';

const staleMs = 12_000;
const lockTimeoutMs = 15_000;

interface StoredSecret {
  readonly value: string | undefined;
  readonly former: string | undefined;
  readonly writer: SimulatedProcess;
  /** Until then other windows see the former value. */
  readonly arrivesAt: number;
}

interface Holder {
  readonly process: SimulatedProcess;
  readonly token: object;
}

/** What all windows of one machine share: secret storage, the index file, locks. */
export class SimulatedStorage {
  readonly secrets = new Map<string, StoredSecret>();
  readonly locks = new Map<string, Holder>();
  #document: { readonly text: string; readonly value: unknown } | undefined;
  readonly #random: Random;
  /** Told of every change of the index and of every lock that is taken. */
  readonly listeners: {
    indexChanged?: (by: SimulatedProcess, text: string) => void;
    lockTaken?: (name: string, by: SimulatedProcess) => void;
  } = {};

  constructor(random: Random) {
    this.#random = random;
  }

  secretsFor(process: SimulatedProcess): SecretStore {
    const write = async (key: string, value: string | undefined): Promise<void> => {
      await process.delay(this.#random.between(1, 4));
      const former = this.secrets.get(key)?.value;
      this.secrets.set(key, {
        value,
        former,
        writer: process,
        arrivesAt: process.now() + this.#random.between(0, 60),
      });
      await process.delay(this.#random.between(0, 2));
    };
    return {
      get: (key) => {
        const secret = this.secrets.get(key);
        const isSeen = !secret || secret.writer === process || secret.arrivesAt <= process.now();
        return Promise.resolve(isSeen ? secret?.value : secret.former);
      },
      store: write,
      delete: (key) => write(key, undefined),
    };
  }

  documentFor(process: SimulatedProcess): SharedDocument {
    return {
      read: () => Promise.resolve(this.#document?.value),
      update: async (change) => {
        await process.delay(this.#random.between(1, 4));
        const current = this.#document && (JSON.parse(this.#document.text) as unknown);
        const text = JSON.stringify(change(current));
        this.#document = { text, value: JSON.parse(text) };
        this.listeners.indexChanged?.(process, text);
        await process.delay(this.#random.between(0, 2));
      },
    };
  }

  /** The contract of the file lock: it beats while its holder lives, is stale 12 s after, and waiters give up. */
  lockFor(process: SimulatedProcess): NamedLock {
    return {
      withLock: async (name, operation) => {
        const holder = await this.#acquire(name, process);
        try {
          return await operation(this.#leaseOf(name, holder));
        } finally {
          if (this.locks.get(name) === holder) this.locks.delete(name);
        }
      },
    };
  }

  async #acquire(name: string, process: SimulatedProcess): Promise<Holder> {
    const deadline = process.now() + lockTimeoutMs;
    for (;;) {
      await process.delay(this.#random.between(0.5, 2));
      const former = this.locks.get(name);
      if (!former || process.now() - former.process.lastAliveAt >= staleMs) {
        const holder = { process, token: {} };
        this.locks.set(name, holder);
        this.listeners.lockTaken?.(name, process);
        return holder;
      }
      if (process.now() >= deadline) {
        throw new WorkbenchError('storage/write-failed', { details: { reason: 'locked' } });
      }
      await process.delay(this.#random.between(100, 400));
    }
  }

  #leaseOf(name: string, holder: Holder): LockLease {
    const takenAt = holder.process.now();
    return {
      isHeld: () => this.locks.get(name) === holder && !holder.process.hasSleptSince(takenAt),
    };
  }
}
