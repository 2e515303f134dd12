import fs from 'node:fs';
import { syncBuiltinESMExports } from 'node:module';

type Call = (...args: unknown[]) => unknown;
const writers = {
  sync: ['writeSync', 'ftruncateSync', 'renameSync', 'rmSync', 'mkdirSync'],
  promised: ['rename', 'rm', 'mkdir'],
} as const;

/**
 * Lets what changes files below a folder fail as the operating system would, for the code that runs here: all of it
 * while the disk is broken, or everything from the nth change on, the nth half done, as for a process that is killed.
 */
export class FaultyDisk {
  readonly #folder: string;
  readonly #originals = new Map<string, Call>();
  readonly #opened = new Set<number>();
  #systemCode: string | undefined;
  #left = Infinity;
  /** Changes that were tried since the disk was broken. */
  changes = 0;

  constructor(folder: string) {
    this.#folder = folder;
    for (const name of writers.sync) this.#replace(fs, name, (original) => this.#guard(original));
    for (const name of writers.promised)
      this.#replace(fs.promises, name, (original) => this.#guardLater(original));
    this.#replace(fs, 'openSync', (original) => (path, flags, ...rest) => {
      if (this.#isOurs(path) && flags !== 'r') this.#take();
      const file = original(path, flags, ...rest) as number;
      if (this.#isOurs(path)) this.#opened.add(file);
      else this.#opened.delete(file);
      return file;
    });
    this.#replace(fs.promises, 'open', (original) => async (path, flags, ...rest) => {
      if (this.#isOurs(path) && flags !== 'r') this.#take();
      const file = (await original(path, flags, ...rest)) as fs.promises.FileHandle;
      if (this.#isOurs(path)) this.#guardHandle(file);
      return file;
    });
    syncBuiltinESMExports();
  }

  /** Every change fails with this code of the system (`ENOSPC`, `EROFS`). */
  break(systemCode: string): void {
    this.#systemCode = systemCode;
    this.#left = 0;
    this.changes = 0;
  }

  /** The nth change is half done, and none after it. */
  dieAtChange(nth: number): void {
    this.break('EIO');
    this.#left = nth - 1;
  }

  get isDead(): boolean {
    return this.#systemCode !== undefined && this.#left <= 0 && this.changes > 0;
  }

  repair(): void {
    this.#systemCode = undefined;
    this.#left = Infinity;
  }

  /** Gives the functions back. */
  restore(): void {
    for (const [name, original] of this.#originals) {
      const [owner, key] = name.startsWith('promises.') ? [fs.promises, name.slice(9)] : [fs, name];
      Object.assign(owner, { [key]: original });
    }
    syncBuiltinESMExports();
  }

  #replace(owner: object, name: string, wrap: (original: Call) => Call): void {
    const original = Reflect.get(owner, name) as Call;
    this.#originals.set(owner === fs.promises ? `promises.${name}` : name, original);
    Object.assign(owner, { [name]: wrap(original) });
  }

  #guard(original: Call): Call {
    return (target, ...rest) => {
      if (!this.#isOurs(target)) return original(target, ...rest);
      this.#take(() => {
        const [bytes, offset, length, position] = rest;
        if (original === this.#originals.get('writeSync'))
          original(target, bytes, offset, Math.floor(Number(length ?? 0) / 2), position);
      });
      return original(target, ...rest);
    };
  }

  #guardLater(original: Call): Call {
    return async (target, ...rest) => {
      if (this.#isOurs(target)) this.#take();
      await original(target, ...rest);
    };
  }

  #guardHandle(file: fs.promises.FileHandle): void {
    const write = file.writeFile.bind(file) as Call;
    Object.assign(file, {
      writeFile: async (content: string | Uint8Array) => {
        const state = { isHalf: false };
        try {
          this.#take(() => (state.isHalf = true));
        } catch (error) {
          if (state.isHalf) await write(content.slice(0, Math.floor(content.length / 2)));
          throw error;
        }
        await write(content);
      },
    });
  }

  #isOurs(target: unknown): boolean {
    if (typeof target === 'number') return this.#opened.has(target);
    // A lock of a process that is gone is taken over; of this process, which only plays dead, it is not.
    if (this.#systemCode === 'EIO' && String(target).endsWith('.lock')) return false;
    return String(target).startsWith(this.#folder);
  }

  /** Counts a change; throws where it must not happen, after the half of it where it is the one that dies. */
  #take(half: () => unknown = () => undefined): void {
    if (this.#systemCode === undefined) return;
    this.changes += 1;
    this.#left -= 1;
    if (this.#left >= 0) return;
    if (this.#left === -1 && this.#systemCode === 'EIO') half();
    throw Object.assign(new Error('The disk is broken.'), { code: this.#systemCode });
  }
}
