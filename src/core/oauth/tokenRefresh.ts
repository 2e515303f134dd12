import type { Clock } from '../base/clock.ts';
import { toWorkbenchError, WorkbenchError, type ErrorCode } from '../base/errors.ts';
import type { LockLease, Log, NamedLock } from '../ports.ts';
import type { SessionEntry } from '../storage/sessionIndex.ts';
import type { PairFate } from './pairFate.ts';
import { backoffMs } from './refreshBackoff.ts';
import { refreshFailureKind, requestedPauseMs } from './refreshFailure.ts';
import type { TokenOwner, TokenStore } from './tokenStore.ts';
import type { TokenGrant, TokenSet } from './tokenSet.ts';

/**
 * Asks the token endpoint for a new pair (RFC 6749 §6). `beforeSend` is to be called right before the request leaves;
 * it throws where this window may no longer send it.
 */
export type RefreshGrant = (
  tokens: TokenSet,
  signal?: AbortSignal,
  beforeSend?: () => void,
) => Promise<TokenGrant>;

export interface RefreshOptions {
  readonly signal?: AbortSignal | undefined;
  /** Asked under the lock by a refresh that nobody asked for: whether the pair that is stored now is to be renewed. */
  readonly isDue?: (tokens: TokenSet, session: SessionEntry | undefined) => boolean;
  /** Finds out what became of a pair whose refresh got no answer; without it the pair is simply tried. */
  readonly fateOf?: (tokens: TokenSet, signal?: AbortSignal) => Promise<PairFate>;
}

export interface TokenRefreshDependencies {
  readonly store: TokenStore;
  readonly lock: NamedLock;
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random?: (() => number) | undefined;
  readonly log?: Log | undefined;
}

interface Renewal {
  readonly before: TokenSet;
  readonly renewed: TokenGrant;
}

/**
 * Renews a pair exactly once among all windows. Under a lock that all of them share the newest stored pair is read; one
 * that is newer than the caller's is adopted; else a mark is left, the server is asked, the new pair is stored and the
 * mark goes with the old entry. A mark that is found means that the last attempt got no answer.
 */
export class TokenRefresh {
  readonly #store: TokenStore;
  readonly #lock: NamedLock;
  readonly #clock: Clock;
  readonly #random: () => number;
  readonly #log: Log | undefined;
  /** Pairs that the server gave and storage refused: stored by the next attempt, never used before. */
  readonly #unsaved = new Map<string, Renewal>();

  constructor({ store, lock, clock, random = Math.random, log }: TokenRefreshDependencies) {
    this.#store = store;
    this.#lock = lock;
    this.#clock = clock;
    this.#random = random;
    this.#log = log;
  }

  /** Throws WorkbenchError `token/none`, `refresh/*`, `grant/*`, `network/*`, `storage/*`, what `fateOf` throws. */
  run(owner: TokenOwner, before: TokenSet, grant: RefreshGrant, options: RefreshOptions): Promise<TokenSet> {
    return this.#store.exclusively(this.#lock, owner.connectionId, (lease) =>
      this.#underLock(owner, before, grant, options, lease),
    );
  }

  async #underLock(
    owner: TokenOwner,
    before: TokenSet,
    grant: RefreshGrant,
    options: RefreshOptions,
    lease: LockLease,
  ): Promise<TokenSet> {
    const { connectionId } = owner;
    const { tokens: current, session } = await this.#stored(owner);
    if (current.generation > before.generation) return current;
    if (!session) await this.#store.catchUp(connectionId, current);
    const unsaved = this.#unsaved.get(connectionId);
    if (unsaved?.before.generation === current.generation) {
      return this.#orNoted(owner, current, () => this.#persist(owner, unsaved));
    }
    if (options.isDue && !options.isDue(current, session)) return current;
    refuseWhatIsOver(current, session);
    if (session?.refreshMarker?.generation === current.generation) {
      await this.#orNoted(owner, current, () => this.#settleDoubt(owner, current, options), true);
    }
    await this.#store.markRefresh(connectionId, current.generation);
    return this.#orNoted(owner, current, async () => {
      const renewed = await grant(current, options.signal, () => requireHeld(lease));
      const renewal = { before: current, renewed };
      this.#unsaved.set(connectionId, renewal);
      return this.#persist(owner, renewal);
    });
  }

  /** The last attempt got no answer: asks whether the old pair lives before it is sent again. */
  async #settleDoubt(owner: TokenOwner, tokens: TokenSet, options: RefreshOptions): Promise<TokenSet> {
    const fate = (await options.fateOf?.(tokens, options.signal)) ?? 'unknown';
    this.#log?.info(`A refresh of ${owner.connectionId} got no answer. ${findings[fate]}`);
    if (fate === 'spent') throw new WorkbenchError('refresh/answer-lost');
    return tokens;
  }

  #persist(owner: TokenOwner, renewal: Renewal): Promise<TokenSet> {
    return this.#store.changing(this.#lock, owner.connectionId, () => this.#persistAlone(owner, renewal));
  }

  async #persistAlone(owner: TokenOwner, { before, renewed }: Renewal): Promise<TokenSet> {
    const { connectionId } = owner;
    const reading = await this.#store.read(connectionId, owner.boundTo);
    if (reading.kind === 'failed') throw reading.error;
    // A logout or a new login came in between, and is not undone by what the old session still got.
    if (reading.kind === 'none' || reading.tokens.generation !== before.generation) {
      this.#unsaved.delete(connectionId);
      if (reading.kind === 'none') throw new WorkbenchError('token/none');
      return reading.tokens;
    }
    const saved = await this.#store.save(connectionId, { ...before, ...changesBy(renewed) });
    this.#unsaved.delete(connectionId);
    return saved;
  }

  /** Notes what a failure means for all windows. `keepsMark`: whatever failed, the doubt about the pair stays. */
  async #orNoted(
    owner: TokenOwner,
    current: TokenSet,
    step: () => Promise<TokenSet>,
    keepsMark = false,
  ): Promise<TokenSet> {
    try {
      return await step();
    } catch (thrown) {
      const error = toWorkbenchError(thrown);
      const newer = await this.#newerThan(owner, current);
      // Who lost a race has lost nothing.
      if (newer && refreshFailureKind(error) === 'definitive') return newer;
      await this.#note(owner.connectionId, current.generation, error, keepsMark).catch(() => {
        this.#log?.warn('A failed refresh could not be noted for the other windows.');
      });
      throw thrown;
    }
  }

  async #note(
    connectionId: string,
    generation: number,
    error: WorkbenchError,
    keepsMark: boolean,
  ): Promise<void> {
    const kind = refreshFailureKind(error);
    if (kind === 'definitive') {
      await this.#store.requireReauthentication(connectionId, error.code, generation);
    }
    if (kind !== 'ambiguous' && !keepsMark) await this.#store.clearRefreshMark(connectionId);
    if (kind === 'transient' || kind === 'ambiguous') {
      await this.#store.noteFailure(
        connectionId,
        generation,
        error.code,
        (count) => this.#clock.now() + backoffMs(count, this.#random, requestedPauseMs(error)),
      );
    }
  }

  async #newerThan(owner: TokenOwner, { generation }: TokenSet): Promise<TokenSet | undefined> {
    const reading = await this.#store.read(owner.connectionId, owner.boundTo);
    return reading.kind === 'tokens' && reading.tokens.generation > generation ? reading.tokens : undefined;
  }

  async #stored(owner: TokenOwner): Promise<{ tokens: TokenSet; session: SessionEntry | undefined }> {
    const reading = await this.#store.read(owner.connectionId, owner.boundTo);
    if (reading.kind === 'failed') throw reading.error;
    if (reading.kind === 'none') throw new WorkbenchError('token/none');
    return reading;
  }
}

const findings: Record<PairFate, string> = {
  alive: 'The server says that the old tokens still work, so it is tried again.',
  spent: 'The server says that the old tokens have ended, so the new ones were lost with the answer.',
  unknown: 'The server does not tell whether the old tokens still work, so it is tried again.',
};

/** A client that was disabled may have been enabled again; every other ended session stays ended. */
function refuseWhatIsOver(tokens: TokenSet, session: SessionEntry | undefined): void {
  const reason = session?.reauthenticationReason as ErrorCode | undefined;
  if (reason && reason !== 'grant/client-refused') throw new WorkbenchError(reason);
  if (!tokens.refreshToken) throw new WorkbenchError('refresh/no-refresh-token');
}

function requireHeld(lease: LockLease): void {
  if (lease.isHeld()) return;
  throw new WorkbenchError('storage/write-failed', { details: { reason: 'lock-lost' } });
}

/**
 * A refresh answers without what did not change: `patient` context and `fhirUser` stay those of the login, so do the
 * refresh token of a server that does not rotate (RFC 6749 §6) and scopes that are not named (§5.1).
 */
function changesBy({ refreshToken, grantedScopes, ...renewed }: TokenGrant): Partial<TokenSet> {
  return {
    ...renewed,
    ...(refreshToken ? { refreshToken } : {}),
    ...(grantedScopes.length > 0 ? { grantedScopes } : {}),
  };
}
