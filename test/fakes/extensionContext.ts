import type * as vscode from 'vscode';
import { EventEmitter, Uri } from './vscodeValues.ts';

/** SecretStorage in memory; `failNext` makes one call fail as a locked or broken keychain does. */
export class FakeSecretStorage {
  readonly entries = new Map<string, string>();
  failNext: Error | undefined;
  readonly #changes = new EventEmitter<{ key: string }>();
  readonly onDidChange = this.#changes.event;

  get(key: string): Promise<string | undefined> {
    return this.#unlessFailing(() => this.entries.get(key));
  }

  keys(): Promise<string[]> {
    return this.#unlessFailing(() => [...this.entries.keys()]);
  }

  store(key: string, value: string): Promise<void> {
    return this.#unlessFailing(() => {
      this.entries.set(key, value);
      this.#changes.fire({ key });
    });
  }

  delete(key: string): Promise<void> {
    return this.#unlessFailing(() => {
      this.entries.delete(key);
      this.#changes.fire({ key });
    });
  }

  async #unlessFailing<T>(operation: () => T): Promise<T> {
    const failure = this.failNext;
    this.failNext = undefined;
    await Promise.resolve();
    if (failure) throw failure;
    return operation();
  }
}

/** Memento in memory; values go through JSON as in the editor. */
export class FakeMemento {
  readonly entries = new Map<string, string>();
  failNext: Error | undefined;

  keys(): readonly string[] {
    return [...this.entries.keys()];
  }

  get(key: string, fallback?: unknown): unknown {
    const stored = this.entries.get(key);
    return stored === undefined ? fallback : JSON.parse(stored);
  }

  async update(key: string, value: unknown): Promise<void> {
    const failure = this.failNext;
    this.failNext = undefined;
    await Promise.resolve();
    if (failure) throw failure;
    if (value === undefined) this.entries.delete(key);
    else this.entries.set(key, JSON.stringify(value));
  }

  setKeysForSync(): void {
    // Settings sync has no part in tests.
  }
}

export interface FakeContext {
  readonly context: vscode.ExtensionContext;
  readonly secrets: FakeSecretStorage;
  readonly globalState: FakeMemento;
  readonly workspaceState: FakeMemento;
  /** What the editor does when the extension goes away. */
  dispose(): void;
}

/** An ExtensionContext whose storages can be looked into; folders are given by the test. */
export function createFakeContext(
  folders: { readonly extensionPath?: string; readonly globalStoragePath?: string } = {},
): FakeContext {
  const { extensionPath = '/extension', globalStoragePath = '/global-storage' } = folders;
  const secrets = new FakeSecretStorage();
  const globalState = new FakeMemento();
  const workspaceState = new FakeMemento();
  const subscriptions: { dispose(): unknown }[] = [];
  const context = {
    subscriptions,
    secrets,
    globalState,
    workspaceState,
    extensionPath,
    extensionUri: Uri.file(extensionPath),
    globalStorageUri: Uri.file(globalStoragePath),
    logUri: Uri.file(`${globalStoragePath}/logs`),
    extensionMode: 3,
    asAbsolutePath: (relativePath: string) => `${extensionPath}/${relativePath}`,
    extension: {
      id: 'emr-workbench.openemr-workbench',
      packageJSON: { version: '0.1.0' },
      extensionKind: 1,
    },
  };
  return {
    context: context as unknown as vscode.ExtensionContext,
    secrets,
    globalState,
    workspaceState,
    dispose: () =>
      subscriptions
        .splice(0)
        .reverse()
        .forEach((member) => member.dispose()),
  };
}
