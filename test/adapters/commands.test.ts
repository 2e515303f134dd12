import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { commandIds } from '../../src/vscode/commandIds.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { host } from '../fakes/vscode.ts';
import { admin, draftFor, until, WorkbenchWindow } from './workbenchWindow.ts';

const needConnection = ['logIn', 'logOut', 'testConnection', 'refreshToken', 'trustServerCertificate'];

describe('The commands without a connection', () => {
  let window: WorkbenchWindow;

  beforeEach(async () => {
    window = await WorkbenchWindow.open();
  });
  afterEach(() => window.close());

  it('are there as soon as the extension is active', () => {
    assert.deepEqual(
      commandIds.filter((id) => !host.commands.has(`openemr.${id}`)),
      [],
    );
  });

  for (const id of ['configureConnection', 'registerClient', ...needConnection]) {
    it(`lead from ${id} to the form of a new connection`, async () => {
      await window.command(id);
      const ready = await window.request<{ viewModel: { connectionId?: string; step: string } }>(
        'panel.ready',
      );
      assert.equal(ready.viewModel.connectionId, undefined);
      assert.equal(ready.viewModel.step, 'connect');
      assert.equal(window.panel.title, 'OpenEMR: New Connection');
    });
  }

  it('offer to set a connection up in the menu', async () => {
    await window.pickWhile(() => window.command('showMenu'), 'Add connection');
    assert.equal(host.panels.length, 1);
    assert.ok(!host.lastQuickPick.labels.some((label) => /Log in|Test|Refresh/.test(label)));
  });

  it('open the log', async () => {
    await window.command('showLog');
    assert.equal(host.logChannels.at(-1)?.isShown, true);
  });

  it('show no status bar item', () => {
    assert.equal(host.statusBarItems.at(-1)?.isVisible, false);
  });

  it('stop a sandbox that does not run without a word', async () => {
    await window.command('stopSandbox');
    assert.deepEqual(host.messages, []);
  });
});

describe('The commands with a connection', () => {
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

  /** Presses Log in in the palette and signs in; the command goes on until its notification is answered. */
  async function startLogIn(): Promise<{ command: Promise<void> }> {
    const before = host.opened.length;
    const command = window.command('logIn');
    await fetch(await signIn(await window.openedPage(before), admin));
    await until(() => host.messages.find(({ text }) => /you are signed in/.test(text)));
    return { command };
  }

  it('log in and offer the test once', async () => {
    await window.connect(sandbox);
    const { command } = await startLogIn();
    const message = host.lastMessage;
    assert.deepEqual(message.buttons, ['Test connection']);
    message.press('Test connection');
    await command;
    assert.equal(host.messages.length, 1);
    const shown = window.panel.posted.map((posted) => JSON.stringify(posted));
    assert.ok(shown.some((text) => /"section":"testResults"/.test(text)));
    assert.ok(shown.some((text) => /"state":"done"/.test(text)));
    assert.deepEqual(
      host.progresses.map(({ isRunning }) => isRunning),
      [false],
    );
  });

  it('refresh and log out with a word in the status bar', async () => {
    await window.connect(sandbox);
    await window.logIn();
    await window.command('refreshToken');
    await window.command('logOut');
    assert.deepEqual(host.statusBarMessages, ['Clinic A: the token was refreshed.', 'Clinic A: signed out.']);
    assert.deepEqual(host.messages, []);
    await until(() => (/signed out/.test(window.statusText) ? true : undefined));
  });

  it('leave every other connection alone where the one that a view names is gone', async () => {
    await window.connect(sandbox);
    await window.logIn();
    const command = host.commands.get('openemr.logOut')?.({ id: 'removed-meanwhile' });
    (await until(() => host.messages.at(-1))).close();
    await command;
    assert.match(host.lastMessage.text, /connection/);
    assert.doesNotMatch(window.statusText, /signed out/);
  });

  it('show why they failed, with a button that helps', async () => {
    await window.connect(sandbox);
    const command = window.command('refreshToken');
    const message = await until(() => host.messages.at(-1));
    assert.match(message.text, /You are not signed in/);
    const before = host.opened.length;
    message.press('Log in');
    await command;
    await fetch(await signIn(await window.openedPage(before), admin));
    await until(() => (/min|1 h/.test(window.statusText) ? true : undefined));
  });

  it('switch between connections and keep the choice over a reload', async () => {
    await window.connect(sandbox);
    await window.connect(sandbox, { name: 'Clinic B' });
    await until(() => (/Clinic A/.test(window.statusText) ? true : undefined));
    await window.pickWhile(() => window.command('switchConnection'), 'Clinic B');
    await until(() => (/Clinic B/.test(window.statusText) ? true : undefined));
    await window.reload();
    await until(() => (/Clinic B/.test(window.statusText) ? true : undefined));
    await window.command('showLog');
    await until(() => (/Clinic B/.test(window.statusText) ? true : undefined));
  });

  it('change nothing when the list of connections is closed', async () => {
    await window.connect(sandbox);
    const command = window.command('switchConnection');
    (await until(() => host.quickPicks[1])).close();
    await command;
    await until(() => (/Clinic A/.test(window.statusText) ? true : undefined));
  });

  it('name the connections that a logout ends too, and leave everything where the person says no', async () => {
    const { first, second } = await twoConnectionsOfOneClient();
    const command = window.command('logOut');
    const question = await until(() => host.messages.at(-1));
    assert.equal(question.options.modal, true);
    assert.match(question.options.detail ?? '', /Clinic B/);
    question.close();
    await command;
    assert.ok(window.fake.secrets.entries.has(`openemr.tokens.${first}`));
    assert.ok(window.fake.secrets.entries.has(`openemr.tokens.${second}`));
  });

  it('log out of all connections that share user and client where the person agrees', async () => {
    const { first } = await twoConnectionsOfOneClient();
    host.scriptedButtons.push('Log out');
    await window.command('logOut');
    assert.equal(window.fake.secrets.entries.has(`openemr.tokens.${first}`), false);
    await window.pickWhile(() => window.command('switchConnection'), 'Clinic B');
    await until(() => (/log in again/.test(window.statusText) ? true : undefined));
  });

  /** The second one has the first one's client, entered by hand. */
  async function twoConnectionsOfOneClient(): Promise<{ first: string; second: string }> {
    const first = await window.connect(sandbox);
    const stored = window.fake.secrets.entries.get(`openemr.clientSecret.${first}`) ?? '';
    const { secret } = JSON.parse(stored) as { secret: string };
    const [{ clientId }] = host.settings.get('openemr.connections') as [{ clientId: string }];
    await window.logIn();
    await window.openNewPanel();
    const draft = draftFor(sandbox, { name: 'Clinic B', clientId });
    const saved = await window.request('connection.save', { draft, clientSecret: secret, confirmed: false });
    assert.equal(saved['kind'], 'saved', JSON.stringify(saved));
    const loggedIn = await window.logIn();
    assert.equal(loggedIn['kind'], 'done', JSON.stringify(loggedIn));
    return { first, second: String(saved['connectionId']) };
  }

  it('say of a server without encryption that there is no certificate to trust', async () => {
    await window.connect(sandbox);
    await window.command('trustServerCertificate');
    assert.deepEqual(host.messages, []);
    assert.match(host.statusBarMessages.at(-1) ?? '', /^Clinic A: .*without a certificate/);
  });

  it('never turn a name into a link of a notification', async () => {
    const name = 'A [click](command:workbench.action.quit)';
    await window.connect(sandbox, { name });
    const { command } = await startLogIn();
    host.lastMessage.close();
    await command;
    await window.command('refreshToken');
    const shown = [
      ...host.messages.flatMap(({ text, options }) => [text, options.detail ?? '']),
      ...host.progresses.map(({ options }) => options.title ?? ''),
    ];
    assert.ok(shown.some((text) => text.includes('click')));
    assert.ok(!shown.some((text) => /\]\(command:workbench/.test(text)), shown.join('\n'));
  });
});

describe('The sandbox commands', function () {
  this.timeout(30_000);
  let window: WorkbenchWindow;

  beforeEach(async () => {
    window = await WorkbenchWindow.open();
  });
  afterEach(() => window.close());

  for (const era of ['7.0', '8.2']) {
    it(`lead to a login at an OpenEMR ${era} of one's own, and back`, async () => {
      host.changeSetting('openemr.sandbox.era', era);
      const starting = window.command('startSandbox');
      const offer = await until(() => host.messages.at(-1));
      assert.match(offer.text, /Log in there as admin with the password pass/);
      assert.equal(host.contextKeys.get('openemr.sandboxRunning'), true);
      await until(() => (/\$\(.*Sandbox/.test(window.statusText) ? true : undefined));
      const before = host.opened.length;
      offer.press('Log in');
      const callbackUrl = await signIn(await window.openedPage(before), admin);
      await host.deliverUri(callbackUrl);
      await until(() => host.messages.find(({ text }) => /you are signed in/.test(text)));
      host.lastMessage.close();
      await starting;
      await until(() => (/\$\(beaker\) OpenEMR: Sandbox/.test(window.statusText) ? true : undefined));

      await window.command('stopSandbox');
      await until(() => (host.contextKeys.get('openemr.sandboxRunning') === false ? true : undefined));
      const [{ baseUrl }] = host.settings.get('openemr.connections') as [{ baseUrl: string }];
      await assert.rejects(fetch(baseUrl));
      await until(() => (/\$\(beaker\)/.test(window.statusText) ? undefined : true));
    });
  }

  it('start the sandbox again with the same connection', async () => {
    host.scriptedButtons.push(undefined, undefined);
    await window.command('startSandbox');
    await window.command('stopSandbox');
    await window.command('startSandbox');
    assert.equal((host.settings.get('openemr.connections') as unknown[]).length, 1);
    assert.equal(host.panels.length, 1);
  });

  it("keep what was chosen for the sandbox, and leave a server of one's own alone that has its id", async () => {
    const own = {
      ...{ id: 'sandbox', name: 'Ours', baseUrl: 'https://emr.example.org', site: 'default' },
      ...{ clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
    };
    host.changeSetting('openemr.connections', [own]);
    host.scriptedButtons.push(undefined, undefined);
    await window.command('startSandbox');
    const saved = () =>
      host.settings.get('openemr.connections') as [typeof own, typeof own & { environment?: string }];
    assert.deepEqual(saved()[0], own);
    const scopes = ['openid', 'api:fhir', 'user/Goal.read'];
    host.changeSetting('openemr.connections', [
      own,
      { ...saved()[1], name: 'Practice', scopes, environment: 'training' },
    ]);
    await window.command('stopSandbox');
    await window.command('startSandbox');
    assert.equal(saved().length, 2);
    const { name, environment } = saved()[1];
    assert.deepEqual([name, environment, saved()[1].scopes], ['Practice', 'training', scopes]);
  });
});
