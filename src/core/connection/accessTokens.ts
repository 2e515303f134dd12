import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { SingleFlight } from '../base/singleFlight.ts';
import { untilAborted } from '../base/untilAborted.ts';
import type { SessionSettings } from '../oauth/sessionSettings.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import type { SessionEntry } from '../storage/sessionIndex.ts';
import type { AutomaticRefresh } from './automaticRefresh.ts';
import type { Connection } from './connection.ts';
import type { SessionService } from './sessionService.ts';

export interface AccessTokensDependencies {
  readonly sessions: Pick<SessionService, 'tokens' | 'refreshWhenDue' | 'sessionEnded'>;
  readonly automaticRefresh: Pick<AutomaticRefresh, 'isDue'>;
  readonly session: (connectionId: string) => Promise<SessionEntry | undefined>;
  readonly settings: () => SessionSettings;
  readonly clock: Clock;
}

/** At most one refresh a connection in this time, in milliseconds, because FHIR refused a token. */
const refusalPauseMs = 60_000;

/** Access tokens for whoever reads FHIR: renewed in time, and once more where the server no longer takes one. */
export class AccessTokens {
  readonly #dependencies: AccessTokensDependencies;
  readonly #refreshedAt = new Map<string, number>();
  /** All who are refused at one moment wait for one refresh. */
  readonly #renewals = new SingleFlight<TokenSet | undefined>();

  constructor(dependencies: AccessTokensDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * The connection's tokens, renewed first where that is due and the automatic refresh is on. A refresh that fails is
   * no reason not to use a token that is still valid.
   *
   * Throws WorkbenchError `token/none`, `token/other-server`, `storage/*`, and for a token that has ended what the
   * refresh throws.
   */
  async fresh(connection: Connection): Promise<TokenSet> {
    const { sessions, automaticRefresh, settings, clock } = this.#dependencies;
    const tokens = await sessions.tokens(connection);
    if (!tokens) throw new WorkbenchError('token/none');
    if (!settings().autoRefresh || !tokens.refreshToken) return tokens;
    const isDue = (pair: TokenSet, session: SessionEntry | undefined) =>
      automaticRefresh.isDue(pair, session, 0);
    const session = await this.#dependencies.session(connection.id);
    if (session?.reauthenticationReason || !isDue(tokens, session)) return tokens;
    try {
      return await sessions.refreshWhenDue(connection.id, isDue);
    } catch (error) {
      if (tokens.expiresAt > clock.now()) return tokens;
      throw error;
    }
  }

  /**
   * Reads FHIR with a fresh token. A 401 leads to one more attempt where a newer pair is stored, or where the answer
   * blames the token (not a missing scope) and none was renewed for that reason within a minute. The signal ends the
   * wait, never a refresh: one that has left brings the only pair there is.
   *
   * Throws what {@link fresh} and `read` throw, `operation/cancelled`.
   */
  async reading<T>(
    connection: Connection,
    read: (accessToken: string) => Promise<T>,
    signal?: AbortSignal,
  ): Promise<T> {
    try {
      const used = await untilAborted(() => this.fresh(connection), signal);
      return await read(used.accessToken).catch(async (error: unknown) => {
        const other = await untilAborted(() => this.#insteadOf(connection, used, error), signal);
        if (!other) throw error;
        return read(other.accessToken);
      });
    } catch (error) {
      if (isWorkbenchError(error, 'fhir/signed-out')) {
        await this.#dependencies.sessions.sessionEnded(connection, error.code);
      }
      throw error;
    }
  }

  /** The tokens to try once more with, where there are others than those that were refused. */
  async #insteadOf(connection: Connection, used: TokenSet, refusal: unknown): Promise<TokenSet | undefined> {
    const { sessions, settings } = this.#dependencies;
    if (!isWorkbenchError(refusal, 'fhir/token-refused', 'fhir/access-refused')) return undefined;
    const stored = await sessions.tokens(connection);
    if (stored && stored.generation > used.generation) return stored;
    if (refusal.code !== 'fhir/token-refused' || !used.refreshToken || !settings().autoRefresh)
      return undefined;
    return this.#renewals.run(connection.id, () => this.#renew(connection, used));
  }

  async #renew({ id }: Connection, { generation }: TokenSet): Promise<TokenSet | undefined> {
    if (!(await this.#mayRefresh(id))) return undefined;
    const isRefused = (pair: TokenSet): boolean => pair.generation === generation;
    const tokens = await this.#dependencies.sessions.refreshWhenDue(id, isRefused);
    return isRefused(tokens) ? undefined : tokens;
  }

  /** Counts other windows' refreshes too: the index says when the pair was stored. */
  async #mayRefresh(connectionId: string): Promise<boolean> {
    const { session, clock } = this.#dependencies;
    const now = clock.now();
    const savedAt = (await session(connectionId))?.savedAt ?? 0;
    const last = Math.max(savedAt, this.#refreshedAt.get(connectionId) ?? 0);
    if (now - last < refusalPauseMs) return false;
    this.#refreshedAt.set(connectionId, now);
    return true;
  }
}
