import type { Clock } from '../base/clock.ts';
import { WorkbenchError, type ErrorCode } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import { SingleFlight } from '../base/singleFlight.ts';
import type { Log, NamedLock } from '../ports.ts';
import type { SessionEntry } from '../storage/sessionIndex.ts';
import { TokenRefresh, type RefreshGrant, type RefreshOptions } from './tokenRefresh.ts';
import type { TokenOwner, TokenStore } from './tokenStore.ts';
import { timedState, type TokenGrant, type TokenSet, type TokenState } from './tokenSet.ts';

/**
 * The life of a connection's tokens: stored before they are announced, refreshed at most once at a time, never
 * thrown away because a network failed.
 */
export class TokenLifecycle {
  readonly #store: TokenStore;
  readonly #lock: NamedLock;
  readonly #clock: Clock;
  readonly #refresh: TokenRefresh;
  readonly #refreshes = new SingleFlight<TokenSet>();
  readonly #busy = new Map<string, { readonly state: 'authorizing' | 'refreshing' }>();
  readonly #changed = new EventEmitter<{ connectionId: string }>();
  /** Fired after the tokens or the state of a connection changed. */
  readonly tokenSetChanged: Event<{ connectionId: string }> = this.#changed.event;

  constructor(
    store: TokenStore,
    lock: NamedLock,
    clock: Clock,
    options: { readonly random?: () => number; readonly log?: Log } = {},
  ) {
    this.#store = store;
    this.#lock = lock;
    this.#clock = clock;
    this.#refresh = new TokenRefresh({ store, lock, clock, ...options });
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
    return this.#stateOf(owner.connectionId, reading.tokens, reading.session);
  }

  /**
   * The state by what all windows noted of the session: quick, since no secret is read, and right unless secret
   * storage holds something else. Undefined where too little was noted.
   */
  async notedState({ connectionId, boundTo }: TokenOwner): Promise<TokenState | undefined> {
    if (this.#busy.get(connectionId)?.state === 'authorizing') return { kind: 'authorizing' };
    const session = await this.#store.session(connectionId);
    if (!session) return { kind: 'none' };
    const { expiresAt, lifetimeSeconds } = session;
    if (session.boundTo !== boundTo || expiresAt === undefined || lifetimeSeconds === undefined)
      return undefined;
    return this.#stateOf(connectionId, { expiresAt, lifetimeSeconds }, session);
  }

  #stateOf(
    connectionId: string,
    tokens: Pick<TokenSet, 'expiresAt' | 'lifetimeSeconds'>,
    session: SessionEntry | undefined,
  ): TokenState {
    if (session?.reauthenticationReason) {
      return { kind: 'reauthenticationRequired', reason: session.reauthenticationReason };
    }
    if (this.#busy.has(connectionId)) return { kind: 'refreshing', expiresAt: tokens.expiresAt };
    if (session?.failing) {
      const { retryAt, reason } = session.failing;
      return { kind: 'refreshFailed', expiresAt: tokens.expiresAt, retryAt, reason };
    }
    return timedState(tokens, this.#clock.now());
  }

  /** What all windows know of the session beside its tokens: failures, last success. No secret is read. */
  session(connectionId: string): Promise<SessionEntry | undefined> {
    return this.#store.session(connectionId);
  }

  /** Says that another window changed this connection's tokens or state. */
  announce(connectionId: string): void {
    this.#changed.fire({ connectionId });
  }

  /** Shows the connection as `authorizing` while `login` runs. */
  async whileAuthorizing<T>(connectionId: string, login: () => Promise<T>): Promise<T> {
    return this.#whileBusy(connectionId, 'authorizing', login);
  }

  /** Stores what an interactive login brought. Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async signedIn(owner: TokenOwner, grant: TokenGrant, requestedScope: string): Promise<TokenSet> {
    const login = {
      ...grant,
      boundTo: owner.boundTo,
      requestedScope,
      ...(grant.idToken ? { loginIdToken: grant.idToken } : {}),
      loggedInAt: this.#clock.now(),
    };
    const tokens = await this.#store.changing(this.#lock, owner.connectionId, () =>
      this.#store.save(owner.connectionId, login),
    );
    this.#changed.fire(owner);
    return tokens;
  }

  /**
   * Replaces the pair by a new one, safely: one attempt at a time, the newest stored pair is read under the lock,
   * a pair that another window refreshed meanwhile is adopted, and the new one is stored before anybody uses it.
   *
   * Throws WorkbenchError `token/none`, `refresh/*`, `grant/client-refused`, `network/*`, `storage/*`.
   */
  refresh(owner: TokenOwner, grant: RefreshGrant, options: RefreshOptions = {}): Promise<TokenSet> {
    // One that a person asked for must not end with the answer of another one that found nothing to do.
    const flight = `${options.isDue ? 'automatic' : 'asked for'} ${owner.connectionId}`;
    return this.#refreshes.run(flight, async () => {
      const before = await this.tokens(owner);
      if (!before) throw new WorkbenchError('token/none');
      return this.#whileBusy(owner.connectionId, 'refreshing', () =>
        this.#refresh.run(owner, before, grant, options),
      );
    });
  }

  /** Forgets the tokens. Throws WorkbenchError `storage/behind`, `storage/write-failed`. */
  async signOut(connectionId: string): Promise<void> {
    await this.#store.changing(this.#lock, connectionId, () => this.#store.clear(connectionId));
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
