import type { Clock } from '../base/clock.ts';
import { DisposableStore, type Disposable } from '../base/disposable.ts';
import { isWorkbenchError, toWorkbenchError } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import { pendingLoginLifetimeMs, type PendingLogins } from '../oauth/pendingLogins.ts';
import { backoffMs } from '../oauth/refreshBackoff.ts';
import { refreshFailureKind } from '../oauth/refreshFailure.ts';
import { refreshAt, type TokenTimes } from '../oauth/refreshSchedule.ts';
import { overstayOf, type Overstay } from '../oauth/sessionPolicy.ts';
import type { SessionSettings } from '../oauth/sessionSettings.ts';
import type { TokenLifecycle } from '../oauth/tokenLifecycle.ts';
import type { Log } from '../ports.ts';
import type { SessionEntry, SessionIndex, SessionIndexDocument } from '../storage/sessionIndex.ts';
import type { Connection } from './connection.ts';
import { tokenOwnerOf, type ConnectionService } from './connectionService.ts';
import type { SessionService } from './sessionService.ts';

export interface AutomaticRefreshDependencies {
  readonly connections: Pick<ConnectionService, 'all' | 'connectionChanged'>;
  readonly sessions: SessionService;
  readonly tokens: TokenLifecycle;
  readonly pendingLogins: PendingLogins;
  readonly index: SessionIndex;
  readonly settings: () => SessionSettings;
  /** Whether this window has the focus, and whether somebody works in it. */
  readonly attention: () => { readonly focused: boolean; readonly active: boolean };
  readonly clock: Clock;
  /** From 0 to 1. */
  readonly random?: () => number;
  readonly log: Log;
}

/** What people see of the automatic refresh. Times in milliseconds since the epoch. */
export interface RefreshReport {
  readonly byItself: boolean;
  /** Failures in a row. */
  readonly failures: number;
  readonly lastSuccessAt?: number;
  readonly nextAttemptAt?: number;
}

/** A failure that the index does not tell of, or one that waits for a change and not for a time. */
interface Pause {
  readonly generation: number;
  readonly count: number;
  readonly until: number;
}

const tickMs = 60_000;
const lateMs = 5000;

/**
 * Keeps signed-in connections signed in: watches the wall clock and the index that all windows share, refreshes what
 * is due, tells what other windows did, and ends sessions that overstay. Looks at most once a minute where nothing is
 * due, and never for connections that are signed out.
 */
export class AutomaticRefresh implements Disposable {
  readonly #dependencies: AutomaticRefreshDependencies;
  readonly #subscriptions = new DisposableStore();
  readonly #random: () => number;
  /** This window's place among those without focus, from 0 to 1. */
  readonly #place: number;
  readonly #seen = new Map<string, string>();
  readonly #renewing = new Set<string>();
  readonly #pauses = new Map<string, Pause>();
  readonly #ended = new EventEmitter<{ connection: Connection; reason: Overstay }>();
  /** A session overstayed, and its tokens are gone. */
  readonly onDidEndSession: Event<{ connection: Connection; reason: Overstay }> = this.#ended.event;
  #timer: Disposable | undefined;
  #look: Promise<void> | undefined;
  #lookAgain = false;
  #isDisposed = false;

  constructor(dependencies: AutomaticRefreshDependencies) {
    this.#dependencies = dependencies;
    this.#random = dependencies.random ?? Math.random;
    this.#place = this.#random();
    this.#subscriptions.add(dependencies.connections.connectionChanged(() => void this.check()));
  }

  /** Looks what is to be done now: after a change, at focus, after a sleep, by the clock. Never throws. */
  check(): Promise<void> {
    if (this.#isDisposed) return Promise.resolve();
    if (this.#look) {
      this.#lookAgain = true;
      return this.#look;
    }
    this.#look = this.#lookWhileAsked().finally(() => {
      this.#look = undefined;
    });
    return this.#look;
  }

  /** As {@link check}, also for refreshes that wait for a change: a secret, a setting, a look at this window. */
  checkAfterChange(): Promise<void> {
    for (const [id, { until }] of this.#pauses) if (until === Infinity) this.#pauses.delete(id);
    return this.check();
  }

  /** What people see of a signed-in connection; `undefined` where there is no session. */
  async report(connection: Connection): Promise<RefreshReport | undefined> {
    const session = await this.#dependencies.index.session(connection.id);
    if (!session || session.boundTo !== tokenOwnerOf(connection).boundTo) return undefined;
    const nextAttemptAt = this.#dueAt(connection.id, session);
    return {
      byItself: this.#dependencies.settings().autoRefresh,
      failures: session.failing?.count ?? 0,
      lastSuccessAt: session.savedAt,
      ...(nextAttemptAt !== undefined && Number.isFinite(nextAttemptAt) ? { nextAttemptAt } : {}),
    };
  }

  /** Whether a pair is to be renewed now; `turn` 0 for whoever is about to use it. */
  isDue(times: TokenTimes, session: SessionEntry | undefined, turn = this.#turn()): boolean {
    const { clock, settings } = this.#dependencies;
    const now = clock.now();
    if (session?.failing) return session.failing.retryAt <= now;
    return refreshAt(times, settings().refreshBeforeExpiryMs, turn) <= now;
  }

  dispose(): void {
    this.#isDisposed = true;
    this.#timer?.dispose();
    this.#subscriptions.dispose();
    this.#ended.dispose();
  }

  async #lookWhileAsked(): Promise<void> {
    do {
      this.#lookAgain = false;
      await this.#lookOnce().catch((error: unknown) => {
        this.#dependencies.log.error(`Looking after the logins failed: ${toWorkbenchError(error).code}.`);
      });
    } while (this.#wasAskedAgain());
  }

  #wasAskedAgain(): boolean {
    return this.#lookAgain && !this.#isDisposed;
  }

  async #lookOnce(): Promise<void> {
    const { index, connections, clock } = this.#dependencies;
    const document = await index.read();
    this.#announceChanges(document);
    const lastActivityAt = document.lastActivityAt ?? clock.now();
    const times: number[] = [];
    for (const connection of connections.all()) {
      const session = document.sessions[connection.id];
      if (!session || session.reauthenticationReason) continue;
      if (session.boundTo !== tokenOwnerOf(connection).boundTo) continue;
      if (await this.#endedByPolicy(connection, session, lastActivityAt)) continue;
      times.push(this.#nextTick(session), ...this.#renewOrWait(connection, session));
    }
    await this.#noteActivity(document);
    times.push(...(await this.#cleanUpPendingLogins(document)));
    this.#wakeAt(times);
  }

  /** A change of another window is told here as if it were our own. */
  #announceChanges({ sessions }: SessionIndexDocument): void {
    const known = new Map(this.#seen);
    this.#seen.clear();
    for (const [id, session] of Object.entries(sessions)) this.#seen.set(id, signatureOf(session));
    for (const id of new Set([...known.keys(), ...this.#seen.keys()])) {
      if (known.get(id) !== this.#seen.get(id)) this.#dependencies.tokens.announce(id);
    }
  }

  /** Starts what is due; else says when it will be. */
  #renewOrWait({ id }: Connection, session: SessionEntry): number[] {
    const at = this.#dueAt(id, session);
    if (at === undefined || this.#renewing.has(id)) return [];
    if (at > this.#dependencies.clock.now()) return Number.isFinite(at) ? [at] : [];
    void this.#renew(id, session);
    return [];
  }

  #dueAt(connectionId: string, session: SessionEntry): number | undefined {
    const { settings } = this.#dependencies;
    const { expiresAt, lifetimeSeconds, canRefresh, failing, reauthenticationReason } = session;
    if (!settings().autoRefresh || !canRefresh || reauthenticationReason) return undefined;
    if (expiresAt === undefined || lifetimeSeconds === undefined) return undefined;
    const at =
      failing?.retryAt ??
      refreshAt({ expiresAt, lifetimeSeconds }, settings().refreshBeforeExpiryMs, this.#turn());
    const pause = this.#pauses.get(connectionId);
    return pause?.generation === session.generation ? Math.max(at, pause.until) : at;
  }

  /** The window that people look at comes first. */
  #turn(): number {
    return this.#dependencies.attention().focused ? 0 : 0.25 + 0.75 * this.#place;
  }

  async #renew(connectionId: string, session: SessionEntry): Promise<void> {
    const { sessions, clock, log } = this.#dependencies;
    const startedAt = clock.now();
    this.#renewing.add(connectionId);
    try {
      const tokens = await sessions.refreshWhenDue(connectionId, (pair, entry) => this.isDue(pair, entry));
      this.#pauses.delete(connectionId);
      if (tokens.generation > session.generation)
        log.info(`The token of ${connectionId} was refreshed by itself.`);
    } catch (error) {
      await this.#afterFailure(connectionId, session.generation, error, startedAt);
    } finally {
      this.#renewing.delete(connectionId);
      void this.check();
    }
  }

  async #afterFailure(
    connectionId: string,
    generation: number,
    thrown: unknown,
    startedAt: number,
  ): Promise<void> {
    const { index, clock, log } = this.#dependencies;
    const error = toWorkbenchError(thrown);
    log.info(`The token of ${connectionId} could not be refreshed: ${error.code}.`);
    const failing = (await index.session(connectionId))?.failing;
    const isWaiting = refreshFailureKind(error) === 'waiting';
    if (!isWaiting && failing && failing.failedAt >= startedAt) return;
    const former = this.#pauses.get(connectionId);
    const count = former?.generation === generation ? former.count + 1 : 1;
    // A cancelled operation may be tried again; the other ones wait for a change that a new generation shows.
    const waits = isWaiting && error.code !== 'operation/cancelled';
    const until = waits ? Infinity : clock.now() + Math.max(500, backoffMs(count, this.#random));
    this.#pauses.set(connectionId, { generation, count, until });
  }

  async #endedByPolicy(
    connection: Connection,
    session: SessionEntry,
    lastActivityAt: number,
  ): Promise<boolean> {
    const { settings, clock, tokens, log } = this.#dependencies;
    const reason = overstayOf(session, lastActivityAt, settings(), clock.now());
    if (!reason) return false;
    try {
      await tokens.signOut(connection.id);
      this.#ended.fire({ connection, reason });
    } catch (error) {
      // A window that is behind cannot: the one that can will.
      log.info(`A session that is to end could not be wiped: ${toWorkbenchError(error).code}.`);
    }
    return true;
  }

  /**
   * After the policy was judged: who comes back late does not count as having been there. Where the idle sign-out is
   * off nothing is kept, so that it counts from when it is switched on.
   */
  async #noteActivity({ lastActivityAt, sessions }: SessionIndexDocument): Promise<void> {
    const { settings, clock, attention, index } = this.#dependencies;
    const now = clock.now();
    if (settings().idleSignOutMs === 0) {
      if (lastActivityAt === undefined) return;
      await index
        .update((document) => {
          delete document.lastActivityAt;
        })
        .catch(() => undefined);
      return;
    }
    if (Object.keys(sessions).length === 0) return;
    if (lastActivityAt !== undefined && (!attention().active || now - lastActivityAt < tickMs / 2)) return;
    await index
      .update((document) => {
        document.lastActivityAt = now;
      })
      .catch(() => undefined);
  }

  async #cleanUpPendingLogins({ pendingLogins }: SessionIndexDocument): Promise<number[]> {
    const { clock, log } = this.#dependencies;
    const ends = Object.values(pendingLogins).map(({ createdAt }) => createdAt + pendingLoginLifetimeMs);
    if (ends.length === 0) return [];
    if (Math.min(...ends) < clock.now()) {
      await this.#dependencies.pendingLogins.prune().catch((error: unknown) => {
        if (!isWorkbenchError(error, 'storage/behind')) log.warn('Old pending logins could not be removed.');
      });
    }
    return [clock.now() + tickMs];
  }

  /** In step with the minutes that the status bar counts, so that both wake together. */
  #nextTick({ expiresAt = 0 }: SessionEntry): number {
    const now = this.#dependencies.clock.now();
    return expiresAt > now ? now + ((expiresAt - now) % tickMs) + 1 : now + tickMs;
  }

  #wakeAt(times: readonly number[]): void {
    this.#timer?.dispose();
    this.#timer = undefined;
    if (times.length === 0 || this.#isDisposed) return;
    const { clock, log } = this.#dependencies;
    const at = Math.min(...times);
    this.#timer = clock.schedule(
      () => {
        const late = clock.now() - at;
        if (late > lateMs) log.info(`Awake again after ${Math.round(late / 1000)} s.`);
        void this.check();
      },
      Math.max(1, at - clock.now()),
    );
  }
}

function signatureOf(session: SessionEntry): string {
  const { generation, reauthenticationReason = '', failing } = session;
  return `${generation} ${reauthenticationReason} ${failing?.failedAt ?? ''}`;
}
