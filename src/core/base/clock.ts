import { toDisposable, type Disposable } from './disposable.ts';

/** Time as the core sees it, so that tests can drive it. */
export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Runs `callback` once after `delayMs` milliseconds unless disposed of before. */
  schedule(callback: () => void, delayMs: number): Disposable;
}

export const systemClock: Clock = {
  now: () => Date.now(),
  schedule(callback, delayMs) {
    const timer = setTimeout(callback, delayMs);
    return toDisposable(() => clearTimeout(timer));
  },
};
