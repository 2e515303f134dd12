import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { enablementLimitMs, waitUntilEnabled } from '../../../src/core/connection/enablementWait.ts';

/** A clock on which every pause passes at once. */
function quickClock() {
  let now = 0;
  const pauses: number[] = [];
  return {
    pauses,
    now: () => now,
    schedule: (callback: () => void, ms: number) => {
      pauses.push(ms);
      now += ms;
      queueMicrotask(callback);
      return { dispose: () => undefined };
    },
  };
}

const never = new AbortController().signal;

describe('Waiting until a client is enabled', () => {
  it('ends as soon as it is', async () => {
    const clock = quickClock();
    let asked = 0;
    assert.equal(await waitUntilEnabled(() => Promise.resolve(++asked === 3), clock, never), true);
    assert.equal(asked, 3);
  });

  it('asks gently: pauses grow from two seconds to half a minute, for ten minutes at most', async () => {
    const clock = quickClock();
    let asked = 0;
    const isEnabled = () => Promise.resolve(++asked < 0);
    assert.equal(await waitUntilEnabled(isEnabled, clock, never), false);
    assert.equal(clock.pauses[0], 2000);
    assert.equal(Math.max(...clock.pauses), 30_000);
    assert.deepEqual(
      clock.pauses,
      clock.pauses.toSorted((a, b) => a - b),
    );
    assert.ok(clock.now() <= enablementLimitMs && asked < 40);
  });

  it('is not ended by a network that fails meanwhile', async () => {
    let asked = 0;
    const isEnabled = () =>
      ++asked < 3 ? Promise.reject(new WorkbenchError('network/refused')) : Promise.resolve(true);
    assert.equal(await waitUntilEnabled(isEnabled, quickClock(), never), true);
  });

  it('ends with what no time will mend, and with Cancel', async () => {
    const missing = () => Promise.reject(new WorkbenchError('connection/client-missing'));
    await assert.rejects(waitUntilEnabled(missing, quickClock(), never), {
      code: 'connection/client-missing',
    });
    const cancelled = AbortSignal.abort();
    await assert.rejects(
      waitUntilEnabled(() => Promise.resolve(false), quickClock(), cancelled),
      {
        code: 'operation/cancelled',
      },
    );
  });
});
