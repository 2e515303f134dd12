import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, toWorkbenchError, type WorkbenchError } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import type { LastFailure } from '../doctor/doctorRun.ts';
import { evidenceOfError, type Step } from '../doctor/evidence.ts';
import type { HttpRequest, HttpTransport, StreamedHttpResponse } from '../http/httpTransport.ts';
import { recordAnswer, recordFailure, type RecordedExchange } from './recordedExchange.ts';

export const flowKinds = ['login', 'registration', 'refresh', 'test'] as const;
export type FlowKind = (typeof flowKinds)[number];

/** Everything that went over the wire for one login, registration, refresh or test. */
export interface RecordedFlow {
  readonly kind: FlowKind;
  readonly connectionId: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly exchanges: readonly RecordedExchange[];
  readonly error?: WorkbenchError;
  /** What the connection's address was when the flow ended; absent before the connection was saved. */
  readonly address?: string | undefined;
}

/** Knows in which flow the running code is, across everything that it awaits. */
export interface FlowScope {
  run<T>(exchanges: RecordedExchange[], operation: () => Promise<T>): Promise<T>;
  current(): RecordedExchange[] | undefined;
  /** Runs what belongs to no flow, although a flow started it. */
  leave(operation: () => void): void;
}

/** Runs an operation as a flow that is remembered. */
export type RecordFlow = <T>(kind: FlowKind, connectionId: string, operation: () => Promise<T>) => Promise<T>;

const maxExchanges = 200;
const ownDecisions = ['operation/cancelled', 'authorization/cancelled', 'authorization/timed-out'] as const;
const stepsOfFlows: Partial<Record<FlowKind, Step>> = { registration: 'registration', refresh: 'refresh' };

/** The last flow of each kind and connection, redacted, in memory only. */
export class Transcript {
  readonly #scope: FlowScope;
  readonly #clock: Clock;
  readonly #addressOf: (connectionId: string) => string | undefined;
  readonly #flows = new Map<string, RecordedFlow>();
  /** When the last login that succeeded began. */
  readonly #loggedInAt = new Map<string, number>();
  readonly #changed = new EventEmitter<string>();
  /** The id of the connection whose flow ended. */
  readonly onDidChange: Event<string> = this.#changed.event;

  constructor(
    scope: FlowScope,
    clock: Clock,
    addressOf: (connectionId: string) => string | undefined = () => undefined,
  ) {
    this.#scope = scope;
    this.#clock = clock;
    this.#addressOf = addressOf;
  }

  readonly record: RecordFlow = async (kind, connectionId, operation) => {
    const startedAt = this.#clock.now();
    const exchanges: RecordedExchange[] = [];
    const keep = (error?: WorkbenchError): void => {
      const durationMs = this.#clock.now() - startedAt;
      const address = this.#addressOf(connectionId);
      const flow = {
        kind,
        connectionId,
        startedAt,
        durationMs,
        exchanges,
        address,
        ...(error ? { error } : {}),
      };
      this.#flows.set(`${connectionId} ${kind}`, flow);
      if (kind === 'login' && !error) this.#loggedInAt.set(connectionId, startedAt);
      this.#changed.fire(connectionId);
    };
    try {
      const result = await this.#scope.run(exchanges, operation);
      keep();
      return result;
    } catch (error) {
      keep(toWorkbenchError(error));
      throw error;
    }
  };

  /** Runs what a flow sets off and is no part of: whoever hears of a new token asks for what they want to show. */
  readonly outside = (operation: () => void): void => this.#scope.leave(operation);

  /** A transport whose exchanges go into the flow that they belong to, if any. */
  wrap(transport: HttpTransport): HttpTransport {
    return {
      send: async (request) => {
        const answer = await this.#watched(request, () => transport.send(request));
        this.#add(recordAnswer(request, answer, this.#clock.now() - answer.durationMs));
        return answer;
      },
      stream: async (request) => {
        const answer: StreamedHttpResponse = await this.#watched(request, () => transport.stream(request));
        this.#add(recordAnswer(request, answer, this.#clock.now() - answer.durationMs));
        return answer;
      },
    };
  }

  /** The last flows of a connection, the newest first. */
  flows(connectionId: string): RecordedFlow[] {
    return flowKinds
      .flatMap((kind) => this.#flows.get(`${connectionId} ${kind}`) ?? [])
      .sort((a, b) => b.startedAt - a.startedAt);
  }

  /**
   * The newest failure at the connection's present address that no login made good since; `undefined` where people
   * themselves ended it.
   */
  lastFailure(connectionId: string): LastFailure | undefined {
    const flows = this.flows(connectionId).filter(({ kind }) => kind !== 'test');
    const loggedInAt = this.#loggedInAt.get(connectionId) ?? 0;
    const present = this.#addressOf(connectionId);
    for (const { kind, startedAt, error, exchanges, address = present } of flows) {
      if (address !== present) continue;
      if (!error || startedAt < loggedInAt || isWorkbenchError(error, ...ownDecisions)) continue;
      const refusal = exchanges.findLast(({ evidence }) => evidence !== undefined)?.evidence;
      return { flow: kind, at: startedAt, evidence: refusal ?? evidenceOfError(error, stepsOfFlows[kind]) };
    }
    return undefined;
  }

  async #watched<T>(request: HttpRequest, exchange: () => Promise<T>): Promise<T> {
    const startedAt = this.#clock.now();
    try {
      return await exchange();
    } catch (error) {
      this.#add(recordFailure(request, error, startedAt, this.#clock.now() - startedAt));
      throw error;
    }
  }

  #add(exchange: RecordedExchange): void {
    const exchanges = this.#scope.current();
    if (exchanges && exchanges.length < maxExchanges) exchanges.push(exchange);
  }
}
