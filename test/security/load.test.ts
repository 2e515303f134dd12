import assert from 'node:assert/strict';
import { auditLimits, measureAudit } from './auditFigures.ts';
import { loadProblems, measureLoad } from './load.ts';

// A tenth or less of what `npm run security` does.
describe('A window that is used without a pause', function () {
  this.timeout(120_000);

  it('with two hundred connections and a long audit log holds no more than before, and stays usable', async () => {
    const figures = await measureLoad({ connections: 200, commands: 100, entries: 20_000 });
    assert.deepEqual(loadProblems(figures), [], JSON.stringify(figures));
  });

  it('writes an entry in a moment, and verifies a long log within little memory', async () => {
    const { appendMedianMs, memoryMb, ratio } = await measureAudit(100_000, 1);
    assert.ok(memoryMb <= auditLimits.memoryMb, `${memoryMb} MB`);
    // On a busy machine what is short is measured badly: here only a multiple shows, at full size the limits count.
    assert.ok(appendMedianMs <= 5 * auditLimits.appendMedianMs, `${appendMedianMs} ms`);
    assert.ok(ratio <= 4 * auditLimits.ratio, `${ratio} times`);
  });
});
