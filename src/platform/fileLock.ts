import { createHash } from 'node:crypto';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type * as ProperLockfile from 'proper-lockfile';
import { WorkbenchError } from '../core/base/errors.ts';
import type { LockLease, NamedLock } from '../core/ports.ts';
import { systemCodeOf, toStorageError } from './storageErrors.ts';

export interface FileLockOptions {
  /** Milliseconds after which a holder that gave no sign of life has lost its lock. */
  readonly staleMs?: number;
  /** Milliseconds to wait for the lock. */
  readonly timeoutMs?: number;
}

/** Mutual exclusion among all processes that share a folder. Its owners should survive losing it after a sleep. */
export class FileLock implements NamedLock {
  readonly #folder: string;
  readonly #staleMs: number;
  readonly #timeoutMs: number;

  constructor(folder: string, { staleMs = 12_000, timeoutMs = 15_000 }: FileLockOptions = {}) {
    this.#folder = folder;
    this.#staleMs = staleMs;
    this.#timeoutMs = timeoutMs;
  }

  /** Throws WorkbenchError `storage/write-failed` when the lock cannot be had in time, and what `operation` throws. */
  async withLock<T>(name: string, operation: (lease: LockLease) => Promise<T>): Promise<T> {
    const { release, lease } = await this.#acquire(name);
    try {
      return await operation(lease);
    } finally {
      lease.end();
      // Fails only where the lock was lost meanwhile: then another one's must not be touched.
      await release().catch(() => undefined);
    }
  }

  async #acquire(name: string): Promise<HeldLock> {
    // Loaded on first use, as it listens to the process's end. The default export: in our bundle a CommonJS
    // module has no other.
    const {
      default: { lock },
    } = await import('proper-lockfile');
    const path = join(this.#folder, createHash('sha256').update(name).digest('hex').slice(0, 32));
    const deadline = performance.now() + this.#timeoutMs;
    try {
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      for (let attempt = 0; ; attempt++) {
        const held = await this.#tryLock(lock, path);
        if (held) return held;
        if (performance.now() >= deadline) {
          throw new WorkbenchError('storage/write-failed', { details: { reason: 'locked' } });
        }
        await pause(Math.min(20 * 1.5 ** attempt, 400));
      }
    } catch (error) {
      throw toStorageError(error);
    }
  }

  async #tryLock(lock: typeof ProperLockfile.lock, path: string): Promise<HeldLock | undefined> {
    const lease = new WatchedLease(this.#staleMs);
    try {
      const release = await lock(path, {
        realpath: false,
        stale: this.#staleMs,
        // The default throws where nobody can catch it.
        onCompromised: () => lease.end(),
      });
      return { release, lease };
    } catch (error) {
      lease.end();
      if (systemCodeOf(error) === 'ELOCKED') return undefined;
      throw error;
    }
  }
}

interface HeldLock {
  readonly release: () => Promise<void>;
  readonly lease: WatchedLease;
}

/** Notices by the wall clock that the process stood still: meanwhile the lock may have gone to somebody else. */
class WatchedLease implements LockLease {
  readonly #limitMs: number;
  readonly #timer: NodeJS.Timeout;
  #lastBeat = Date.now();
  #isOver = false;

  constructor(staleMs: number) {
    this.#limitMs = staleMs / 2;
    this.#timer = setInterval(() => {
      if (this.isHeld()) this.#lastBeat = Date.now();
      else this.end();
    }, staleMs / 8).unref();
  }

  isHeld(): boolean {
    return !this.#isOver && Math.abs(Date.now() - this.#lastBeat) < this.#limitMs;
  }

  end(): void {
    this.#isOver = true;
    clearInterval(this.#timer);
  }
}

/** Half of it is chance, so that waiting processes do not try in step. */
function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms * (0.5 + Math.random() / 2)));
}
