import type { Clock } from './clock.ts';
import { WorkbenchError } from './errors.ts';

/** What is limited: commands started by people, and callbacks that come in unasked. */
export type LimitedAction = 'logIn' | 'callback' | 'status' | 'test' | 'configuration';

/** `perMinute` within any minute; with `burst` so many at once, and then `perMinute` more. */
export interface RateLimit {
  readonly perMinute: number;
  readonly burst?: number;
}

export type RateLimits = Readonly<Record<LimitedAction, RateLimit>>;

export const shippedLimits: RateLimits = {
  logIn: { perMinute: 10 },
  callback: { perMinute: 20 },
  status: { perMinute: 30 },
  test: { perMinute: 5 },
  configuration: { perMinute: 3, burst: 10 },
};

const minuteMs = 60_000;

interface Bucket {
  /** How many more may go on now; also fractions. */
  level: number;
  /** Milliseconds since the epoch, as the level was that. */
  at: number;
}

/** Keeps a window from doing the same thing over and over, by hand or by a script at the keyboard. */
export class RateLimiter {
  readonly #limits: RateLimits;
  readonly #clock: Clock;
  readonly #taken = new Map<LimitedAction, number[]>();
  readonly #buckets = new Map<LimitedAction, Bucket>();

  constructor(limits: RateLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  /** Milliseconds to wait; 0 where the action may go on, which is then counted. */
  take(action: LimitedAction): number {
    const { perMinute, burst } = this.#limits[action];
    return burst === undefined
      ? this.#takeInWindow(action, perMinute)
      : this.#takeFromBucket(action, perMinute, burst);
  }

  /** Throws WorkbenchError `limit/reached` (details: action, seconds). */
  demand(action: LimitedAction): void {
    const waitMs = this.take(action);
    if (waitMs > 0) {
      throw new WorkbenchError('limit/reached', { details: { action, seconds: Math.ceil(waitMs / 1000) } });
    }
  }

  #takeInWindow(action: LimitedAction, perMinute: number): number {
    const now = this.#clock.now();
    // A clock that was set back locks nobody out.
    const recent = (this.#taken.get(action) ?? []).filter((at) => at <= now && now - at < minuteMs);
    const oldest = recent.at(-perMinute);
    const waitMs = oldest === undefined ? 0 : oldest + minuteMs - now;
    if (waitMs === 0) recent.push(now);
    this.#taken.set(action, recent);
    return waitMs;
  }

  #takeFromBucket(action: LimitedAction, perMinute: number, burst: number): number {
    const now = this.#clock.now();
    const refillMs = minuteMs / perMinute;
    const { level, at } = this.#buckets.get(action) ?? { level: burst, at: now };
    const refilled = Math.min(burst, level + Math.max(0, now - at) / refillMs);
    const isAllowed = refilled >= 1;
    this.#buckets.set(action, { level: isAllowed ? refilled - 1 : refilled, at: now });
    return isAllowed ? 0 : Math.ceil((1 - refilled) * refillMs);
  }
}
