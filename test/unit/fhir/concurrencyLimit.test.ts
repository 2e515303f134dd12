import assert from 'node:assert/strict';
import { concurrencyLimit } from '../../../src/core/fhir/concurrencyLimit.ts';

describe('The concurrency limit', () => {
  it('never runs more than it allows, keeps the order and goes on after failures', async () => {
    const limit = concurrencyLimit(2);
    const started: number[] = [];
    let running = 0;
    let most = 0;
    const results = await Promise.allSettled(
      [0, 1, 2, 3, 4].map((number) =>
        limit(async () => {
          started.push(number);
          most = Math.max(most, ++running);
          await new Promise((resolve) => setImmediate(resolve));
          running -= 1;
          if (number === 1) throw new Error('one fails');
          return number;
        }),
      ),
    );
    assert.deepEqual(started, [0, 1, 2, 3, 4]);
    assert.equal(most, 2);
    assert.deepEqual(
      results.map(({ status }) => status),
      ['fulfilled', 'rejected', 'fulfilled', 'fulfilled', 'fulfilled'],
    );
    assert.equal(await limit(() => Promise.resolve('later')), 'later');
  });
});
