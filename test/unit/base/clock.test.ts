import assert from 'node:assert/strict';
import { systemClock } from '../../../src/core/base/clock.ts';
import { FakeClock } from '../../fakes/clock.ts';

describe('systemClock', () => {
  it('tells the time of the system', () => {
    const before = Date.now();
    const told = systemClock.now();
    assert.ok(told >= before && told <= Date.now());
  });

  it('runs what was scheduled, and not what was disposed of', async () => {
    const ran: string[] = [];
    systemClock.schedule(() => ran.push('disposed'), 1).dispose();
    await new Promise<void>((resolve) => {
      systemClock.schedule(() => {
        ran.push('kept');
        resolve();
      }, 5);
    });
    assert.deepEqual(ran, ['kept']);
  });
});

describe('FakeClock', () => {
  it('runs timers in the order in which they fall due, also those that timers add', () => {
    const clock = new FakeClock(1000);
    const ran: string[] = [];
    clock.schedule(() => ran.push(`late at ${clock.now()}`), 30);
    clock.schedule(() => {
      ran.push(`early at ${clock.now()}`);
      clock.schedule(() => ran.push(`added at ${clock.now()}`), 5);
    }, 10);
    clock.schedule(() => ran.push('never'), 20).dispose();
    clock.advance(40);
    assert.deepEqual(ran, ['early at 1010', 'added at 1015', 'late at 1030']);
    assert.equal(clock.now(), 1040);
  });

  it('leaves timers alone that are not due', () => {
    const clock = new FakeClock();
    clock.schedule(() => assert.fail('too early'), 10);
    clock.advance(9);
    assert.equal(clock.pending, 1);
  });

  it('lets promises settle between timers', async () => {
    const clock = new FakeClock(0);
    const ran: number[] = [];
    const sleep = (): Promise<void> => new Promise((resolve) => clock.schedule(resolve, 10));
    const done = (async () => {
      for (let round = 0; round < 3; round++) {
        await sleep();
        ran.push(clock.now());
      }
    })();
    await clock.advanceAsync(100);
    await done;
    assert.deepEqual(ran, [10, 20, 30]);
  });

  it('wakes up from sleep with its timers overdue', () => {
    const clock = new FakeClock(0);
    let ranAt = 0;
    clock.schedule(() => (ranAt = clock.now()), 10);
    clock.jump(1000);
    assert.equal(ranAt, 0);
    clock.advance(0);
    assert.equal(ranAt, 1000);
  });
});
