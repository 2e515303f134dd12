import type { Clock } from '../base/clock.ts';
import type { Disposable } from '../base/disposable.ts';
import type { AuditRecorder, CallbackRefusal } from './auditEvent.ts';

const collectMs = 60_000;

/** Refused callbacks in the audit log: the first of a kind at once, those within the next minute as one entry. */
export class CallbackAudit implements Disposable {
  readonly #audit: AuditRecorder;
  readonly #clock: Clock;
  readonly #collecting = new Map<CallbackRefusal, { count: number; timer: Disposable }>();

  constructor(audit: AuditRecorder, clock: Clock) {
    this.#audit = audit;
    this.#clock = clock;
  }

  refused(reason: CallbackRefusal): void {
    const collecting = this.#collecting.get(reason);
    if (collecting) {
      collecting.count += 1;
      return;
    }
    this.#record(reason, 1);
    const timer = this.#clock.schedule(() => this.#finish(reason), collectMs);
    this.#collecting.set(reason, { count: 0, timer });
  }

  dispose(): void {
    for (const reason of [...this.#collecting.keys()]) this.#finish(reason);
  }

  #finish(reason: CallbackRefusal): void {
    const { count = 0, timer } = this.#collecting.get(reason) ?? {};
    timer?.dispose();
    this.#collecting.delete(reason);
    if (count > 0) this.#record(reason, count);
  }

  #record(reason: CallbackRefusal, count: number): void {
    this.#audit.record({ action: 'callback.refused', outcome: 'failure', detail: { reason, count } });
  }
}
