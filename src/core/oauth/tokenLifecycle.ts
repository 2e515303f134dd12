import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, toWorkbenchError, WorkbenchError, type ErrorCode } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import { SingleFlight } from '../base/singleFlight.ts';
import type { NamedLock } from '../ports.ts';
import type { TokenStore } from './tokenStore.ts';
import { timedState, type TokenGrant, type TokenSet, type TokenState } from './tokenSet.ts';

/** A connection as the token life-cycle sees it. */
export interface TokenOwner {
  readonly connectionId: string;
  readonly boundTo: string;
}

/** Asks the token endpoint for a new pair (RFC 6749 §6). */
export type RefreshGrant = (tokens: TokenSet, signal?: AbortSignal) => Promise<TokenGrant>;

/** Refusals after which no attempt can succeed: only a new login helps. */
const definitiveRefusals = ['refresh/refused', 'grant/client-refused', 'fhir/signed-out'] as const;

/**
 * The life of a connection's tokens: stored before they are announced, refreshed at most once at a time, never
 * thrown away because a network failed.
 */
export class TokenLifecycle {
  readonly #store: TokenStore;
  readonly #lock: NamedLock;
  readonly #clock: Clock;
  readonly #refreshes = new SingleFlight<TokenSet>();
  readonly #busy = new Map<string, { readonly state: 'authorizing' | 'refreshing' }>();
  readonly #changed = new EventEmitter<{ connectionId: string }>();
  /** Fired after the tokens or the state of a connection changed. */
  readonly tokenSetChanged: Event<{ connectionId: string }> = this.#changed.event;

  constructor(store: TokenStore, lock: NamedLock, clock: Clock) {
    this.#store = store;
    this.#lock = lock;
    this.#clock = clock;
  }

  /** The stored tokens, or `undefined` before a login. Throws WorkbenchError `storage/*`, `token/other-server`. */
  async tokens(owner: TokenOwner): Promise<TokenSet | undefined> {
    const reading = await this.#store.read(owner.connectionId, owner.boundTo);
    if (reading.kind === 'failed') throw reading.error;
    return reading.kind === 'tokens' ? reading.tokens : undefined;
  }

  /** What people are told. Never throws for what storage holds: a failed reading is a state with a reason. */
  async state(owner: TokenOwner): Promise<TokenState> {
    if (this.#busy.get(owner.connectionId)?.state === 'authorizing') return { kind: 'authorizing' };
    const reading = await this.#store.read(owner.connectionId, owner.boundTo);
    if (reading.kind === 'none') return { kind: 'none' };
    if (reading.kind === 'failed') return { kind: 'reauthenticationRequired', reason: reading.error.code };
    const { tokens, session } = reading;
    if (session?.reauthenticationReason) {
      return { kind: 'reauthenticationRequired', reason: session.reauthenticationReason };
    }
    if (this.#busy.has(owner.connectionId)) return { kind: 'refreshing', expiresAt: tokens.expiresAt };
    return timedState(tokens, this.#clock.now());
  }

  /** Shows the connection as `authorizing` while `login` runs. */
  async whileAuthorizing<T>(connectionId: string, login: () => Promise<T>): Promise<T> {
    return this.#whileBusy(connectionId, 'authorizing', login);
  }

  /** Stores what an interactive login brought. Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async signedIn(owner: TokenOwner, grant: TokenGrant, requestedScope: string): Promise<TokenSet> {
    const tokens = await this.#store.save(owner.connectionId, {
      ...grant,
      boundTo: owner.boundTo,
      requestedScope,
      ...(grant.idToken ? { loginIdToken: grant.idToken } : {}),
      loggedInAt: this.#clock.now(),
    });
    this.#changed.fire(owner);
    return tokens;
  }

  /**
   * Replaces the pair by a new one, safely: one attempt at a time, the newest stored pair is read under the lock,
   * a pair that another window refreshed meanwhile is adopted, and the new one is stored before anybody uses it.
   *
   * Throws WorkbenchError `token/none`, `refresh/*`, `grant/client-refused`, `network/*`, `storage/*`.
   */
  refresh(owner: TokenOwner, grant: RefreshGrant, signal?: AbortSignal): Promise<TokenSet> {
    return this.#refreshes.run(owner.connectionId, async () => {
      const before = await this.tokens(owner);
      if (!before) throw new WorkbenchError('token/none');
      return this.#whileBusy(owner.connectionId, 'refreshing', () =>
        this.#lock.withLock(`refresh ${owner.connectionId}`, () =>
          this.#refreshUnderLock(owner, before, grant, signal),
        ),
      );
    });
  }

  async #refreshUnderLock(
    owner: TokenOwner,
    before: TokenSet,
    grant: RefreshGrant,
    signal: AbortSignal | undefined,
  ): Promise<TokenSet> {
    const current = await this.tokens(owner);
    if (!current) throw new WorkbenchError('token/none');
    if (current.generation > before.generation) return current;
    if (!current.refreshToken) throw new WorkbenchError('refresh/no-refresh-token');
    await this.#store.markRefresh(owner.connectionId, current.generation);
    try {
      const renewed = await grant(current, signal);
      const latest = await this.tokens(owner);
      // A logout or a new login came in between, and is not undone by what the old session still got.
      if (!latest) throw new WorkbenchError('token/none');
      if (latest.generation !== current.generation) return latest;
      return await this.#store.save(owner.connectionId, { ...current, ...changesBy(renewed) });
    } catch (error) {
      await this.#afterFailedRefresh(owner, current.generation, toWorkbenchError(error));
      throw error;
    }
  }

  async #afterFailedRefresh(owner: TokenOwner, generation: number, error: WorkbenchError): Promise<void> {
    // Where the answer was lost the mark stays: the next attempt must know that the pair may be spent.
    if (!isWorkbenchError(error, 'refresh/outcome-unknown', 'storage/write-failed', 'storage/behind')) {
      await this.#store.clearRefreshMark(owner.connectionId);
    }
    if (isWorkbenchError(error, ...definitiveRefusals)) {
      await this.#store.requireReauthentication(owner.connectionId, error.code, generation);
    }
  }

  /** Forgets the tokens. Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async signOut(connectionId: string): Promise<void> {
    await this.#store.clear(connectionId);
    this.#changed.fire({ connectionId });
  }

  /** The server ended the session: tokens stay until the next login, but nothing uses them. */
  async requireReauthentication(connectionId: string, reason: ErrorCode): Promise<void> {
    await this.#store.requireReauthentication(connectionId, reason);
    this.#changed.fire({ connectionId });
  }

  async #whileBusy<T>(
    connectionId: string,
    state: 'authorizing' | 'refreshing',
    operation: () => Promise<T>,
  ): Promise<T> {
    const activity = { state };
    this.#busy.set(connectionId, activity);
    this.#changed.fire({ connectionId });
    try {
      return await operation();
    } finally {
      // A second login may have begun meanwhile; then its end is the end.
      if (this.#busy.get(connectionId) === activity) this.#busy.delete(connectionId);
      this.#changed.fire({ connectionId });
    }
  }
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
