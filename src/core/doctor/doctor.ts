import { toWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { checkIds, type Check, type CheckId, type DoctorStatus, type Finding } from './check.ts';
import { clientChecks } from './checks/client.ts';
import { consistencyChecks } from './checks/consistency.ts';
import { networkChecks } from './checks/network.ts';
import { scopeChecks } from './checks/scopes.ts';
import { serverChecks } from './checks/server.ts';
import { sessionChecks } from './checks/session.ts';
import { defaultCheckTimeoutMs, DoctorRun, type DoctorOptions } from './doctorRun.ts';
import { evidenceOfError } from './evidence.ts';
import { ruleNamed } from './knowledgeBase.ts';
import { translate, type Diagnosis } from './translator.ts';

/** A finished check as the doctor reports it. */
export interface CheckResult {
  readonly id: CheckId;
  readonly status: DoctorStatus;
  /** Milliseconds. */
  readonly durationMs: number;
  readonly asked: readonly string[];
  readonly came: readonly string[];
  readonly facts: Readonly<Record<string, string | number>>;
  /** What a failure or warning most likely means. */
  readonly diagnosis?: Diagnosis;
  /** Something worth knowing that is no fault. */
  readonly note?: Diagnosis;
  /** The check without which this one makes no sense. */
  readonly skippedBecause?: CheckId;
}

export interface DoctorReport {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly durationMs: number;
  readonly results: readonly CheckResult[];
  /** The first check that fails; where none does, the first that warns. */
  readonly first?: CheckResult;
  readonly wasCancelled: boolean;
}

export interface DoctorEvents {
  readonly onStart?: (id: CheckId) => void;
  readonly onResult?: (result: CheckResult) => void;
}

const checks: readonly Check[] = [
  ...networkChecks,
  ...serverChecks,
  ...consistencyChecks,
  ...clientChecks,
  ...scopeChecks,
  ...sessionChecks,
];

/**
 * Runs all checks, those that do not depend on each other at once, and streams each result. Reads only: nothing is
 * registered, refreshed or logged in. Never throws; a cancelled run ends with what it has.
 */
export async function runDoctor(options: DoctorOptions, events: DoctorEvents = {}): Promise<DoctorReport> {
  const examination = new Examination(options, events);
  return examination.run();
}

class Examination {
  readonly #options: DoctorOptions;
  readonly #events: DoctorEvents;
  readonly #run: DoctorRun;
  readonly #end = new AbortController();
  readonly #results = new Map<CheckId, Promise<{ result: CheckResult; blocks: boolean }>>();

  constructor(options: DoctorOptions, events: DoctorEvents) {
    this.#options = options;
    this.#events = events;
    const signals = [this.#end.signal, ...(options.signal ? [options.signal] : [])];
    this.#run = new DoctorRun(options, AbortSignal.any(signals));
  }

  async run(): Promise<DoctorReport> {
    const startedAt = this.#options.now();
    const started = performance.now();
    try {
      const settled = await Promise.all(checkIds.map((id) => this.#resultOf(id)));
      const results = settled.map(({ result }) => result);
      const first =
        results.find(({ status }) => status === 'fail') ?? results.find(({ status }) => status === 'warn');
      return {
        startedAt,
        durationMs: performance.now() - started,
        results,
        ...(first ? { first } : {}),
        wasCancelled: this.#options.signal?.aborted ?? false,
      };
    } finally {
      this.#end.abort();
    }
  }

  #resultOf(id: CheckId): Promise<{ result: CheckResult; blocks: boolean }> {
    const known = this.#results.get(id);
    if (known) return known;
    const check = checks.find((one) => one.id === id);
    if (!check) throw new RangeError(`No check ${id}`);
    const result = this.#perform(check);
    this.#results.set(id, result);
    return result;
  }

  async #perform(check: Check): Promise<{ result: CheckResult; blocks: boolean }> {
    await Promise.all((check.after ?? []).map((id) => this.#resultOf(id)));
    const needed = await Promise.all(check.needs.map((id) => this.#resultOf(id)));
    const blocker = needed.find(({ blocks }) => blocks);
    const { skippedBecause } = blocker?.result ?? {};
    if (blocker) return this.#emit(skipped(check.id, skippedBecause ?? blocker.result.id), true);
    if (this.#options.signal?.aborted) return this.#emit(skipped(check.id), true);
    this.#events.onStart?.(check.id);
    const started = performance.now();
    const finding = await this.#limited(check);
    if (this.#options.signal?.aborted) return this.#emit(skipped(check.id), true);
    const result = resultFrom(check.id, finding, performance.now() - started);
    return this.#emit(result, finding.blocks ?? finding.status === 'fail');
  }

  #emit(result: CheckResult, blocks: boolean): { result: CheckResult; blocks: boolean } {
    this.#events.onResult?.(result);
    return { result, blocks };
  }

  /** Ends by the time limit or Cancel, even where the check does not listen. */
  async #limited(check: Check): Promise<Finding> {
    const { signal } = this.#run;
    const limitMs = (check.timeoutMs ?? this.#options.timeoutMs ?? defaultCheckTimeoutMs) + graceMs;
    let timer: NodeJS.Timeout | undefined;
    let onAbort = (): void => undefined;
    const limit = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new WorkbenchError('network/timed-out')), limitMs);
      onAbort = () => reject(new WorkbenchError('operation/cancelled'));
      signal.addEventListener('abort', onAbort, { once: true });
    });
    try {
      return await Promise.race([check.run(this.#run), limit]);
    } catch (error) {
      const failure = toWorkbenchError(error);
      const step = belowHttp.has(check.id) ? 'tcp' : 'http';
      const evidence = evidenceOfError(failure, failure.code === 'network/timed-out' ? step : undefined);
      const facts = { ...this.#run.subjectFacts, ...evidence.facts };
      return { status: 'fail', asked: [], came: [failure.code], evidence: { ...evidence, facts } };
    } finally {
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }
  }
}

const belowHttp: ReadonlySet<CheckId> = new Set(['proxy', 'dns', 'tcp', 'tls']);

/** A request's own time-out comes first, so that it can say what it waited for. */
const graceMs = 250;

function skipped(id: CheckId, because?: CheckId): CheckResult {
  return {
    ...{ id, status: 'skipped', durationMs: 0, asked: [], came: [], facts: {} },
    ...(because ? { skippedBecause: because } : {}),
  };
}

function resultFrom(id: CheckId, finding: Finding, durationMs: number): CheckResult {
  const { status, asked, came, evidence, facts = {}, note } = finding;
  const diagnosis = evidence && translate(evidence);
  return {
    id,
    status: status === 'notUsed' ? 'skipped' : status,
    durationMs,
    asked,
    came,
    facts,
    ...(diagnosis ? { diagnosis } : {}),
    ...(note ? { note: { rule: ruleNamed(note), facts: {} } } : {}),
  };
}
