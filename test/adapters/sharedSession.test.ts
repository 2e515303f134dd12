import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PanelViewModel } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { draftFor, WorkbenchWindow } from './workbenchWindow.ts';

describe('Logging out of a session that another connection shares', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
    const first = await window.connect(sandbox);
    await window.logIn();
    const [{ clientId }] = host.settings.get('openemr.connections') as [{ clientId: string }];
    const stored = window.fake.secrets.entries.get(`openemr.clientSecret.${first}`) ?? '{}';
    const { secret: clientSecret } = JSON.parse(stored) as { secret: string };
    host.panels.at(-1)?.dispose();
    await window.openNewPanel();
    const draft = draftFor(sandbox, { name: 'Clinic B', clientId });
    await window.request('connection.save', { draft, clientSecret, confirmed: false });
    assert.equal((await window.logIn())['kind'], 'done');
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const logins = () =>
    [...window.fake.secrets.entries.keys()].filter((key) => key.startsWith('openemr.tokens.'));
  const state = async () =>
    (await window.request<{ viewModel: PanelViewModel }>('panel.ready')).viewModel.session.state;

  it('names the other connection first, and ends nothing when that is declined', async () => {
    host.scriptedButtons.push(undefined);
    assert.equal((await window.request('session.logOut'))['kind'], 'cancelled');
    const question = host.messages.at(-1);
    assert.equal(question?.options.modal, true);
    assert.match(question.options.detail ?? '', /Clinic A/);
    assert.doesNotMatch(question.options.detail ?? '', /Clinic B/);
    assert.equal(logins().length, 2);
    assert.equal(await state(), 'valid');
  });

  it('ends both once that is agreed to, and asks the other one to log in again', async () => {
    host.scriptedButtons.push('Log out');
    assert.equal((await window.request('session.logOut'))['kind'], 'done');
    assert.equal(await state(), 'none');
    await window.pickWhile(() => window.command('switchConnection'), 'Clinic A');
    await window.openPanel();
    assert.equal(await state(), 'reauthenticationRequired');
  });
});
