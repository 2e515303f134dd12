import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import type { PanelViewModel } from '../../src/protocol/viewModels.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { host } from '../fakes/vscode.ts';
import { admin, draftFor, until, WorkbenchWindow } from './workbenchWindow.ts';

describe('What was lost, broken or left over', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const ready = async (): Promise<PanelViewModel> =>
    (await window.request<{ viewModel: PanelViewModel }>('panel.ready')).viewModel;
  const restore = (connectionId: string) =>
    host.restorePanel({
      viewType: 'openemr.connectionPanel',
      state: { version: 1, connectionId, section: 'status' },
    });
  const waitForStatus = (text: RegExp) => until(() => (text.test(window.statusText) ? true : undefined));

  it('a panel comes back after a restart with its connection', async () => {
    const connectionId = await window.connect(sandbox);
    await window.reload();
    await restore(connectionId);
    const viewModel = await ready();
    assert.deepEqual([viewModel.connectionId, viewModel.saved.name], [connectionId, 'Clinic A']);
  });

  it('a panel whose connection is gone says so above the form of a new one, which works', async () => {
    await restore('was-deleted');
    const viewModel = await ready();
    assert.equal(viewModel.notice?.code, 'connection/not-found');
    assert.equal(viewModel.connectionId, undefined);
    const shown = await window.request('action.run', { actionId: viewModel.notice.action?.id });
    assert.deepEqual(shown['show'], { section: 'connection' });
    const draft = draftFor(sandbox);
    assert.equal((await window.request('connection.save', { draft, confirmed: false }))['kind'], 'saved');
  });

  it('a panel with a state of another version opens as the form of a new connection', async () => {
    await host.restorePanel({ viewType: 'openemr.connectionPanel', state: { version: 99 } });
    assert.equal((await ready()).connectionId, undefined);
  });

  it('a broken entry in the settings is left alone, and the good ones work', async () => {
    await window.connect(sandbox);
    const good = host.settings.get('openemr.connections') as object[];
    const broken = { id: 'broken', name: 'Broken', baseUrl: 'ftp://nowhere', secretLooking: 'x' };
    host.changeSetting('openemr.connections', [broken, ...good]);
    await window.reload();
    await window.command('showLog');
    assert.match(host.logChannels.flatMap(({ lines }) => lines).join('\n'), /cannot be used \(Broken\)/);
    await waitForStatus(/Clinic A/);
    await window.openPanel();
    const { notice } = await ready();
    assert.match(notice?.happened ?? '', /cannot be used: Broken \(.*baseUrl/);
    assert.equal((await window.request('action.run', { actionId: notice?.action?.id }))['kind'], 'done');
    assert.equal(host.executed.at(-1)?.command, 'workbench.action.openSettingsJson');
    const draft = draftFor(sandbox, { clientId: (await ready()).saved.clientId, callback: 'paste' });
    assert.equal((await window.request('connection.save', { draft, confirmed: false }))['kind'], 'saved');
    const saved = host.settings.get('openemr.connections') as { callback?: string }[];
    assert.deepEqual(saved[0], broken);
    assert.equal(saved[1]?.callback, 'paste');
  });

  it('a setting that is no list is not overwritten', async () => {
    host.changeSetting('openemr.connections', 'oops');
    await window.openPanel();
    const outcome = await window.request('connection.save', { draft: draftFor(sandbox), confirmed: false });
    assert.equal((outcome['error'] as { code: string }).code, 'connection/invalid-settings');
    assert.equal(host.settings.get('openemr.connections'), 'oops');
  });

  it('a stored login that does not parse asks for a new login, which works', async () => {
    const connectionId = await window.connect(sandbox);
    await window.logIn();
    window.fake.secrets.entries.set(`openemr.tokens.${connectionId}`, '{"accessToken":');
    await window.reload();
    await window.command('configureConnection');
    assert.equal((await ready()).session.state, 'reauthenticationRequired');
    await waitForStatus(/log in again/);
    assert.equal((await window.logIn())['kind'], 'done');
    await waitForStatus(/min|1 h/);
  });

  it('a keychain that lost the login is told from never having logged in', async () => {
    const connectionId = await window.connect(sandbox);
    await window.logIn();
    window.fake.secrets.entries.delete(`openemr.tokens.${connectionId}`);
    await window.reload();
    await window.command('configureConnection');
    const { session } = await ready();
    assert.equal(session.lastFailure?.code, 'storage/secret-lost');
    assert.equal((await window.logIn())['kind'], 'done');
  });

  it('a locked keychain is said in the panel, which stays usable', async () => {
    await window.connect(sandbox);
    await window.logIn();
    window.fake.secrets.get = () => Promise.reject(new Error('The keychain is locked'));
    const viewModel = await ready();
    assert.equal(viewModel.saved.name, 'Clinic A');
    assert.equal(viewModel.notice?.code, 'storage/secret-unreadable');
    assert.equal(viewModel.session.lastFailure?.code, 'storage/secret-unreadable');
  });

  it('stored credentials can be reset by the button of the failure', async () => {
    const connectionId = await window.connect(sandbox);
    await window.logIn();
    const done = await window.request('action.run', { actionId: 'resetSecrets' });
    assert.equal(done['kind'], 'done');
    assert.equal(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`), false);
    await waitForStatus(/signed out/);
  });

  it('a start that failed is tried again with the next use', async () => {
    const { context } = window.fake;
    const works = { asAbsolutePath: (path: string) => join(context.extensionPath, path) };
    Object.assign(context, {
      asAbsolutePath: () => {
        throw new Error('The extension is being updated');
      },
    });
    await assert.rejects(window.command('showLog'), /being updated/);
    Object.assign(context, works);
    await window.command('showLog');
    assert.equal(host.logChannels.at(-1)?.isShown, true);
  });
});

describe('The buttons of failures', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
    await window.connect(sandbox);
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const press = (actionId: string) => window.request('action.run', { actionId });

  it('look whether the client is enabled', async () => {
    assert.equal((await press('checkClient'))['message'], 'The client is enabled. You can log in.');
    const [{ clientId }] = host.settings.get('openemr.connections') as [{ clientId: string }];
    await fetch(`${sandbox.baseUrl}/sandbox/clients/${clientId}/disable`, { method: 'POST' });
    assert.match(String((await press('checkClient'))['message']), /not enabled yet\. You will be told/);
  });

  it("open OpenEMR's list of clients", async () => {
    assert.equal((await press('openApiClients'))['kind'], 'done');
    assert.match(String(host.opened.at(-1)), /\/interface\/smart\/admin-client\.php/);
    assert.equal((await window.request('client.openApiClients'))['kind'], 'done');
  });

  it('log in and refresh', async () => {
    const before = host.opened.length;
    const loggedIn = press('logIn');
    await fetch(await signIn(await window.openedPage(before), admin));
    assert.equal((await loggedIn)['message'], 'Signed in.');
    assert.equal((await press('refresh'))['message'], 'The token was refreshed.');
  });

  it('run the test', async () => {
    await press('test');
    assert.match(JSON.stringify(window.panel.posted), /"type":"test\.changed".*"state":"done"/);
  });

  it('lead to the part of the form that helps', async () => {
    for (const id of ['chooseScopes', 'dropScope']) {
      assert.deepEqual((await press(id))['show'], { section: 'connection', field: 'scopes' });
    }
    for (const id of ['configure', 'register', 'what-nobody-knows']) {
      assert.deepEqual((await press(id))['show'], { section: 'connection' });
    }
  });

  it('show the log and reload the window', async () => {
    await press('showLog');
    assert.equal(host.logChannels.at(-1)?.isShown, true);
    await press('reload');
    assert.ok(host.executed.some(({ command }) => command === 'workbench.action.reloadWindow'));
  });

  it('cannot show a certificate where nothing is encrypted', async () => {
    const outcome = await press('trustCertificate');
    assert.equal((outcome['error'] as { code: string }).code, 'address/invalid');
  });

  it('open the panel where they stand in a notification', async () => {
    await sandbox.stop();
    const command = window.command('logIn');
    const message = await until(() => host.messages.at(-1));
    assert.match(message.text, /no OpenEMR answers at this address/);
    message.press('Check the address');
    await command;
    await until(() =>
      window.panel.posted.find((posted) => /"panel\.show".*"connection"/.test(JSON.stringify(posted))),
    );
    sandbox = await startSandbox();
  });

  it('run the test where they stand in a notification', async () => {
    await window.logIn();
    await fetch(`${sandbox.baseUrl}/sandbox/faults/unavailable`, { method: 'POST' });
    const command = window.command('refreshToken');
    const message = await until(() => host.messages.at(-1));
    await fetch(`${sandbox.baseUrl}/sandbox/faults/unavailable`, { method: 'DELETE' });
    message.press('Try again');
    await command;
    await until(() =>
      window.panel.posted.find((posted) => /"test\.changed".*"state":"done"/.test(JSON.stringify(posted))),
    );
  });
});
