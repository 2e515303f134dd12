import * as nodeFileSystem from 'node:fs';
import { createReadStream } from 'node:fs';
import { open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Clock } from '../core/base/clock.ts';
import { emptyTail, placeOf, type AuditTail } from '../core/audit/auditChain.ts';
import type { AuditFile, AuditLogState, AuditStorage, SealedLines } from '../core/audit/auditStorage.ts';
import { QuickLock } from './quickLock.ts';
import { systemCodeOf, toStorageError } from './storageErrors.ts';

/** What is asked of the file system while the lock is held; tests let it fail. */
export type AuditFileSystem = Pick<
  typeof nodeFileSystem,
  'openSync' | 'closeSync' | 'fstatSync' | 'ftruncateSync' | 'readSync' | 'writeSync' | 'readdirSync'
>;

export interface AuditFilesOptions {
  readonly clock: Clock;
  /** Bytes after which a new file is begun. */
  readonly maxBytes?: number;
  readonly fileSystem?: AuditFileSystem;
}

const namePattern = /^audit-(\d{6})-(\d{4}-\d\d)\.jsonl$/;
const defaultMaxBytes = 10 * 1024 * 1024;
/** Longer than any entry. */
const tailBytes = 64 * 1024;
const chunkBytes = 256 * 1024;

interface FoundEnd {
  readonly tail: AuditTail;
  /** Bytes of the file up to the end of its last whole line. */
  readonly wholeBytes: number;
  readonly isUnreadable: boolean;
}

/**
 * The audit log's files in global storage: `audit-<number>-<year>-<month>.jsonl`, one a month and 10 MB. Under the lock
 * everything is synchronous: an append takes some 30 microseconds, less than one trip through the event loop.
 */
export class AuditFiles implements AuditStorage {
  readonly #folder: string;
  readonly #clock: Clock;
  readonly #maxBytes: number;
  readonly #fs: AuditFileSystem;
  readonly #lock: QuickLock;
  /** How this window left the log; true only while the file has the same size. */
  #last: { readonly name: string; readonly size: number; readonly tail: AuditTail } | undefined;

  constructor(folder: string, { clock, maxBytes = defaultMaxBytes, fileSystem }: AuditFilesOptions) {
    this.#folder = folder;
    this.#clock = clock;
    this.#maxBytes = maxBytes;
    this.#fs = fileSystem ?? nodeFileSystem;
    this.#lock = new QuickLock(join(folder, 'audit.lock'));
  }

  append(seal: (state: AuditLogState) => SealedLines): Promise<void> {
    return this.#lock.run(() => {
      try {
        this.#append(seal);
      } catch (error) {
        this.#last = undefined;
        throw toStorageError(error);
      }
    });
  }

  async files(): Promise<readonly AuditFile[]> {
    try {
      const names = (await readdir(this.#folder)).filter((name) => namePattern.test(name)).sort();
      return await Promise.all(names.map((name) => this.#file(name)));
    } catch (error) {
      if (systemCodeOf(error) === 'ENOENT') return [];
      throw toStorageError(error);
    }
  }

  async remove(names: readonly string[]): Promise<void> {
    try {
      for (const name of names) {
        if (namePattern.test(name)) await rm(join(this.#folder, name), { force: true });
      }
    } catch (error) {
      throw toStorageError(error);
    }
  }

  async sync(): Promise<void> {
    const name = this.#last?.name;
    if (!name) return;
    const file = await open(join(this.#folder, name), 'r+');
    try {
      await file.sync();
    } finally {
      await file.close();
    }
  }

  async #file(name: string): Promise<AuditFile> {
    const path = join(this.#folder, name);
    const { size } = await stat(path);
    return {
      name,
      size,
      read: () =>
        size === 0 ? noChunks() : createReadStream(path, { end: size - 1, highWaterMark: chunkBytes }),
      newestFirst: () => linesBackwards(path, size),
    };
  }

  #append(seal: (state: AuditLogState) => SealedLines): void {
    const names = this.#fs
      .readdirSync(this.#folder)
      .filter((name) => namePattern.test(name))
      .sort();
    const newest = names.at(-1);
    const file = newest === undefined ? undefined : this.#fs.openSync(join(this.#folder, newest), 'r+');
    try {
      const size = file === undefined ? 0 : this.#fs.fstatSync(file).size;
      const end = this.#endOf(names, file, size);
      const repairedBytes = size - end.wholeBytes;
      if (file !== undefined && repairedBytes > 0) this.#fs.ftruncateSync(file, end.wholeBytes);
      const sealed = seal({ tail: end.tail, repairedBytes, isUnreadable: end.isUnreadable });
      const bytes = Buffer.from(sealed.text);
      if (newest !== undefined && file !== undefined && this.#fits(newest, end, bytes.length)) {
        this.#write(file, bytes, end.wholeBytes);
        this.#last = { name: newest, size: end.wholeBytes + bytes.length, tail: sealed.tail };
      } else {
        const name = this.#nextName(newest);
        this.#writeNew(name, bytes);
        this.#last = { name, size: bytes.length, tail: sealed.tail };
      }
    } finally {
      if (file !== undefined) this.#fs.closeSync(file);
    }
  }

  #fits(name: string, { wholeBytes, isUnreadable }: FoundEnd, added: number): boolean {
    return !isUnreadable && name.includes(this.#month()) && wholeBytes + added <= this.#maxBytes;
  }

  #endOf(names: readonly string[], file: number | undefined, size: number): FoundEnd {
    if (file === undefined) return { tail: emptyTail, wholeBytes: 0, isUnreadable: false };
    const { name, size: lastSize, tail } = this.#last ?? {};
    if (tail && name === names.at(-1) && lastSize === size)
      return { tail, wholeBytes: size, isUnreadable: false };
    const found = this.#readEnd(file, size);
    if (found.tail.seq > 0 || names.length < 2) return found;
    // The file was begun and never written to: the log's end is in the one before it.
    const before = this.#fs.openSync(join(this.#folder, names.at(-2) ?? ''), 'r');
    try {
      const { tail: tailBefore, isUnreadable } = this.#readEnd(before, this.#fs.fstatSync(before).size);
      return { ...found, tail: tailBefore, isUnreadable: found.isUnreadable || isUnreadable };
    } finally {
      this.#fs.closeSync(before);
    }
  }

  /** The last whole line that is an entry, within the last 64 kB. */
  #readEnd(file: number, size: number): FoundEnd {
    const length = Math.min(size, tailBytes);
    const buffer = Buffer.alloc(length);
    this.#fs.readSync(file, buffer, 0, length, size - length);
    const lastNewline = buffer.lastIndexOf(0x0a);
    const wholeBytes = size - length + lastNewline + 1;
    const lines = buffer.subarray(0, Math.max(lastNewline, 0)).toString('utf8').split('\n');
    for (const [index, line] of lines.toReversed().entries()) {
      const tail = placeOf(line);
      if (tail) return { tail, wholeBytes, isUnreadable: index > 0 };
    }
    return {
      tail: emptyTail,
      wholeBytes: lastNewline < 0 && length < size ? size : wholeBytes,
      isUnreadable: size > 0 && lastNewline >= 0,
    };
  }

  /** Either all of it or nothing: what a full disk took half of is taken off again. */
  #write(file: number, bytes: Uint8Array, position: number): void {
    try {
      for (let done = 0; done < bytes.length;) {
        done += this.#fs.writeSync(file, bytes, done, bytes.length - done, position + done);
      }
    } catch (error) {
      try {
        this.#fs.ftruncateSync(file, position);
      } catch {
        // The next writer finds an unfinished line and says so.
      }
      throw error;
    }
  }

  #writeNew(name: string, bytes: Uint8Array): void {
    const file = this.#fs.openSync(join(this.#folder, name), 'wx', 0o600);
    try {
      this.#write(file, bytes, 0);
    } finally {
      this.#fs.closeSync(file);
    }
  }

  #nextName(newest: string | undefined): string {
    const number = Number(namePattern.exec(newest ?? '')?.[1] ?? 0) + 1;
    return `audit-${String(number).padStart(6, '0')}-${this.#month()}.jsonl`;
  }

  #month(): string {
    return new Date(this.#clock.now()).toISOString().slice(0, 7);
  }
}

/** The month of a file's entries as `2026-11`. */
export function monthOf(fileName: string): string {
  return namePattern.exec(fileName)?.[2] ?? '';
}

async function* noChunks(): AsyncGenerator<Uint8Array> {
  // An empty file has none.
}

async function* linesBackwards(path: string, size: number): AsyncGenerator<string> {
  const file = await open(path, 'r');
  try {
    let rest: Buffer = Buffer.alloc(0);
    for (let end = size; end > 0;) {
      const length = Math.min(end, tailBytes);
      const chunk = Buffer.alloc(length);
      await file.read(chunk, 0, length, end - length);
      end -= length;
      const whole = Buffer.concat([chunk, rest]);
      const first = end > 0 ? whole.indexOf(0x0a) : -1;
      rest = end > 0 ? whole.subarray(0, first + 1 || whole.length) : Buffer.alloc(0);
      const lines = whole
        .subarray(end > 0 ? first + 1 || whole.length : 0)
        .toString('utf8')
        .split('\n');
      for (const line of lines.reverse()) if (line) yield line;
    }
  } finally {
    await file.close();
  }
}
