import assert from 'node:assert/strict';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { FileDocument } from '../../src/platform/fileDocument.ts';
import { FileLock } from '../../src/platform/fileLock.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { env, host, UIKind, Uri } from '../fakes/vscode.ts';
import { admin, until, WorkbenchWindow } from './workbenchWindow.ts';

describe('The workbench in a browser', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;
  let requests = 0;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open(() => {
      env.uiKind = UIKind.Web;
      env.uriScheme = 'code-oss';
      // A new address at each call, as code-server makes them.
      host.asExternalUri = () =>
        Uri.parse(`http://127.0.0.1:8000/callback?vscode-reqid=${++requests}&vscode-scheme=code-oss`);
    });
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  it('passes the address of VS Code over, tells why, and comes back by loopback', async () => {
    await window.connect(sandbox, { callback: 'automatic' });
    const outcome = await window.logIn();
    assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    const told = host.lastProgress.messages.join('\n');
    assert.match(told, /The way back by an address of VS Code does not work here: OpenEMR does not accept/);
    await until(() => (/59 min|1 h/.test(window.statusText) ? true : undefined));
  });

  it('opens a sign-in page on this computer by way of a one-time page of its own', async () => {
    await window.connect(sandbox);
    const before = host.opened.length;
    const outcome = window.request('session.logIn');
    const page = await window.openedPage(before);
    assert.match(page, /^http:\/\/127\.0\.0\.1:\d+\/go\/[\w-]+$/);
    const first = await fetch(page, { redirect: 'manual' });
    assert.equal(first.status, 302);
    const loginPage = first.headers.get('location') ?? '';
    assert.ok(loginPage.startsWith(`${sandbox.baseUrl}/oauth2/default/authorize?`), loginPage);
    await fetch(await signIn(loginPage, admin));
    assert.equal((await outcome)['kind'], 'done');
  });

  it('opens API Clients of an OpenEMR on this computer by such a page, once for each time', async () => {
    await window.connect(sandbox);
    const { pathname } = new URL(sandbox.baseUrl);
    for (let times = 0; times < 2; times++) {
      const before = host.opened.length;
      assert.equal((await window.request('client.openApiClients'))['kind'], 'done');
      const page = await window.openedPage(before);
      assert.match(page, /^http:\/\/127\.0\.0\.1:\d+\/go\/[\w-]+$/);
      const answer = await fetch(page, { redirect: 'manual' });
      const target = answer.headers.get('location') ?? '';
      assert.ok(target.startsWith(`${sandbox.baseUrl}${pathname}interface/`), target);
      assert.equal((await fetch(page, { redirect: 'manual' })).status, 404);
    }
  });

  it('does not register the address of VS Code, which changes, unless it was chosen', async () => {
    await window.connect(sandbox, { callback: 'automatic' });
    await window.connect(sandbox, { name: 'Clinic B', callback: 'vscode-uri' });
    const connections = host.settings.get('openemr.connections') as { registeredRedirectUris: string[] }[];
    assert.deepEqual(
      connections.map(({ registeredRedirectUris }) => registeredRedirectUris),
      [['http://127.0.0.1/callback'], ['http://127.0.0.1:8000/callback', 'http://127.0.0.1/callback']],
    );
  });

  it('explains a refused address by the one that was registered and the one that was asked for', async () => {
    await window.connect(sandbox, { callback: 'vscode-uri' });
    const outcome = await window.request('session.logIn');
    const error = outcome['error'] as { code: string; why: string; action: { id: string } };
    assert.equal(error.code, 'authorization/address-refused');
    assert.match(error.why, /registered for http:\/\/127\.0\.0\.1:8000\/callback.*asked for .*vscode-reqid=/);

    const before = host.opened.length;
    assert.equal(error.action.id, 'logInRegisteredAddress');
    const helped = window.request('action.run', { actionId: error.action.id });
    const page = await fetch(await window.openedPage(before), { redirect: 'manual' });
    await fetch(await signIn(page.headers.get('location') ?? '', admin));
    assert.equal((await helped)['kind'], 'done');
  });

  it('writes no secret once another window wrote one, and offers the reload that helps', async () => {
    const connectionId = await window.connect(sandbox);
    await window.logIn();
    await anotherWindowWritesASecret();
    const before = new Map(window.fake.secrets.entries);
    const command = window.command('logIn');
    const message = await until(() => host.messages.at(-1));
    assert.match(message.text, /Another window changed the login/);
    message.press('Reload window');
    await command;
    await until(() => host.executed.find(({ command: id }) => id === 'workbench.action.reloadWindow'));
    assert.deepEqual([...window.fake.secrets.entries], [...before]);
    assert.ok(before.has(`openemr.tokens.${connectionId}`));
  });

  it('says that it is behind where another window logged in', async () => {
    const connectionId = await window.connect(sandbox);
    await changeIndex((index) => {
      index.sessions[connectionId] = { generation: 3, boundTo: 'x', savedAt: Date.now() + 1000 };
    });
    const { viewModel } = await window.request<{
      viewModel: { session: { state: string; lastFailure?: { action: { id: string } } } };
    }>('panel.ready');
    assert.equal(viewModel.session.lastFailure?.action.id, 'reload');
  });

  interface Index {
    lastWriters: { window: string; at: number }[];
    sessions: Record<string, object>;
  }

  const anotherWindowWritesASecret = () =>
    changeIndex((index) => index.lastWriters.push({ window: 'another', at: Date.now() + 1000 }));

  /** As another window does it: under the lock, or a write of this window might be lost or win. */
  function changeIndex(change: (index: Index) => unknown): Promise<void> {
    const lock = new FileLock(join(window.storagePath, 'locks'));
    return new FileDocument(join(window.storagePath, 'index.json'), lock).update((current) => {
      change(current as Index);
      return current;
    });
  }
});
