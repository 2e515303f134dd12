import type { Clock } from '../base/clock.ts';
import type { CallbackRefusal } from '../audit/auditEvent.ts';
import { toDisposable, type Disposable } from '../base/disposable.ts';
import { toWorkbenchError, type WorkbenchError } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import type { Log } from '../ports.ts';
import { errorFromResponse, parseAuthorizationResponse } from './authorizationResponse.ts';
import type { PendingLogins } from './pendingLogins.ts';

/** Passes answers between windows that share a disk, sealed with a key that only the waiting login knows. */
export interface CallbackHandover {
  offer(state: string, callbackUrl: string): Promise<void>;
  take(state: string): Promise<string | undefined>;
}

/** How often a waiting login looks for an answer that another window received, in milliseconds. */
const handoverPollMs = 500;
/** How long the window that asked may take to collect its answer before another one finishes the login. */
const handoverGraceMs = 3000;

/**
 * Where every answer of the browser arrives, whatever way it came. Answers are matched by `state`: one that nobody
 * waits for never ends or replaces a login (RFC 9700 §4.7).
 */
export class CallbackInbox implements Disposable {
  readonly #pendingLogins: PendingLogins;
  readonly #handover: CallbackHandover;
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #waiting = new Map<string, (callbackUrl: string) => void>();
  readonly #orphaned = new EventEmitter<string>();
  readonly #stateless = new EventEmitter<WorkbenchError>();
  readonly #refused = new EventEmitter<CallbackRefusal>();
  readonly #isTooMany: () => boolean;
  /** An answer to a login whose own window is gone or was reloaded: this window has to finish it. */
  readonly onDidReceiveOrphan: Event<string> = this.#orphaned.event;
  /** A known error without `state` (OpenEMR sends `invalid_scope` so): shown beside pending logins. */
  readonly onDidReceiveStatelessError: Event<WorkbenchError> = this.#stateless.event;
  /** A callback was dropped. */
  readonly onDidRefuse: Event<CallbackRefusal> = this.#refused.event;

  /** `isTooMany` is asked of each callback that no login of this window waits for; those are dropped silently. */
  constructor(
    pendingLogins: PendingLogins,
    handover: CallbackHandover,
    clock: Clock,
    log: Log,
    isTooMany: () => boolean = () => false,
  ) {
    this.#isTooMany = isTooMany;
    this.#pendingLogins = pendingLogins;
    this.#handover = handover;
    this.#clock = clock;
    this.#log = log;
  }

  /** Takes an answer in. Never throws: what cannot be used is dropped with a line in the log. */
  async receive(callbackUrl: string): Promise<void> {
    try {
      const { state, ...response } = parseAuthorizationResponse(callbackUrl);
      const waiting = state === undefined ? undefined : this.#waiting.get(state);
      // The awaited answer always gets through, however many others come.
      if (waiting) waiting(callbackUrl);
      else if (this.#isTooMany()) this.#refused.fire('too-many');
      else if (state !== undefined) await this.#deliver(state, callbackUrl);
      else if (response.kind === 'error') {
        this.#refused.fire('no-state');
        this.#stateless.fire(errorFromResponse(response));
      }
    } catch (error) {
      this.#refuse(error);
    }
  }

  /** Waits for the answer to one login; each answer is delivered once. */
  expect(state: string, onAnswer: (callbackUrl: string) => void): Disposable {
    let poll: Disposable | undefined;
    const look = (): void => {
      poll = this.#clock.schedule(() => void this.#collect(state, look), handoverPollMs);
    };
    this.#waiting.set(state, onAnswer);
    look();
    return toDisposable(() => {
      this.#waiting.delete(state);
      poll?.dispose();
    });
  }

  async #collect(state: string, lookAgain: () => void): Promise<void> {
    if (!this.#waiting.has(state)) return;
    const callbackUrl = await this.#handover.take(state).catch(() => undefined);
    if (callbackUrl) this.#waiting.get(state)?.(callbackUrl);
    else lookAgain();
  }

  async #deliver(state: string, callbackUrl: string): Promise<void> {
    const fate = await this.#pendingLogins.fateOf(state);
    // Whoever finishes it tells the person that it came too late.
    if (fate === 'expired') this.#orphaned.fire(callbackUrl);
    if (fate === 'unknown') {
      this.#log.warn('A callback was dropped: no login waits for it.');
      this.#refused.fire('unsolicited');
    }
    if (fate !== 'waiting') return;
    await this.#handover.offer(state, callbackUrl);
    this.#clock.schedule(() => void this.#adopt(state), handoverGraceMs);
  }

  /** Finishes a login here when its own window did not collect the answer. */
  async #adopt(state: string): Promise<void> {
    try {
      if (!(await this.#pendingLogins.canRedeem(state))) return;
      const callbackUrl = await this.#handover.take(state);
      if (callbackUrl) this.#orphaned.fire(callbackUrl);
    } catch (error) {
      this.#log.warn(`A callback was dropped: ${toWorkbenchError(error).code}`);
    }
  }

  #refuse(error: unknown): void {
    const tooMany = this.#isTooMany();
    this.#refused.fire(tooMany ? 'too-many' : 'malformed');
    if (!tooMany) this.#log.warn(`A callback was dropped: ${toWorkbenchError(error).code}`);
  }

  dispose(): void {
    this.#refused.dispose();
    this.#waiting.clear();
    this.#orphaned.dispose();
    this.#stateless.dispose();
  }
}
