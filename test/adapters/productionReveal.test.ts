import assert from 'node:assert/strict';
import { beforeEach, describe, it } from 'mocha';
import { agreesToReveal } from '../../src/vscode/environment.ts';
import { host } from '../fakes/vscode.ts';

describe('A record of a patient', () => {
  beforeEach(() => host.reset());

  it('of a production server is shown only after a question', async () => {
    host.scriptedButtons.push(undefined, 'Show it');
    assert.equal(await agreesToReveal({ name: 'Clinic A', environment: 'production' }), false);
    assert.match(host.lastMessage.text, /production server/);
    assert.equal(await agreesToReveal({ name: 'Clinic A', environment: 'production' }), true);
    assert.equal(await agreesToReveal({ name: 'Clinic A' }), true);
    assert.equal(host.messages.length, 2);
  });
});
