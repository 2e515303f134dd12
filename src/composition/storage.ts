import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import type { ExtensionContext } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import { GuardedSecretStore, type WindowIdentity } from '../core/storage/guardedSecretStore.ts';
import { SessionIndex } from '../core/storage/sessionIndex.ts';
import { checkStorageHealth, type StorageHealth } from '../core/storage/storageHealth.ts';
import { FileDocument } from '../platform/fileDocument.ts';
import { FileLock } from '../platform/fileLock.ts';
import { isBrowserHost } from '../vscode/externalBrowser.ts';
import { VscodeKeyValueStore } from '../vscode/keyValueStore.ts';
import { VscodeSecretStore } from '../vscode/secretStore.ts';

/** What is secret, what all windows share about it, and what is neither. */
export interface Storage {
  readonly folder: string;
  readonly lock: FileLock;
  readonly index: SessionIndex;
  readonly indexFile: string;
  readonly secrets: GuardedSecretStore;
  readonly globalState: VscodeKeyValueStore;
  readonly window: WindowIdentity;
  readonly health: StorageHealth;
}

export async function createStorage(context: ExtensionContext, clock: Clock): Promise<Storage> {
  const folder = context.globalStorageUri.fsPath;
  const lock = new FileLock(join(folder, 'locks'));
  const indexFile = join(folder, 'index.json');
  const index = new SessionIndex(new FileDocument(indexFile, lock, clock));
  const window: WindowIdentity = {
    id: randomUUID(),
    startedAt: performance.timeOrigin,
    sharesSecrets: !isBrowserHost(),
    arrivalDelaysMs: [30, 100, 300],
  };
  const secrets = new GuardedSecretStore(new VscodeSecretStore(context.secrets), index, window, clock, lock);
  const globalState = new VscodeKeyValueStore(context.globalState);
  const health = await checkStorageHealth(secrets, globalState, window.sharesSecrets);
  return { folder, lock, index, indexFile, secrets, globalState, window, health };
}
