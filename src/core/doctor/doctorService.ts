import type { Clock } from '../base/clock.ts';
import { isWorkbenchError } from '../base/errors.ts';
import type { Connection } from '../connection/connection.ts';
import type { ConnectionService } from '../connection/connectionService.ts';
import { Findings } from '../connection/findings.ts';
import type { SessionService } from '../connection/sessionService.ts';
import type { TransportFor } from '../http/httpTransport.ts';
import { loopbackRedirectUri } from '../oauth/callbackChannel.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import type { Transcript } from '../transcript/transcript.ts';
import { runDoctor, type DoctorEvents, type DoctorReport } from './doctor.ts';
import type { NetworkProbe } from './networkProbe.ts';

export interface DoctorServiceDependencies {
  readonly connections: Pick<ConnectionService, 'find' | 'get' | 'clientSecret'>;
  readonly sessions: Pick<SessionService, 'tokens'>;
  readonly transcript: Pick<Transcript, 'lastFailure'>;
  /** Without retries: the doctor wants to see the first failure. */
  readonly transportFor: TransportFor;
  readonly network: NetworkProbe;
  readonly proxyFor: (url: string) => string | undefined;
  /** The editor's own return address, where the connection prefers it. */
  readonly schemeRedirectUri: () => Promise<string>;
  readonly clock: Clock;
}

/** Runs the doctor on saved connections and remembers the last report of each in this window. */
export class DoctorService {
  readonly #dependencies: DoctorServiceDependencies;
  readonly #reports = new Findings<DoctorReport>();

  constructor(dependencies: DoctorServiceDependencies) {
    this.#dependencies = dependencies;
  }

  /** The last report of this window, of the address and client that the connection has now. */
  lastReport(connectionId: string): DoctorReport | undefined {
    return this.#reports.of(this.#dependencies.connections.find(connectionId));
  }

  /** Throws WorkbenchError `connection/not-found` only: what is wrong is in the report. */
  async examine(connectionId: string, events: DoctorEvents, signal: AbortSignal): Promise<DoctorReport> {
    const { connections, transcript, transportFor, network, proxyFor, clock } = this.#dependencies;
    const connection = connections.get(connectionId);
    const { pinnedCertificate, caFile } = connection;
    const report = await runDoctor(
      {
        connection,
        clientSecret: await ifReadable(connections.clientSecret(connection)),
        tokens: await this.#tokens(connection),
        redirectUri: await this.#redirectUri(connection),
        lastFailure: transcript.lastFailure(connectionId),
        transport: transportFor({ pinnedCertificate, caFile }),
        network,
        proxyFor,
        now: () => clock.now(),
        signal,
      },
      events,
    );
    this.#reports.keep(connection, report);
    return report;
  }

  #tokens(connection: Connection): Promise<TokenSet | undefined> {
    return ifReadable(this.#dependencies.sessions.tokens(connection));
  }

  async #redirectUri(connection: Connection): Promise<string> {
    if (connection.callback !== 'vscode-uri') return loopbackRedirectUri;
    return this.#dependencies.schemeRedirectUri();
  }
}

/** A keychain that fails is told elsewhere; the doctor goes on without. */
async function ifReadable<T>(reading: Promise<T | undefined>): Promise<T | undefined> {
  try {
    return await reading;
  } catch (error) {
    if (isWorkbenchError(error)) return undefined;
    throw error;
  }
}
