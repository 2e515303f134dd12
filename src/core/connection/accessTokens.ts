import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { fhirGet } from '../fhir/fhirClient.ts';
import type { HttpResponse } from '../http/httpTransport.ts';
import type { SessionSettings } from '../oauth/sessionSettings.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import type { SessionEntry } from '../storage/sessionIndex.ts';
import type { AutomaticRefresh } from './automaticRefresh.ts';
import type { Connection } from './connection.ts';
import type { Servers } from './servers.ts';
import type { SessionService } from './sessionService.ts';

export interface AccessTokensDependencies {
  readonly sessions: SessionService;
  readonly servers: Servers;
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
   * GET from FHIR with a fresh token. A 401 leads to one more attempt where a newer pair is stored, or where the answer
   * blames the token (not a missing scope) and none was renewed for that reason within a minute.
   *
   * Throws what {@link fresh} and `fhirGet` throw.
   */
  async get(connection: Connection, url: string, signal?: AbortSignal): Promise<HttpResponse> {
    const { servers, sessions } = this.#dependencies;
    const transport = servers.transport(connection);
    const used = await this.fresh(connection);
    try {
      return await fhirGet(transport, { url, accessToken: used.accessToken, signal });
    } catch (error) {
      if (isWorkbenchError(error, 'fhir/signed-out')) await sessions.sessionEnded(connection, error.code);
      if (!isWorkbenchError(error, 'fhir/token-refused', 'fhir/access-refused')) throw error;
      const other = await this.#otherTokens(connection, used, error.code === 'fhir/token-refused', signal);
      if (!other) throw error;
      return fhirGet(transport, { url, accessToken: other.accessToken, signal });
    }
  }

  async #otherTokens(
    connection: Connection,
    used: TokenSet,
    blamesToken: boolean,
    signal: AbortSignal | undefined,
  ): Promise<TokenSet | undefined> {
    const { sessions, settings } = this.#dependencies;
    const stored = await sessions.tokens(connection);
    if (stored && stored.generation > used.generation) return stored;
    if (!blamesToken || !used.refreshToken || !settings().autoRefresh) return undefined;
    if (!(await this.#mayRefresh(connection.id))) return undefined;
    return sessions.refresh(connection.id, signal);
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
