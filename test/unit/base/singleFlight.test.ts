import assert from 'node:assert/strict';
import { SingleFlight } from '../../../src/core/base/singleFlight.ts';

describe('SingleFlight', () => {
  it('runs an operation once for all who ask while it runs', async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const operation = (): Promise<number> => Promise.resolve(++runs);
    const answers = await Promise.all([flights.run('a', operation), flights.run('a', operation)]);
    assert.deepEqual(answers, [1, 1]);
  });

  it('runs it again when it is over', async () => {
    const flights = new SingleFlight<number>();
    let runs = 0;
    const operation = (): Promise<number> => Promise.resolve(++runs);
    await flights.run('a', operation);
    assert.equal(await flights.run('a', operation), 2);
  });

  it('keeps keys apart', async () => {
    const flights = new SingleFlight<string>();
    const answers = await Promise.all([
      flights.run('a', () => Promise.resolve('for a')),
      flights.run('b', () => Promise.resolve('for b')),
    ]);
    assert.deepEqual(answers, ['for a', 'for b']);
  });

  it('gives a failure to all who wait, and then forgets it', async () => {
    const flights = new SingleFlight<string>();
    const failing = (): Promise<string> => Promise.reject(new Error('no luck'));
    const results = await Promise.allSettled([flights.run('a', failing), flights.run('a', failing)]);
    assert.deepEqual(
      results.map((result) => result.status),
      ['rejected', 'rejected'],
    );
    assert.equal(await flights.run('a', () => Promise.resolve('luck')), 'luck');
  });
});
