import { toWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { untilAborted } from '../base/untilAborted.ts';
import type { HttpTransport } from '../http/httpTransport.ts';
import { siteEndpoints } from '../oauth/issuer.ts';
import { fetchCapabilityStatement, type CapabilityStatement } from './capabilityStatement.ts';
import { concurrencyLimit, type ConcurrencyLimit } from './concurrencyLimit.ts';
import {
  capabilityStatementRow,
  certificateRow,
  discoveryRow,
  patientReadRow,
  serverRow,
  tokenProblem,
  tokenRow,
  versionRow,
  type CertificateFacts,
  type TestedTokens,
} from './connectionChecks.ts';
import {
  connectionCheckIds,
  isTransportFailure,
  row,
  rowWithError,
  type ConnectionCheckId,
  type ConnectionTestRow,
  type Outcome,
} from './connectionTestRow.ts';
import { fetchOpenEmrVersion } from './openEmrVersion.ts';
import { countPatients, type PatientCount } from './patientCount.ts';

export interface ConnectionTestOptions {
  readonly transport: HttpTransport;
  readonly connection: { readonly baseUrl: string; readonly site: string };
  readonly tokens: TestedTokens | undefined;
  /** Why there are none, or why those that have run out could not be renewed. */
  readonly tokenError?: WorkbenchError | undefined;
  /** Reads and judges openid-configuration. */
  readonly fetchMetadata: (signal: AbortSignal) => Promise<{ readonly issuer: string }>;
  readonly fetchSmartConfiguration: (signal: AbortSignal) => Promise<unknown>;
  /** The certificate that the server shows; whether it is believed is the transport's say. */
  readonly readCertificate?: (signal: AbortSignal) => Promise<CertificateFacts>;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly onRow?: (row: ConnectionTestRow) => void;
  readonly signal?: AbortSignal;
}

export interface ConnectionTestResult {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  /** All checks, in the order of connectionCheckIds. */
  readonly rows: readonly ConnectionTestRow[];
  readonly passed: number;
  readonly failed: number;
  readonly openEmrVersion?: string;
  readonly fhirVersion?: string;
  readonly patientCount?: PatientCount;
  readonly scopesGranted: readonly string[];
}

const requestsAtATime = 4;

/**
 * Tests a connection from "is there a server" to "how many patients may be seen", without changing anything: it
 * never refreshes a token and keeps nothing of a patient. Requests that do not depend on each other run together.
 *
 * Never throws: what goes wrong is in the rows; after an abort the rest is skipped with `operation/cancelled`.
 */
export async function runConnectionTest(options: ConnectionTestOptions): Promise<ConnectionTestResult> {
  return new ConnectionTestRun(options).run();
}

class ConnectionTestRun {
  readonly #options: ConnectionTestOptions;
  readonly #startedAt: number;
  readonly #rows = new Map<ConnectionCheckId, ConnectionTestRow>();
  readonly #limit: ConcurrencyLimit = concurrencyLimit(requestsAtATime);
  readonly #signal: AbortSignal;
  /** Aborted where no probe got through, so that the slow search does not wait for its own time-out. */
  readonly #unreachable = new AbortController();
  #patientCount: PatientCount | undefined;

  constructor(options: ConnectionTestOptions) {
    this.#options = options;
    this.#startedAt = options.now();
    this.#signal = options.signal ?? new AbortController().signal;
  }

  async run(): Promise<ConnectionTestResult> {
    const { transport, connection, tokens, fetchMetadata, fetchSmartConfiguration } = this.#options;
    const signal = this.#signal;
    this.#emit(tokenRow(tokens, this.#options.now(), this.#options.tokenError));

    const statement = this.#attempt(() => fetchCapabilityStatement(transport, connection, signal));
    const metadata = this.#attempt(() => fetchMetadata(signal));
    const smart = this.#attempt(() => fetchSmartConfiguration(signal));
    const probes: Promise<Outcome<unknown>>[] = [statement, metadata, smart];
    // With these three, the first page of patients is the fourth request; none waits for another.
    const [version] = await Promise.all([
      this.#checkStatementAndVersion(statement, probes),
      this.#checkPatients(probes),
      this.#checkServer(probes),
      this.#checkDiscovery(metadata, smart, probes),
      this.#checkCertificate(probes),
    ]);
    return this.#result(await statement, version);
  }

  async #checkServer(probes: Promise<Outcome<unknown>>[]): Promise<void> {
    const answered = await firstAnswered(probes);
    if (!answered) this.#unreachable.abort();
    this.#emit(serverRow(answered ?? (await Promise.all(probes))[0], answered !== undefined));
  }

  async #checkCertificate(probes: Promise<Outcome<unknown>>[]): Promise<void> {
    const { connection, readCertificate, now } = this.#options;
    if (connection.baseUrl.startsWith('http:')) {
      this.#emit(row('certificate', 'skipped', 0, { scheme: 'http' }));
      return;
    }
    // Read even where the transport does not believe it: then its facts are wanted most.
    const certificate = readCertificate && (await this.#attempt(() => readCertificate(this.#signal)));
    const answered = await firstAnswered(probes);
    const believed = answered ?? (await Promise.all(probes))[0];
    this.#emit(certificateRow(believed, certificate, now()));
  }

  async #checkDiscovery(
    metadata: Promise<Outcome<{ issuer: string }>>,
    smart: Promise<Outcome<unknown>>,
    probes: Promise<Outcome<unknown>>[],
  ): Promise<void> {
    const [found, smartFound] = await Promise.all([metadata, smart]);
    this.#emit(
      (await this.#skippedAsUnreachable('discovery', found, probes)) ?? discoveryRow(found, smartFound),
    );
  }

  async #checkStatementAndVersion(
    pending: Promise<Outcome<CapabilityStatement>>,
    probes: Promise<Outcome<unknown>>[],
  ): Promise<string | undefined> {
    const statement = await pending;
    const unreachable = await this.#skippedAsUnreachable('capabilityStatement', statement, probes);
    if (unreachable?.error) {
      this.#emit(unreachable);
      this.#skip('openEmrVersion', unreachable.error);
      return undefined;
    }
    this.#emit(capabilityStatementRow(statement));
    const stated = statement.isOk ? statement.value.openEmrVersion : undefined;
    if (stated) {
      this.#emit(row('openEmrVersion', 'pass', 0, { version: stated, source: 'capability-statement' }));
      return stated;
    }
    const { transport, connection } = this.#options;
    const asked = await this.#attempt(() => fetchOpenEmrVersion(transport, connection, this.#signal));
    this.#emit(versionRow(asked));
    return asked.isOk ? asked.value : undefined;
  }

  async #checkPatients(probes: Promise<Outcome<unknown>>[]): Promise<void> {
    const { connection, tokens, tokenError, now } = this.#options;
    const problem = tokenProblem(tokens, now(), tokenError);
    if (!tokens || problem) {
      this.#skipPatients(problem ?? new WorkbenchError('token/none'));
      return;
    }
    const startedAt = now();
    const onFirstPage = (entries: number): void =>
      this.#emit(patientReadRow(entries, now() - startedAt, tokens));
    const signal = AbortSignal.any([this.#signal, this.#unreachable.signal]);
    const { fhirBaseUrl } = siteEndpoints(connection);
    const counted = await this.#attempt(
      () => countPatients(this.#options.transport, fhirBaseUrl, tokens.accessToken, { signal, onFirstPage }),
      signal,
    );
    if (counted.isOk) {
      this.#patientCount = counted.value;
      const { count, isAtLeast } = counted.value;
      this.#emit(row('patientCount', 'pass', counted.durationMs, { count, isAtLeast }));
    } else if (this.#rows.has('patientRead')) {
      this.#emit(rowWithError('patientCount', 'fail', counted));
    } else if (!(await firstAnswered(probes))) {
      const [probe] = await Promise.all(probes);
      this.#skipPatients(probe && !probe.isOk ? probe.error : counted.error);
    } else {
      this.#emit(rowWithError('patientRead', 'fail', counted));
      this.#skip('patientCount', counted.error);
    }
  }

  #skipPatients(error: WorkbenchError): void {
    this.#skip('patientRead', error);
    this.#skip('patientCount', error);
  }

  #skip(id: ConnectionCheckId, error: WorkbenchError): void {
    this.#emit(rowWithError(id, 'skipped', { error, durationMs: 0 }));
  }

  /** Where no probe got through, the server or its certificate has failed already, and once is enough. */
  async #skippedAsUnreachable(
    id: ConnectionCheckId,
    outcome: Outcome<unknown>,
    probes: Promise<Outcome<unknown>>[],
  ): Promise<ConnectionTestRow | undefined> {
    if (outcome.isOk || !isTransportFailure(outcome.error) || (await firstAnswered(probes))) return undefined;
    return rowWithError(id, 'skipped', outcome);
  }

  async #attempt<T>(operation: () => Promise<T>, signal = this.#signal): Promise<Outcome<T>> {
    let startedAt = this.#options.now();
    const durationMs = (): number => Math.max(0, this.#options.now() - startedAt);
    try {
      const value = await this.#limit(() => {
        startedAt = this.#options.now();
        return untilAborted(operation, signal);
      });
      return { isOk: true, value, durationMs: durationMs() };
    } catch (error) {
      return { isOk: false, error: toWorkbenchError(error), durationMs: durationMs() };
    }
  }

  /** After an abort a check that had not finished is skipped, whatever its operation made of it. */
  #emit(finished: ConnectionTestRow): void {
    const isCutOff = this.#signal.aborted && finished.id !== 'token';
    const emitted = isCutOff
      ? rowWithError(finished.id, 'skipped', {
          error: new WorkbenchError('operation/cancelled'),
          durationMs: finished.durationMs,
        })
      : finished;
    this.#rows.set(emitted.id, emitted);
    this.#options.onRow?.(emitted);
  }

  #result(statement: Outcome<CapabilityStatement>, openEmrVersion: string | undefined): ConnectionTestResult {
    const rows = connectionCheckIds.flatMap((id) => this.#rows.get(id) ?? []);
    const fhirVersion = statement.isOk ? statement.value.fhirVersion : undefined;
    return {
      startedAt: this.#startedAt,
      durationMs: Math.max(0, this.#options.now() - this.#startedAt),
      rows,
      passed: rows.filter(({ status }) => status === 'pass').length,
      failed: rows.filter(({ status }) => status === 'fail').length,
      ...(openEmrVersion ? { openEmrVersion } : {}),
      ...(fhirVersion ? { fhirVersion } : {}),
      ...(this.#patientCount ? { patientCount: this.#patientCount } : {}),
      scopesGranted: this.#options.tokens?.grantedScopes ?? [],
    };
  }
}

/** The first outcome in time that the server itself had a part in; `undefined` where there is none. */
async function firstAnswered(probes: Promise<Outcome<unknown>>[]): Promise<Outcome<unknown> | undefined> {
  const answers = probes.map(async (probe) => {
    const outcome = await probe;
    if (outcome.isOk || !isTransportFailure(outcome.error)) return outcome;
    throw outcome.error;
  });
  return Promise.any(answers).catch(() => undefined);
}
