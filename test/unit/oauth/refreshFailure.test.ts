import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/core/base/errors.ts';
import { backoffCeilingMs, backoffMs } from '../../../src/core/oauth/refreshBackoff.ts';
import { refreshFailureKind, requestedPauseMs } from '../../../src/core/oauth/refreshFailure.ts';
import { leadMs, refreshAt } from '../../../src/core/oauth/refreshSchedule.ts';

describe('What a failed refresh means', () => {
  const cases: Record<string, ErrorCode[]> = {
    transient: [
      'network/dns',
      'network/refused',
      'network/unreachable',
      'http/rate-limited',
      'tls/failed',
      'discovery/not-found',
    ],
    ambiguous: [
      'refresh/outcome-unknown',
      'http/server-error',
      'storage/write-failed',
      'grant/invalid-response',
    ],
    definitive: ['refresh/refused', 'grant/client-refused', 'fhir/signed-out', 'refresh/answer-lost'],
    waiting: ['storage/behind', 'connection/secret-missing', 'refresh/no-refresh-token', 'token/none'],
  };
  for (const [kind, codes] of Object.entries(cases)) {
    for (const code of codes) {
      it(`${code} is ${kind}`, () => assert.equal(refreshFailureKind({ code }), kind));
    }
  }

  it('waits as long as the server asks, an hour at most', () => {
    const pause = (retryAfterSeconds: number) => requestedPauseMs({ details: { retryAfterSeconds } });
    assert.deepEqual([pause(7), pause(90_000), pause(-3)], [7000, 3_600_000, 0]);
    assert.equal(requestedPauseMs({ details: {} }), 0);
  });
});

describe('The wait after failures', () => {
  it('doubles from one second to five minutes', () => {
    const ceilings = [1, 2, 3, 4, 9, 10, 1000].map(backoffCeilingMs);
    assert.deepEqual(ceilings, [1000, 2000, 4000, 8000, 256_000, 300_000, 300_000]);
  });

  it('is anything up to that, and never less than what the server asked for', () => {
    assert.deepEqual(
      [backoffMs(3, () => 0), backoffMs(3, () => 0.5), backoffMs(3, () => 1)],
      [0, 2000, 4000],
    );
    assert.equal(
      backoffMs(1, () => 0.5, 7000),
      7000,
    );
  });
});

describe('The time of a refresh', () => {
  const fiveMinutes = 300_000;
  const token = { expiresAt: 3_600_000, lifetimeSeconds: 3600 };

  it('is the setting before the end, but at most a fifth of the life', () => {
    assert.equal(leadMs(3600, fiveMinutes), fiveMinutes);
    assert.equal(leadMs(60, fiveMinutes), 12_000);
    assert.equal(refreshAt(token, fiveMinutes, 0), 3_300_000);
  });

  it('is spread over the windows, well before the end', () => {
    assert.equal(refreshAt(token, fiveMinutes, 1), 3_330_000);
    assert.equal(refreshAt({ expiresAt: 2000, lifetimeSeconds: 2 }, fiveMinutes, 1), 1700);
  });
});
