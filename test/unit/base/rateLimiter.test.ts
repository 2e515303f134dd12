import assert from 'node:assert/strict';
import { isWorkbenchError } from '../../../src/core/base/errors.ts';
import { RateLimiter, shippedLimits } from '../../../src/core/base/rateLimiter.ts';
import { FakeClock } from '../../fakes/clock.ts';

describe('The rate limiter', () => {
  it('ships with the numbers that are documented', () => {
    assert.deepEqual(shippedLimits, {
      logIn: { perMinute: 10 },
      callback: { perMinute: 20 },
      status: { perMinute: 30 },
      test: { perMinute: 5 },
      configuration: { perMinute: 3, burst: 10 },
    });
  });

  it('lets so many go on within any minute, and says how long to wait for the next', () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(shippedLimits, clock);
    const taken = Array.from({ length: 5 }, () => {
      clock.advance(1000);
      return limiter.take('test');
    });
    assert.deepEqual(taken, [0, 0, 0, 0, 0]);
    assert.equal(limiter.take('test'), 56_000);
    clock.advance(55_999);
    assert.equal(limiter.take('test'), 1);
    clock.advance(1);
    assert.equal(limiter.take('test'), 0);
    assert.equal(limiter.take('test'), 1000);
  });

  it('lets ten writes go at once and then three a minute', () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter(shippedLimits, clock);
    for (let i = 0; i < 10; i++) assert.equal(limiter.take('configuration'), 0);
    assert.equal(limiter.take('configuration'), 20_000);
    clock.advance(20_000);
    assert.equal(limiter.take('configuration'), 0);
    assert.ok(limiter.take('configuration') > 0);
    clock.advance(60_000);
    const allowed = Array.from({ length: 10 }, () => limiter.take('configuration')).filter(
      (wait) => wait === 0,
    );
    assert.equal(allowed.length, 3);
  });

  it('counts each kind on its own and locks nobody out when the clock is set back', () => {
    const clock = new FakeClock();
    const limiter = new RateLimiter({ ...shippedLimits, logIn: { perMinute: 1 } }, clock);
    assert.deepEqual([limiter.take('logIn'), limiter.take('status')], [0, 0]);
    assert.ok(limiter.take('logIn') > 0);
    clock.advance(-3_600_000);
    assert.equal(limiter.take('logIn'), 0);
  });

  it('throws with the seconds to wait', () => {
    const limiter = new RateLimiter({ ...shippedLimits, logIn: { perMinute: 1 } }, new FakeClock());
    limiter.demand('logIn');
    assert.throws(
      () => limiter.demand('logIn'),
      (error) => isWorkbenchError(error, 'limit/reached') && error.details['seconds'] === 60,
    );
  });
});
