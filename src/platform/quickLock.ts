import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs';
import { hostname } from 'node:os';
import { dirname } from 'node:path';
import { randomBytes } from 'node:crypto';
import { WorkbenchError } from '../core/base/errors.ts';
import { systemCodeOf, toStorageError } from './storageErrors.ts';

export interface QuickLockOptions {
  /** Milliseconds to wait for it. */
  readonly timeoutMs?: number;
  /** Milliseconds after which a holder on another machine has lost it; on this one its process must be gone. */
  readonly staleMs?: number;
}

/**
 * Mutual exclusion among the processes that share a folder, for work of microseconds that needs no event loop: a tenth
 * of what a lock with a heartbeat costs. A holder that was killed is found out by its process id.
 */
export class QuickLock {
  readonly #path: string;
  readonly #timeoutMs: number;
  readonly #staleMs: number;

  constructor(path: string, { timeoutMs = 5_000, staleMs = 30_000 }: QuickLockOptions = {}) {
    this.#path = path;
    this.#timeoutMs = timeoutMs;
    this.#staleMs = staleMs;
  }

  /** Throws WorkbenchError `storage/write-failed` where the lock cannot be had, and what `section` throws. */
  async run<T>(section: () => T): Promise<T> {
    const deadline = performance.now() + this.#timeoutMs;
    for (let attempt = 0; !this.#tryAcquire(); attempt++) {
      if (performance.now() >= deadline) {
        throw new WorkbenchError('storage/write-failed', { details: { reason: 'locked' } });
      }
      if (attempt > 3) this.#breakIfStale();
      await new Promise((resolve) => setTimeout(resolve, 1 + Math.random() * Math.min(2 ** attempt, 20)));
    }
    try {
      return section();
    } finally {
      rmSync(this.#path, { force: true });
    }
  }

  #tryAcquire(): boolean {
    try {
      const file = openSync(this.#path, 'wx', 0o600);
      try {
        writeSync(file, `${process.pid} ${hostname()} ${randomBytes(6).toString('hex')}`);
      } finally {
        closeSync(file);
      }
      return true;
    } catch (error) {
      const code = systemCodeOf(error);
      // Windows answers so while the former holder's file is being deleted.
      if (code === 'EEXIST' || code === 'EPERM' || code === 'EBUSY') return false;
      if (code !== 'ENOENT') throw toStorageError(error);
      this.#makeFolder();
      return false;
    }
  }

  #makeFolder(): void {
    try {
      mkdirSync(dirname(this.#path), { recursive: true, mode: 0o700 });
    } catch (error) {
      throw toStorageError(error);
    }
  }

  /** Two processes may do this at once: what is renamed must be what was judged, else it is put back. */
  #breakIfStale(): void {
    const aside = `${this.#path}.${randomBytes(6).toString('hex')}.stale`;
    try {
      const holder = readFileSync(this.#path, 'utf8');
      if (!this.#isStale(holder)) return;
      renameSync(this.#path, aside);
      if (readFileSync(aside, 'utf8') === holder) rmSync(aside, { force: true });
      else renameSync(aside, this.#path);
    } catch {
      // It is gone: somebody else was faster.
    }
  }

  #isStale(holder: string): boolean {
    const age = Date.now() - statSync(this.#path).mtimeMs;
    const [pid, host] = holder.split(' ');
    // Killed between making the file and writing into it.
    if (!host) return age > 1_000;
    return host === hostname() ? !isAlive(Number(pid)) : age > this.#staleMs;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return systemCodeOf(error) === 'EPERM';
  }
}
