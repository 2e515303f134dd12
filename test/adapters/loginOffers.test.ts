import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { Uri } from '../fakes/vscodeValues.ts';
import { admin, draftFor, enableClient, until, WorkbenchWindow } from './workbenchWindow.ts';

const message = (text: RegExp) => until(() => host.messages.find((candidate) => text.test(candidate.text)));
const byUri = (url: string) => Promise.resolve(host.uriHandlers[0]?.handleUri(Uri.parse(url)));

describe('An offer to log in', () => {
  let window: WorkbenchWindow;

  beforeEach(async () => (window = await WorkbenchWindow.open()));
  afterEach(() => window.close());

  /** Time for a page that should not open. */
  async function opensNoPage(press: () => void): Promise<void> {
    const before = host.opened.length;
    press();
    await new Promise((tick) => setTimeout(tick, 300));
    assert.equal(host.opened.length, before);
  }

  it('opens no second sign-in page of the sandbox for somebody who has logged in meanwhile', async () => {
    void window.command('startSandbox');
    const offer = await message(/sandbox is ready/i);
    await window.request('panel.ready');
    assert.equal((await window.logIn(admin, byUri))['kind'], 'done');
    await opensNoPage(() => offer.press('Log in'));
  });

  describe('of a client that was waited for', () => {
    let sandbox: RunningSandbox;

    beforeEach(async () => (sandbox = await startSandbox()));
    afterEach(() => sandbox.stop());

    it('opens no second sign-in page for somebody who has logged in meanwhile', async () => {
      const { clientId } = await window.register(draftFor(sandbox));
      void window.request('action.run', { actionId: 'checkClient' });
      await until(() => host.progresses.find(({ isRunning }) => isRunning));
      await enableClient(sandbox, clientId);
      const offer = await message(/client is enabled/);
      assert.equal((await window.logIn())['kind'], 'done');
      await opensNoPage(() => offer.press('Log in'));
    });

    it('waits for a client that was switched off after a login, too', async () => {
      await window.connect(sandbox);
      assert.equal((await window.logIn())['kind'], 'done');
      const [{ clientId }] = host.settings.get('openemr.connections') as [{ clientId: string }];
      await fetch(`${sandbox.baseUrl}/sandbox/clients/${clientId}/disable`, { method: 'POST' });
      assert.equal((await window.request('session.refresh'))['kind'], 'failed');
      void window.request('action.run', { actionId: 'checkClient' });
      await until(() => host.progresses.find(({ isRunning }) => isRunning));
      await enableClient(sandbox, clientId);
      await message(/client is enabled/);
    });
  });
});
