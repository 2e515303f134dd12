import { createHash } from 'node:crypto';
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { systemClock } from '../../src/core/base/clock.ts';
import type { SecretStore } from '../../src/core/ports.ts';
import { SessionIndex } from '../../src/core/storage/sessionIndex.ts';
import { writeFileAtomically } from '../../src/platform/atomicWrite.ts';
import { FileDocument } from '../../src/platform/fileDocument.ts';
import { FileLock } from '../../src/platform/fileLock.ts';

/** What the windows of one machine share, in a folder: the real lock and index, and a file a secret. */
export function machineIn(folder: string) {
  const lock = new FileLock(join(folder, 'locks'));
  const indexFile = join(folder, 'index.json');
  const index = new SessionIndex(new FileDocument(indexFile, lock, systemClock));
  return { lock, index, indexFile, secrets: fileSecrets(folder) };
}

function fileSecrets(folder: string): SecretStore {
  const pathOf = (key: string) => join(folder, `secret-${createHash('sha256').update(key).digest('hex')}`);
  return {
    get: (key) => readFile(pathOf(key), 'utf8').catch(() => undefined),
    store: (key, value) => writeFileAtomically(pathOf(key), value),
    delete: (key) => rm(pathOf(key), { force: true }),
  };
}
