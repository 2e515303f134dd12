import type { SecretStorage } from 'vscode';
import { WorkbenchError, type ErrorCode } from '../core/base/errors.ts';
import type { SecretStore } from '../core/ports.ts';

/** The editor's SecretStorage. Throws WorkbenchError `storage/secret-unreadable`, `storage/write-failed`. */
export class VscodeSecretStore implements SecretStore {
  readonly #storage: Pick<SecretStorage, 'get' | 'store' | 'delete'>;

  constructor(storage: Pick<SecretStorage, 'get' | 'store' | 'delete'>) {
    this.#storage = storage;
  }

  get(key: string): Promise<string | undefined> {
    return failingAs('storage/secret-unreadable', key, () => this.#storage.get(key));
  }

  store(key: string, value: string): Promise<void> {
    return failingAs('storage/write-failed', key, () => this.#storage.store(key, value));
  }

  delete(key: string): Promise<void> {
    return failingAs('storage/write-failed', key, () => this.#storage.delete(key));
  }
}

async function failingAs<T>(code: ErrorCode, key: string, operation: () => PromiseLike<T>): Promise<T> {
  try {
    return await operation();
  } catch (cause) {
    throw new WorkbenchError(code, { details: { key }, cause });
  }
}
