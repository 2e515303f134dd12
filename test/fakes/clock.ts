import type { Clock } from '../../src/core/base/clock.ts';
import { toDisposable, type Disposable } from '../../src/core/base/disposable.ts';

interface Timer {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
}

/** A clock that stands still until it is advanced. */
export class FakeClock implements Clock {
  #now: number;
  #scheduled = 0;
  readonly #timers = new Set<Timer>();

  constructor(start = Date.UTC(2026, 0, 1, 12)) {
    this.#now = start;
  }

  /** How many timers are waiting. */
  get pending(): number {
    return this.#timers.size;
  }

  now(): number {
    return this.#now;
  }

  schedule(callback: () => void, delayMs: number): Disposable {
    const timer = { at: this.#now + Math.max(0, delayMs), order: this.#scheduled++, callback };
    this.#timers.add(timer);
    return toDisposable(() => this.#timers.delete(timer));
  }

  /** Lets time pass and runs what falls due on the way, in order. */
  advance(ms: number): void {
    const end = this.#now + ms;
    for (let due = this.#nextUntil(end); due; due = this.#nextUntil(end)) this.#run(due);
    this.#now = end;
  }

  /** As {@link advance}, but lets promises settle before, between and after the timers. */
  async advanceAsync(ms: number): Promise<void> {
    const end = this.#now + ms;
    await settle();
    for (let due = this.#nextUntil(end); due; due = this.#nextUntil(end)) {
      this.#run(due);
      await settle();
    }
    this.#now = end;
  }

  /** Moves the wall clock without running timers, as sleep or a changed system time does. */
  jump(ms: number): void {
    this.#now += ms;
  }

  #nextUntil(end: number): Timer | undefined {
    return [...this.#timers]
      .filter((timer) => timer.at <= end)
      .sort((a, b) => a.at - b.at || a.order - b.order)[0];
  }

  #run(timer: Timer): void {
    this.#timers.delete(timer);
    this.#now = Math.max(this.#now, timer.at);
    timer.callback();
  }
}

function settle(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
