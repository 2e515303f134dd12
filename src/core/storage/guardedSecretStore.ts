import { WorkbenchError } from '../base/errors.ts';
import type { Clock } from '../base/clock.ts';
import type { NamedLock, SecretStore } from '../ports.ts';
import { JointLock } from './jointLock.ts';
import type { SessionIndex, SessionIndexDocument } from './sessionIndex.ts';

export interface WindowIdentity {
  readonly id: string;
  /** When this window read secret storage at the latest, in milliseconds since the epoch. */
  readonly startedAt: number;
  /** False in browser hosts, where each window keeps the view of secret storage that it started with. */
  readonly sharesSecrets: boolean;
  /** Milliseconds to wait, one after the other, for a write that the index tells of and that is not seen here yet. */
  readonly arrivalDelaysMs?: readonly number[];
}

/**
 * Secret storage that counts its writes in the index and refuses to write from a window whose view is out of date:
 * there a write would put the old values of every other key back (browser hosts save the whole map).
 */
export class GuardedSecretStore implements SecretStore {
  readonly #secrets: SecretStore;
  readonly #index: SessionIndex;
  readonly #window: WindowIdentity;
  readonly #clock: Clock;
  readonly #lock: JointLock | undefined;

  /** `lock` orders the writes of windows that do not share their secrets; without it they trust to luck. */
  constructor(
    secrets: SecretStore,
    index: SessionIndex,
    window: WindowIdentity,
    clock: Clock,
    lock?: NamedLock,
  ) {
    this.#secrets = secrets;
    this.#index = index;
    this.#window = window;
    this.#clock = clock;
    this.#lock = window.sharesSecrets || !lock ? undefined : new JointLock(lock, 'secrets');
  }

  /**
   * Runs an operation that must be able to store what it brings, and only that: where windows have their own views,
   * no other one may write meanwhile, or this one would be behind when it wants to.
   *
   * Throws WorkbenchError `storage/behind` before the operation, and what it throws.
   */
  async exclusively<T>(operation: () => Promise<T>): Promise<T> {
    const guarded = async (): Promise<T> => {
      await this.#refuseWhenBehind();
      return operation();
    };
    return this.#lock ? this.#lock.run(guarded) : guarded();
  }

  get(key: string): Promise<string | undefined> {
    return this.#secrets.get(key);
  }

  /** Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  store(key: string, value: string): Promise<void> {
    return this.storeAndNote(key, value, () => undefined);
  }

  /** As {@link store}; what the index is to say about it is written in the same step as the count. */
  storeAndNote(key: string, value: string, note: (index: SessionIndexDocument) => void): Promise<void> {
    return this.exclusively(async () => {
      await this.#secrets.store(key, value);
      await this.#countWrite(note);
    });
  }

  /** Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  delete(key: string): Promise<void> {
    // A window that is behind does not see what it is to delete: that is found out first.
    return this.exclusively(async () => {
      if ((await this.#secrets.get(key)) === undefined) return;
      await this.#secrets.delete(key);
      await this.#countWrite();
    });
  }

  /** Whether another window wrote secrets that this window cannot see before it is reloaded. */
  isBehind(index: SessionIndexDocument): boolean {
    if (this.#window.sharesSecrets) return false;
    return index.lastWriters.some(
      ({ window, at }) => window !== this.#window.id && at > this.#window.startedAt,
    );
  }

  async #refuseWhenBehind(): Promise<void> {
    if (this.isBehind(await this.#index.read())) throw new WorkbenchError('storage/behind');
  }

  #countWrite(note: (index: SessionIndexDocument) => void = () => undefined): Promise<void> {
    return this.#index.update((index) => {
      const others = index.lastWriters.filter(({ window }) => window !== this.#window.id);
      const latestOther = others.sort((a, b) => b.at - a.at)[0];
      index.secretWrites += 1;
      index.lastWriters = [{ window: this.#window.id, at: this.#clock.now() }];
      if (latestOther) index.lastWriters.push(latestOther);
      note(index);
    });
  }
}
