import assert from 'node:assert/strict';
import { Processes } from '../../soak/processes.ts';
import { Random } from '../../soak/random.ts';

describe('Eight processes that share a lock, killed while they refresh', () => {
  it('replay nothing, lose no session, and recover from a killed holder within 15 seconds', async function () {
    this.timeout(60_000);
    const processes = new Processes(new Random(7));
    const report = await processes.run(30_000);
    assert.equal(report.replays, 0);
    assert.equal(report.lostSessions, 0);
    assert.ok(report.tokenRequests > 3, JSON.stringify(report));
    // The life of the token that was current is part of what was measured.
    assert.ok(processes.longestRecoveryMs < 15_000 + 2000, `${processes.longestRecoveryMs} ms`);
  });
});
