import type { Clock } from '../base/clock.ts';
import { isWorkbenchError } from '../base/errors.ts';
import {
  runConnectionTest,
  type ConnectionTestOptions,
  type ConnectionTestResult,
} from '../fhir/connectionTest.ts';
import type { ConnectionTestRow } from '../fhir/connectionTestRow.ts';
import { fetchAuthorizationServerMetadata } from '../oauth/authorizationServerMetadata.ts';
import { fetchSmartConfiguration } from '../oauth/smartConfiguration.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import type { LatencyHistory } from '../fhir/latencyHistory.ts';
import type { RecordFlow } from '../transcript/transcript.ts';
import type { Connection } from './connection.ts';
import type { ConnectionProgress } from './connectionProgress.ts';
import type { ConnectionService } from './connectionService.ts';
import { Findings } from './findings.ts';
import type { Servers } from './servers.ts';
import type { SessionService } from './sessionService.ts';

export interface TestServiceDependencies {
  readonly connections: ConnectionService;
  readonly sessions: SessionService;
  /** Renews what is due before it is used; without it tokens are taken as they are stored. */
  readonly freshTokens?: (connection: Connection) => Promise<TokenSet | undefined>;
  readonly servers: Servers;
  readonly progress: ConnectionProgress;
  readonly readCertificate: (connection: Connection) => ConnectionTestOptions['readCertificate'];
  readonly clock: Clock;
  /** Remembers what goes over the wire. */
  readonly record?: RecordFlow;
  readonly latency?: LatencyHistory;
}

/** Tests connections, and remembers what a test taught: verified, or signed out by the server. */
export class TestService {
  readonly #dependencies: TestServiceDependencies;
  readonly #lastResults = new Findings<ConnectionTestResult>();

  constructor(dependencies: TestServiceDependencies) {
    this.#dependencies = dependencies;
  }

  /** The last result of this window, of the address and client that the connection has now. */
  lastResult(connectionId: string): ConnectionTestResult | undefined {
    return this.#lastResults.of(this.#dependencies.connections.find(connectionId));
  }

  /** Throws WorkbenchError `connection/not-found` only: what fails is in the rows. */
  async test(
    connectionId: string,
    onRow: (row: ConnectionTestRow) => void,
    signal: AbortSignal,
  ): Promise<ConnectionTestResult> {
    const { connections, servers, clock, readCertificate, record } = this.#dependencies;
    const connection = connections.get(connectionId);
    const transport = servers.transport(connection);
    const certificateReader = readCertificate(connection);
    const usable = await this.#usableTokens(connection);
    const run = () =>
      runConnectionTest({
        transport,
        connection,
        ...usable,
        fetchMetadata: (requestSignal) =>
          fetchAuthorizationServerMetadata(transport, connection, requestSignal),
        fetchSmartConfiguration: (requestSignal) =>
          fetchSmartConfiguration(transport, connection, requestSignal),
        ...(certificateReader ? { readCertificate: certificateReader } : {}),
        now: () => clock.now(),
        onRow,
        signal,
      });
    const result = await (record ? record('test', connectionId, run) : run());
    this.#lastResults.keep(connection, result);
    if (!signal.aborted) await this.#learn(connection, result);
    connections.announce(connectionId);
    return result;
  }

  /** Tokens that could not be renewed still tell that somebody is logged in. */
  async #usableTokens(connection: Connection): Promise<Pick<ConnectionTestOptions, 'tokens' | 'tokenError'>> {
    const { sessions, freshTokens } = this.#dependencies;
    try {
      return { tokens: await (freshTokens?.(connection) ?? sessions.tokens(connection)) };
    } catch (error) {
      if (!isWorkbenchError(error)) throw error;
      return { tokens: await sessions.tokens(connection).catch(() => undefined), tokenError: error };
    }
  }

  async #learn(connection: Connection, result: ConnectionTestResult): Promise<void> {
    const { sessions, progress, latency } = this.#dependencies;
    const times = result.rows.flatMap(({ id, durationMs }) =>
      durationMs > 0 ? [[id, Math.round(durationMs)] as const] : [],
    );
    await latency?.add(connection.id, {
      at: result.startedAt,
      kind: 'test',
      times: Object.fromEntries(times),
    });
    await progress.learnVerified(connection, result.failed === 0 && result.patientCount !== undefined);
    if (result.rows.some(({ errorCode }) => errorCode === 'fhir/signed-out')) {
      await sessions.sessionEnded(connection, 'fhir/signed-out');
    }
  }
}
