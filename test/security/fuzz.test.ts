import assert from 'node:assert/strict';
import { fuzzAuditEdits } from './fuzzAuditEdits.ts';
import { fuzzCallbacks } from './fuzzCallbacks.ts';
import { fuzzMessages, fuzzSettings } from './fuzzInputs.ts';
import { fuzzServerAnswers } from './fuzzServerAnswers.ts';

// A hundredth of what `npm run security` throws. SECURITY_SEED repeats a run.
const seed = Number(process.env['SECURITY_SEED'] ?? Math.floor(Math.random() * 2 ** 31));

describe('Random hostile input', function () {
  this.timeout(60_000);

  before(() => {
    process.stdout.write(`  fuzz seed ${seed} (repeat with SECURITY_SEED=${seed})\n`);
  });

  it('as a callback reaches no login, ends none, and leaves no trace of its secrets', async () => {
    const { accepted, crashes, secretHits } = await fuzzCallbacks(1_000, seed);
    assert.deepEqual({ accepted, crashes, secretHits }, { accepted: 0, crashes: 0, secretHits: 0 });
  });

  it('as a server answer ends in a result or an error with a text, never in an unproved login', async () => {
    const { accepted, crashes, secretHits, firstCrash } = await fuzzServerAnswers(200, seed);
    assert.deepEqual(
      { accepted, crashes, secretHits, firstCrash },
      { accepted: 0, crashes: 0, secretHits: 0, firstCrash: undefined },
    );
  });

  it('as settings makes no connection that could reach a stranger by plain http', () => {
    assert.deepEqual(fuzzSettings(100, seed), { inputs: 100, accepted: 0, crashes: 0 });
  });

  it('as a message of the page passes only where it is of the protocol', () => {
    assert.deepEqual(fuzzMessages(100, seed), { inputs: 100, accepted: 0, crashes: 0 });
  });

  it('as an edit of the audit log shows, wherever it is', async () => {
    const { missed, crashes } = await fuzzAuditEdits(100, seed);
    assert.deepEqual({ missed, crashes }, { missed: [], crashes: 0 });
  });
});
