import type { Event } from './base/event.ts';

/** Encrypted storage of the host. */
export interface SecretStore {
  get(key: string): Promise<string | undefined>;
  store(key: string, value: string): Promise<void>;
  delete(key: string): Promise<void>;
}

/** Small non-secret values of the host that survive a restart. */
export interface KeyValueStore {
  get(key: string): unknown;
  update(key: string, value: unknown): Promise<void>;
}

/** What `openemr.connections` holds, as untrusted data. */
export interface ConnectionSettings {
  read(): unknown;
  /** Throws WorkbenchError `storage/write-failed`. */
  write(connections: readonly unknown[]): Promise<void>;
  readonly onDidChange: Event<void>;
}

/** Opens a page in the user's browser, byte for byte; the answer says nothing about whether it really opened. */
export interface ExternalBrowser {
  open(url: string): Promise<boolean>;
}

/** What the holder of a lock can ask of it. */
export interface LockLease {
  /** False once somebody else may have taken over, as after a sleep: then nothing may be done that only one may do. */
  isHeld(): boolean;
}

/** Mutual exclusion by name; across processes where the implementation says so. */
export interface NamedLock {
  withLock<T>(name: string, operation: (lease: LockLease) => Promise<T>): Promise<T>;
}

/** A JSON document outside of secret storage that all windows share. */
export interface SharedDocument {
  /** `undefined` when absent or unreadable: readers must cope with an empty start. */
  read(): Promise<unknown>;
  /** Reads, changes and writes as one step, safe against other windows. The change may be a promise. */
  update(change: (current: unknown) => unknown): Promise<void>;
}

/** A redacting log. */
export interface Log {
  debug(message: string): void;
  info(message: string): void;
  warn(message: string): void;
  error(message: string): void;
}
