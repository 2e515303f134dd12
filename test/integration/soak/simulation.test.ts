import assert from 'node:assert/strict';
import { Simulation } from '../../soak/simulation.ts';

/** Each finds other orders of events; `npm run soak` tries a hundred. */
const seeds = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10];
const days = 90;

describe('Eight windows over ninety days, with crashes, sleep, faults and wrong clocks', function () {
  // Four seconds each on a machine that is not busy.
  this.timeout(240_000);

  for (const seed of seeds) {
    it(`never sign anybody out without need, and refresh once a period (seed ${seed})`, async () => {
      const report = await new Simulation(seed, days).run();
      assert.equal(report.forcedLogins, 0, JSON.stringify(report.reasons));
      assert.equal(report.replaysSeenByServer, 0);
      assert.equal(report.refreshes, report.periods);
      assert.ok(report.refreshes > 1000 && report.kills > 100, JSON.stringify(report));
    });
  }

  it('are signed out where many answers are lost: the measure can fail', async () => {
    const report = await new Simulation(1, 10, { failed: 0, lostAnswers: 0.3 }).run();
    assert.ok(report.forcedByConstruction > 0);
  });
});
