import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, WorkbenchError, type ErrorCode } from '../base/errors.ts';
import type { SecretStore } from '../ports.ts';
import type { GuardedSecretStore, WindowIdentity } from '../storage/guardedSecretStore.ts';
import { deleteSecret, readSecret, writeSecret, type SecretReading } from '../storage/jsonSecret.ts';
import type { SessionEntry, SessionIndex } from '../storage/sessionIndex.ts';
import { tokenSetSchema, type TokenSet } from './tokenSet.ts';

/** What is known about a connection's tokens. */
export type TokenReading =
  | { readonly kind: 'none' }
  | { readonly kind: 'tokens'; readonly tokens: TokenSet; readonly session: SessionEntry | undefined }
  | { readonly kind: 'failed'; readonly error: WorkbenchError };

/** The token sets in secret storage, one entry a connection, beside the index that all windows share. */
export class TokenStore {
  readonly #secrets: GuardedSecretStore & SecretStore;
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
    const reading = await this.#readTokens(connectionId);
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
    const former = stored.kind === 'value' ? stored.value.generation : 0;
    // The count of writes goes on where a logout removed the rest: a generation is never given twice.
    const generation = Math.max(sessions[connectionId]?.generation ?? 0, former, secretWrites) + 1;
    const saved: TokenSet = { ...tokens, generation };
    await writeSecret(this.#secrets, keyOf(connectionId), saved);
    await this.#index.update((index) => {
      index.sessions[connectionId] = { generation, boundTo: tokens.boundTo, savedAt: this.#clock.now() };
    });
    return saved;
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

  /** Notes that only a new login helps; of the given generation, where one is given, and not of a later one. */
  async requireReauthentication(connectionId: string, reason: ErrorCode, generation?: number): Promise<void> {
    await this.#index.updateSession(connectionId, (session) => {
      if (generation !== undefined && session.generation !== generation) return;
      session.reauthenticationReason = reason;
    });
  }

  #wroteElsewhere(session: SessionEntry): boolean {
    return !this.#window.sharesSecrets && session.savedAt > this.#window.startedAt;
  }
}

function failed(code: ErrorCode): TokenReading {
  return { kind: 'failed', error: new WorkbenchError(code) };
}

function keyOf(connectionId: string): string {
  return `openemr.tokens.${connectionId}`;
}
