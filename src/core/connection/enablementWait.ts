import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, WorkbenchError } from '../base/errors.ts';

/** How long an administrator is waited for, in milliseconds. */
export const enablementLimitMs = 10 * 60_000;
const firstPauseMs = 2000;
const pauseGrowth = 1.4;
const longestPauseMs = 30_000;

/**
 * Asks again and again whether a client is enabled, with pauses that grow from two seconds to half a minute, for at
 * most ten minutes. A network that fails meanwhile does not end the wait.
 *
 * Answers whether it is enabled. Throws WorkbenchError `operation/cancelled`, and what `isEnabled` throws that no
 * time will mend.
 */
export async function waitUntilEnabled(
  isEnabled: (signal: AbortSignal) => Promise<boolean | undefined>,
  clock: Clock,
  signal: AbortSignal,
): Promise<boolean> {
  const end = clock.now() + enablementLimitMs;
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * pauseGrowth, longestPauseMs)) {
    if (clock.now() + pauseMs > end) return false;
    await pause(pauseMs, clock, signal);
    if (await answered(isEnabled, signal)) return true;
    if (signal.aborted) throw new WorkbenchError('operation/cancelled');
  }
}

async function answered(
  isEnabled: (signal: AbortSignal) => Promise<boolean | undefined>,
  signal: AbortSignal,
): Promise<boolean | undefined> {
  try {
    return await isEnabled(signal);
  } catch (error) {
    const isPassing = isWorkbenchError(error) && /^(?:network|http)\//.test(error.code);
    if (isPassing) return undefined;
    throw error;
  }
}

/** Throws WorkbenchError `operation/cancelled`. */
export function pause(ms: number, clock: Clock, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal.aborted) {
      reject(new WorkbenchError('operation/cancelled'));
      return;
    }
    const timer = clock.schedule(() => {
      signal.removeEventListener('abort', onAbort);
      resolve();
    }, ms);
    const onAbort = (): void => {
      timer.dispose();
      reject(new WorkbenchError('operation/cancelled'));
    };
    signal.addEventListener('abort', onAbort, { once: true });
  });
}
