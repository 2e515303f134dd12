import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { FakeClock } from '../fakes/clock.ts';
import { host } from '../fakes/vscode.ts';
import type { FhirActivity } from '../../src/core/fhir/fhirActivity.ts';
import { AccessTokenClipboard } from '../../src/vscode/accessTokenClipboard.ts';

const minute = 60_000;

describe('An access token on the clipboard', () => {
  let clock: FakeClock;
  let reported: FhirActivity[];
  let clipboard: AccessTokenClipboard;

  beforeEach(() => {
    host.reset();
    clock = new FakeClock();
    reported = [];
    clipboard = new AccessTokenClipboard({ clock, report: (activity) => reported.push(activity) });
  });
  afterEach(() => clipboard.dispose());

  async function copy(token: string): Promise<void> {
    host.scriptedButtons.push('Copy');
    assert.equal(await clipboard.copy('c1', 'Clinic A', token), true);
  }

  it('is taken off after a minute, and not before', async () => {
    await copy('token-1');
    await clock.advanceAsync(minute - 1);
    assert.equal(host.clipboard, 'token-1');
    await clock.advanceAsync(1);
    assert.equal(host.clipboard, '');
  });

  it('leaves alone what was copied since', async () => {
    await copy('token-1');
    host.clipboard = 'a shopping list';
    await clock.advanceAsync(2 * minute);
    assert.equal(host.clipboard, 'a shopping list');
  });

  it('is taken off too where the browser does not tell what is there', async () => {
    await copy('token-1');
    host.clipboardTells = false;
    await clock.advanceAsync(minute);
    assert.equal(host.clipboard, 'token-1');
    await clock.advanceAsync(3_000);
    assert.equal(host.clipboard, '');
    assert.equal(clock.pending, 0);
  });

  it('begins its minute anew when it is copied once more', async () => {
    await copy('token-1');
    await clock.advanceAsync(minute / 2);
    await copy('token-2');
    await clock.advanceAsync(minute - 1);
    assert.equal(host.clipboard, 'token-2');
    await clock.advanceAsync(1);
    assert.equal(host.clipboard, '');
  });

  it('is told to the audit log, and is no part of what is told', async () => {
    await copy('token-1');
    assert.deepEqual(reported, [{ action: 'access-token-copied', connectionId: 'c1' }]);
  });

  it('never gets there where the question was declined', async () => {
    host.clipboard = 'before';
    host.scriptedButtons.push(undefined);
    assert.equal(await clipboard.copy('c1', 'Clinic A', 'token-1'), false);
    await clock.advanceAsync(2 * minute);
    assert.deepEqual([host.clipboard, reported, clock.pending], ['before', [], 0]);
  });
});
