import { createCipheriv, createDecipheriv, createHash, hkdfSync, randomBytes } from 'node:crypto';
import { mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock, type Clock } from '../core/base/clock.ts';
import { writeFileAtomically } from './atomicWrite.ts';
import { systemCodeOf, toStorageError } from './storageErrors.ts';

interface HandedOver {
  readonly callbackUrl: string;
  /** Milliseconds since the epoch. */
  readonly offeredAt: number;
}

const maxAgeMs = 60_000;
const maxUrlLength = 16 * 1024;
/** Anybody can send callbacks to this window; they must not fill the disk. */
const maxFiles = 50;
const ivBytes = 12;
const tagBytes = 16;

/**
 * Hands a callback to the window that waits for it, through a folder that all windows of one machine share. Who
 * does not know the `state` can neither read an offer nor make one. An offer is deleted by its first reader and
 * worth nothing after a minute, as the code in it.
 */
export class CallbackHandover {
  readonly #folder: string;
  readonly #clock: Clock;

  constructor(folder: string, clock: Clock = systemClock) {
    this.#folder = folder;
    this.#clock = clock;
  }

  /** Throws WorkbenchError `storage/write-failed`. */
  async offer(state: string, callbackUrl: string): Promise<void> {
    try {
      if (callbackUrl.length > maxUrlLength) throw new Error('The callback is too long');
      await mkdir(this.#folder, { recursive: true, mode: 0o700 });
      await this.prune();
      if ((await readdir(this.#folder)).length >= maxFiles) throw new Error('Too many callbacks are waiting');
      const content = seal({ callbackUrl, offeredAt: this.#clock.now() }, state);
      await writeFileAtomically(this.#pathFor(state), content);
    } catch (error) {
      throw toStorageError(error);
    }
  }

  /** The callback offered under this `state`, once; `undefined` when there is none that can be trusted. */
  async take(state: string): Promise<string | undefined> {
    const path = this.#pathFor(state);
    // Two windows may ask at once: only one can rename.
    const claimed = `${path}.${randomBytes(6).toString('hex')}.taken`;
    try {
      await rename(path, claimed);
      const offered = unseal(await readFile(claimed), state);
      const age = this.#clock.now() - offered.offeredAt;
      return age >= -maxAgeMs && age <= maxAgeMs ? offered.callbackUrl : undefined;
    } catch {
      return undefined;
    } finally {
      await rm(claimed, { force: true }).catch(() => undefined);
    }
  }

  /** Deletes what nobody came for. */
  async prune(): Promise<void> {
    const names = await readdir(this.#folder).catch(() => []);
    await Promise.all(names.map((name) => this.#deleteIfOld(join(this.#folder, name))));
  }

  async #deleteIfOld(path: string): Promise<void> {
    try {
      const { mtimeMs } = await stat(path);
      if (Math.abs(this.#clock.now() - mtimeMs) > maxAgeMs) await rm(path, { force: true });
    } catch (error) {
      // Another window was faster.
      if (systemCodeOf(error) !== 'ENOENT') throw toStorageError(error);
    }
  }

  #pathFor(state: string): string {
    return join(this.#folder, createHash('sha256').update(`openemr callback name ${state}`).digest('hex'));
  }
}

function keyFor(state: string): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', state, '', 'openemr callback key', 32));
}

function seal(offered: HandedOver, state: string): Buffer {
  const iv = randomBytes(ivBytes);
  const cipher = createCipheriv('aes-256-gcm', keyFor(state), iv, { authTagLength: tagBytes });
  const sealed = [cipher.update(JSON.stringify(offered), 'utf8'), cipher.final()];
  return Buffer.concat([iv, cipher.getAuthTag(), ...sealed]);
}

/** Throws when the content was not sealed with this `state`. */
function unseal(content: Buffer, state: string): HandedOver {
  const iv = content.subarray(0, ivBytes);
  const tag = content.subarray(ivBytes, ivBytes + tagBytes);
  const decipher = createDecipheriv('aes-256-gcm', keyFor(state), iv, { authTagLength: tagBytes });
  decipher.setAuthTag(tag);
  const text = [decipher.update(content.subarray(ivBytes + tagBytes)), decipher.final()];
  return JSON.parse(Buffer.concat(text).toString('utf8')) as HandedOver;
}
