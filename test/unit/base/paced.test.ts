import assert from 'node:assert/strict';
import { describe, it } from 'mocha';
import { paced } from '../../../src/core/base/paced.ts';

describe('Paced work', () => {
  const enough = 100;

  // eslint-disable-next-line @typescript-eslint/require-await
  async function* lyingReady(onEnd: () => void): AsyncGenerator<number> {
    try {
      for (let item = 0; item < enough; item++) yield item;
    } finally {
      onEnd();
    }
  }

  function work(milliseconds: number): void {
    const end = performance.now() + milliseconds;
    while (performance.now() < end);
  }

  it('lets a timer in between items that all lie ready', async () => {
    let turns = 0;
    const timer = setInterval(() => (turns += 1), 1);
    const seen: number[] = [];
    for await (const item of paced(lyingReady(() => undefined))) {
      work(1);
      seen.push(item);
    }
    clearInterval(timer);
    assert.deepEqual(seen, [...Array(enough).keys()]);
    assert.ok(turns >= 5, `a timer of one millisecond had ${turns} turns in ${enough}`);
  });

  it('ends the source when the reader leaves early', async () => {
    let hasEnded = false;
    for await (const item of paced(lyingReady(() => (hasEnded = true)))) if (item === 3) break;
    assert.equal(hasEnded, true);
  });
});
