import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, WorkbenchError, type ErrorCode } from '../base/errors.ts';
import type { LockLease, NamedLock } from '../ports.ts';
import type { GuardedSecretStore, WindowIdentity } from '../storage/guardedSecretStore.ts';
import { deleteSecret, readSecret, type SecretReading } from '../storage/jsonSecret.ts';
import type { SessionEntry, SessionIndex } from '../storage/sessionIndex.ts';
import { tokenSetSchema, type TokenSet } from './tokenSet.ts';

/** A connection as the token life-cycle sees it. */
export interface TokenOwner {
  readonly connectionId: string;
  readonly boundTo: string;
}

/** What is known about a connection's tokens. */
export type TokenReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'tokens'; readonly tokens: TokenSet; readonly session: SessionEntry | undefined }
  | { readonly kind: 'failed'; readonly error: WorkbenchError };

/** The token sets in secret storage, one entry a connection, beside the index that all windows share. */
export class TokenStore {
  readonly #secrets: GuardedSecretStore;
  readonly #index: SessionIndex;
  readonly #window: WindowIdentity;
  readonly #clock: Clock;

  constructor(secrets: GuardedSecretStore, index: SessionIndex, window: WindowIdentity, clock: Clock) {
    this.#secrets = secrets;
    this.#index = index;
    this.#window = window;
    this.#clock = clock;
  }

  /**
   * Reads a connection's tokens for the given binding. A failed reading says why: the keychain lost them or cannot
   * be read, this window is behind another one, they do not parse (and were set aside), or they belong to another
   * server.
   */
  async read(connectionId: string, boundTo: string): Promise<TokenReading> {
    // The index first, as writers write it last: a pair that is saved meanwhile is newer than it, never older.
    const index = await this.#index.read();
    const session = index.sessions[connectionId];
    const reading = await this.#readUpTo(connectionId, session?.generation ?? 0);
    if (reading.kind === 'unreadable') return failed('storage/secret-unreadable');
    if (reading.kind === 'absent') {
      if (!session) return { kind: 'none' };
      return failed(this.#wroteElsewhere(session) ? 'storage/behind' : 'storage/secret-lost');
    }
    const tokens = reading.value;
    if (tokens.boundTo !== boundTo) return failed('token/other-server');
    if (!session && this.#secrets.isBehind(index)) return failed('storage/behind');
    if (session && session.generation > tokens.generation) return failed('storage/behind');
    // What was noted about a former pair says nothing about this one.
    return {
      kind: 'tokens',
      tokens,
      session: session?.generation === tokens.generation ? session : undefined,
    };
  }

  /** Another window's write may take a moment to arrive here: what is older than the index says is read again. */
  async #readUpTo(connectionId: string, generation: number): Promise<SecretReading<TokenSet>> {
    const { sharesSecrets, arrivalDelaysMs = [] } = this.#window;
    const delays = sharesSecrets ? [...arrivalDelaysMs] : [];
    for (;;) {
      const reading = await this.#readTokens(connectionId);
      const delay = generationOf(reading) < generation ? delays.shift() : undefined;
      if (delay === undefined) return reading;
      await new Promise<void>((resolve) => void this.#clock.schedule(resolve, delay));
    }
  }

  async #readTokens(connectionId: string): Promise<SecretReading<TokenSet>> {
    try {
      return await readSecret(this.#secrets, keyOf(connectionId), tokenSetSchema);
    } catch (error) {
      if (isWorkbenchError(error)) return { kind: 'unreadable' };
      throw error;
    }
  }

  /**
   * Stores a new pair under the next generation: first the secret, then the index, so that a stop between the two
   * leaves the newer secret usable.
   *
   * Throws WorkbenchError `storage/behind`, `storage/write-failed`.
   */
  async save(connectionId: string, tokens: Omit<TokenSet, 'generation'>): Promise<TokenSet> {
    const stored = await this.#readTokens(connectionId);
    const { sessions, secretWrites } = await this.#index.read();
    const former = generationOf(stored);
    // The count of writes goes on where a logout removed the rest: a generation is never given twice.
    const generation = Math.max(sessions[connectionId]?.generation ?? 0, former, secretWrites) + 1;
    const saved: TokenSet = { ...tokens, generation };
    await this.#secrets.storeAndNote(keyOf(connectionId), JSON.stringify(saved), (index) => {
      index.sessions[connectionId] = this.#entryFor(saved);
    });
    return saved;
  }

  /** Brings the index up to a pair that was stored before its writer could say so. */
  async catchUp(connectionId: string, tokens: TokenSet): Promise<void> {
    await this.#index.update((index) => {
      const session = index.sessions[connectionId];
      if (session && session.generation >= tokens.generation) return;
      index.sessions[connectionId] = this.#entryFor(tokens);
    });
  }

  #entryFor(tokens: TokenSet): SessionEntry {
    const { generation, boundTo, expiresAt, lifetimeSeconds, loggedInAt, refreshToken } = tokens;
    const canRefresh = refreshToken !== undefined;
    const savedAt = this.#clock.now();
    return { generation, boundTo, savedAt, expiresAt, lifetimeSeconds, loggedInAt, canRefresh };
  }

  /** Forgets tokens and session. Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async clear(connectionId: string): Promise<void> {
    await deleteSecret(this.#secrets, keyOf(connectionId));
    await this.#index.update((index) => {
      index.sessions = Object.fromEntries(
        Object.entries(index.sessions).filter(([id]) => id !== connectionId),
      );
    });
  }

  async markRefresh(connectionId: string, generation: number): Promise<void> {
    const startedAt = this.#clock.now();
    await this.#index.updateSession(connectionId, (session) => {
      session.refreshMarker = { generation, startedAt };
    });
  }

  async clearRefreshMark(connectionId: string): Promise<void> {
    await this.#index.updateSession(connectionId, (session) => {
      delete session.refreshMarker;
    });
  }

  /** What all windows know of a connection's session; no secret is read. */
  session(connectionId: string): Promise<SessionEntry | undefined> {
    return this.#index.session(connectionId);
  }

  /** Notes that only a new login helps; of the given generation, where one is given, and not of a later one. */
  async requireReauthentication(connectionId: string, reason: ErrorCode, generation?: number): Promise<void> {
    await this.#index.updateSession(connectionId, (session) => {
      if (generation !== undefined && session.generation !== generation) return;
      session.reauthenticationReason = reason;
      delete session.failing;
    });
  }

  /** Counts a failed refresh of this generation; `retryAtFor` says by the count when to try again. */
  async noteFailure(
    connectionId: string,
    generation: number,
    reason: ErrorCode,
    retryAtFor: (count: number) => number,
  ): Promise<void> {
    const failedAt = this.#clock.now();
    await this.#index.updateSession(connectionId, (session) => {
      if (session.generation !== generation) return;
      const count = (session.failing?.count ?? 0) + 1;
      const told = session.failing?.told ? { told: true } : {};
      session.failing = { count, reason, failedAt, retryAt: retryAtFor(count), ...told };
    });
  }

  /**
   * Runs an operation that reads the pair, renews it and stores the new one, alone among all windows: by connection,
   * and where each window has its own view of secret storage, alone among everything that writes a secret.
   *
   * Throws WorkbenchError `storage/behind` before anything was done, `storage/write-failed`.
   */
  exclusively<T>(
    lock: NamedLock,
    connectionId: string,
    operation: (lease: LockLease) => Promise<T>,
  ): Promise<T> {
    return lock.withLock(`refresh ${connectionId}`, (lease) =>
      this.#secrets.exclusively(() => operation(lease)),
    );
  }

  /**
   * Runs an operation that goes by what is stored of a connection and changes that, alone among all windows. Unlike
   * {@link exclusively} it takes no longer than storage does: nobody waits for a server to log out.
   *
   * Throws WorkbenchError `storage/behind` before anything was done, `storage/write-failed`.
   */
  changing<T>(lock: NamedLock, connectionId: string, operation: () => Promise<T>): Promise<T> {
    // First secret storage, as a refresh holds it already: two windows that take both must not wait for each other.
    return this.#secrets.exclusively(() => lock.withLock(`tokens ${connectionId}`, operation));
  }

  #wroteElsewhere(session: SessionEntry): boolean {
    return !this.#window.sharesSecrets && session.savedAt > this.#window.startedAt;
  }
}

function generationOf(reading: SecretReading<TokenSet>): number {
  return reading.kind === 'value' ? reading.value.generation : 0;
}

function failed(code: ErrorCode): TokenReading {
  return { kind: 'failed', error: new WorkbenchError(code) };
}

function keyOf(connectionId: string): string {
  return `openemr.tokens.${connectionId}`;
}
