import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { WorkbenchError } from '../../src/core/base/errors.ts';
import { ErrorPresenter } from '../../src/vscode/errorPresenter.ts';
import { LogChannel } from '../../src/vscode/logChannel.ts';
import { tell } from '../../src/vscode/quiet.ts';
import { host } from '../fakes/vscode.ts';

describe('Notifications', () => {
  let errors: ErrorPresenter;
  beforeEach(() => {
    host.reset();
    errors = new ErrorPresenter(new LogChannel(), () => undefined);
  });
  afterEach(() => host.reset());

  it('come once for one cause while the former one is still there', async () => {
    const done = () => tell('Done.', ['Test connection']);
    const shown = [errors.show(new WorkbenchError('network/unreachable'), 'a'), done(), done()];
    shown.push(errors.show(new WorkbenchError('network/unreachable'), 'a'));
    shown.push(errors.show(new WorkbenchError('network/unreachable'), 'b'));
    await Promise.resolve();
    assert.equal(host.messages.filter(({ level }) => level === 'error').length, 2);
    assert.equal(host.messages.filter(({ level }) => level === 'info').length, 1);
    for (const message of host.messages) message.close();
    await Promise.all(shown);
    const again = done();
    assert.equal(host.messages.length, 4);
    host.lastMessage.close();
    await again;
  });

  it('stay away while somebody presents: a word in the status bar, the facts in the log', async () => {
    host.changeSetting('openemr.quietNotifications', true);
    await errors.show(new WorkbenchError('network/unreachable'), 'a');
    await tell('Done.', ['Test connection']);
    assert.equal(host.messages.length, 0);
    assert.equal(host.statusBarMessages.length, 2);
    assert.match(JSON.stringify(host.logChannels.at(-1)), /network\/unreachable/);
  });

  it('still come where somebody asked for them just now', async () => {
    host.changeSetting('openemr.quietNotifications', true);
    const asked = tell('This is the report. Copy it?', ['Copy report'], { isAnswer: true });
    host.lastMessage.press('Copy report');
    assert.equal(await asked, 'Copy report');
    assert.deepEqual(host.statusBarMessages, []);
  });
});
