import type { Clock } from '../../src/core/base/clock.ts';
import { toDisposable, type Disposable } from '../../src/core/base/disposable.ts';
import type { SimulatedTime } from './simulatedTime.ts';

/** The process of a window: its timers and answers wait while it sleeps, and never come once it is dead. */
export class SimulatedProcess implements Clock {
  readonly #time: SimulatedTime;
  #state: 'awake' | 'asleep' | 'dead' = 'awake';
  #changedAt: number;
  #wokenAt = -Infinity;
  #waiting: (() => void)[] = [];

  constructor(time: SimulatedTime) {
    this.#time = time;
    this.#changedAt = time.now();
  }

  readonly now = (): number => this.#time.now();

  get isAwake(): boolean {
    return this.#state === 'awake';
  }

  get isDead(): boolean {
    return this.#state === 'dead';
  }

  /** When it last gave a sign of life: now, or when it fell asleep or died. */
  get lastAliveAt(): number {
    return this.isAwake ? this.now() : this.#changedAt;
  }

  hasSleptSince(time: number): boolean {
    return this.#wokenAt >= time || (!this.isAwake && this.#changedAt >= time);
  }

  schedule(callback: () => void, delayMs: number): Disposable {
    let isCancelled = false;
    const run = (): void => {
      if (isCancelled || this.isDead) return;
      if (this.#state === 'asleep') this.#waiting.push(run);
      else callback();
    };
    const cancel = this.#time.after(Math.max(0, delayMs), run);
    return toDisposable(() => {
      isCancelled = true;
      cancel();
    });
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => void this.schedule(resolve, ms));
  }

  sleep(): void {
    if (this.isAwake) this.#become('asleep');
  }

  wake(): void {
    if (this.#state !== 'asleep') return;
    this.#become('awake');
    this.#wokenAt = this.now();
    for (const run of this.#waiting.splice(0)) this.#time.after(0, run);
  }

  kill(): void {
    if (!this.isDead) this.#become('dead');
    this.#waiting = [];
  }

  #become(state: 'awake' | 'asleep' | 'dead'): void {
    this.#state = state;
    this.#changedAt = this.now();
  }
}
