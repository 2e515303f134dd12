import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { basename } from 'node:path';
import sinon from 'sinon';
import { Uri, window } from 'vscode';
import type { HostMessage, ReadyResult } from '../../../src/protocol/panelMessages.ts';
import { ConnectionPanels } from '../../../src/vscode/webview/connectionPanels.ts';
import { panelViewType } from '../../../src/vscode/panelViewType.ts';
import { host } from '../../fakes/vscode.ts';
import type { FakeWebviewPanel } from '../../fakes/webviewPanel.ts';
import { report, ScriptedBackend, viewModelOf } from './scriptedBackend.ts';
import { ScriptedAuditLog } from './scriptedAuditLog.ts';
import { ScriptedDoctor } from './scriptedDoctor.ts';

const { saved: draft } = viewModelOf('clinic-a');

describe('connection panel host', () => {
  let backend: ScriptedBackend;
  let panels: ConnectionPanels;
  let logged: string[];

  beforeEach(() => {
    backend = new ScriptedBackend();
    logged = [];
    const write = (message: string) => void logged.push(message);
    const log = { debug: write, info: write, warn: write, error: write };
    panels = new ConnectionPanels({
      ...{
        backend,
        log,
        auditLog: new ScriptedAuditLog(),
        doctor: new ScriptedDoctor(),
        extensionUri: Uri.file('/extension'),
      },
    });
  });
  afterEach(() => {
    panels.dispose();
    sinon.restore();
    host.reset();
  });

  async function settle(): Promise<void> {
    for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  }

  function open(connectionId?: string): FakeWebviewPanel {
    panels.open(connectionId);
    return host.lastPanel;
  }

  /** A panel whose page has got what is told in the beginning. */
  async function opened(connectionId: string): Promise<FakeWebviewPanel> {
    const panel = open(connectionId);
    await settle();
    panel.posted.length = 0;
    return panel;
  }

  function deliveredIn(html: string): ReadyResult {
    const json = /<script type="application\/json" id="ready">([^]*?)<\/script>/.exec(html)?.[1];
    assert.ok(json, 'nothing came with the page');
    return JSON.parse(json) as ReadyResult;
  }

  async function send(panel: FakeWebviewPanel, message: unknown): Promise<HostMessage[]> {
    const before = panel.posted.length;
    panel.receive(message);
    await settle();
    return panel.posted.slice(before) as HostMessage[];
  }

  it('shows a page that runs its own scripts only and reads its own folder only', async () => {
    const { webview } = open('clinic-a');
    await settle();
    const policy = /Content-Security-Policy" content="([^"]+)"/.exec(webview.html)?.[1] ?? '';
    assert.match(policy, /^default-src 'none';/);
    assert.doesNotMatch(policy, /unsafe|\*(?!\.vscode-cdn\.net)/);
    const nonce = /script-src 'nonce-([\w-]{20,})'/.exec(policy)?.[1];
    assert.ok(nonce && webview.html.includes(`nonce="${nonce}"`));
    assert.doesNotMatch(
      webview.html,
      /<style| style=| on[a-z]+=|<script(?! type="application\/json"|[^>]*src=)/,
    );
    const options = webview.options as { localResourceRoots: Uri[]; enableScripts: boolean };
    assert.deepEqual(
      options.localResourceRoots.map(({ path }) => path),
      ['/extension/dist/webview'],
    );
    assert.equal(options.enableScripts, true);
  });

  it('brings what the form shows with the page, so that nothing has to be asked before', async () => {
    const { webview } = open('clinic-a');
    await settle();
    const { strings, viewModel, test } = deliveredIn(webview.html);
    assert.equal(strings.discover, 'Discover');
    assert.deepEqual(viewModel, viewModelOf('clinic-a'));
    assert.deepEqual(test, { state: 'none' });
  });

  it('brings at first what is known without secret storage, and tells the rest when the page asks', async () => {
    const { session, ...rest } = viewModelOf('clinic-a');
    backend.openingView = () => Promise.resolve({ ...rest, session });
    const viewModel = { ...rest, session: { ...session, scopesGranted: ['openid'] } };
    backend.viewModel = () => Promise.resolve(viewModel);
    const panel = open('clinic-a');
    await settle();
    assert.deepEqual(deliveredIn(panel.webview.html).viewModel.session.scopesGranted, []);
    const [answer] = await send(panel, { type: 'panel.ready', id: 1 });
    assert.equal(answer?.type, 'panel.ready.result');
    assert.deepEqual(answer.result.viewModel, viewModel);
  });

  it('lets no name end the data in the page or begin anything else', async () => {
    const name = `</script><script>alert(1)</script><!--<script> ' " & \u2028 \\u003c ]]>`;
    const { saved, ...rest } = viewModelOf('clinic-a');
    backend.viewModel = () => Promise.resolve({ ...rest, saved: { ...saved, name } });
    const { webview } = open('clinic-a');
    await settle();
    assert.equal(deliveredIn(webview.html).viewModel.saved.name, name);
    assert.equal(webview.html.match(/<script/g)?.length, 2);
    assert.equal(webview.html.match(/<\/script/g)?.length, 2);
    assert.ok(!webview.html.includes('<!--'));
  });

  it('brings nothing that is not in the protocol, and nothing of a moment that has passed', async () => {
    backend.viewModel = () =>
      Promise.resolve({ ...viewModelOf('clinic-a'), accessToken: 'eyJ.secret' } as never);
    const strayed = open('clinic-a');
    await settle();
    assert.match(strayed.webview.html, /<connection-panel/);
    assert.doesNotMatch(strayed.webview.html, /eyJ|application\/json/);
    backend.viewModel = (id) => Promise.resolve(viewModelOf(id ?? ''));
    const panel = open('clinic-b');
    await settle();
    assert.match(panel.webview.html, /application\/json/);
    panel.changeVisibility(false);
    assert.doesNotMatch(panel.webview.html, /application\/json/);
  });

  it('opens a page that has to ask where the state is slow to come', async () => {
    const clock = sinon.useFakeTimers();
    backend.viewModel = () => new Promise(() => undefined);
    const { webview } = open('clinic-a');
    await clock.tickAsync(100);
    assert.equal(webview.html, '');
    await clock.tickAsync(400);
    assert.match(webview.html, /<connection-panel/);
    assert.doesNotMatch(webview.html, /application\/json/);
  });

  it('answers a page that is ready with texts and view model, and names its tab', async () => {
    const panel = open('clinic-a');
    const [answer] = await send(panel, { type: 'panel.ready', id: 1 });
    assert.equal(answer?.type, 'panel.ready.result');
    assert.equal(answer.id, 1);
    assert.equal(answer.result.strings.discover, 'Discover');
    assert.equal(answer.result.viewModel.connectionId, 'clinic-a');
    assert.deepEqual(answer.result.test, { state: 'none' });
    assert.equal(panel.title, 'OpenEMR: Clinic A');
  });

  it('ignores what is not in the protocol, without writing its content down', async () => {
    const panel = open('clinic-a');
    const hostile = [
      { type: 'session.logIn', id: 7, connectionId: 'another' },
      { type: 'shell.run', id: 8, command: 'hostile' },
      { type: 'connection.validate', id: 9, draft: { ...draft, clientSecret: 'hostile' } },
    ];
    for (const message of hostile) {
      const [answer] = await send(panel, message);
      assert.equal(answer?.type, 'request.failed');
      assert.equal(answer.id, message.id);
      assert.equal(answer.error.code, 'protocol/invalid-message');
    }
    for (const message of [undefined, 'text', 4, [], { id: -1 }, { type: 'session.logIn' }]) {
      assert.deepEqual(await send(panel, message), []);
    }
    assert.deepEqual(backend.calls, []);
    assert.equal(logged.length, 9);
    assert.doesNotMatch(logged.join(' '), /hostile|another/);
  });

  it('keeps a token that strays into an answer on its side', async () => {
    backend.viewModel = () =>
      Promise.resolve({ ...viewModelOf('clinic-a'), accessToken: 'eyJ.secret' } as never);
    const panel = open('clinic-a');
    const [answer] = await send(panel, { type: 'panel.ready', id: 1 });
    assert.equal(answer?.type, 'request.failed');
    assert.doesNotMatch(JSON.stringify([panel.posted, logged]), /eyJ/);
    assert.equal(logged.length, 1);
  });

  it('turns what the backend throws into a failure with a text', async () => {
    backend.viewModel = () => Promise.reject(new Error('boom'));
    const [answer] = await send(open('gone'), { type: 'panel.ready', id: 3 });
    assert.equal(answer?.type, 'request.failed');
    assert.equal(answer.error.code, 'internal/unexpected');
  });

  it('adopts the connection that a first save created, and tells what is saved before that it is', async () => {
    const panel = open();
    const save = { type: 'connection.save', id: 2, draft, confirmed: false, clientSecret: 's3cret' };
    const messages = await send(panel, save);
    assert.deepEqual(
      messages.map(({ type }) => type),
      ['panel.changed', 'connection.save.result'],
    );
    assert.deepEqual(backend.calls[0]?.argument, { draft, clientSecret: 's3cret', confirmed: false });
    await send(panel, { type: 'session.logIn', id: 3 });
    assert.deepEqual(backend.calls[1], { name: 'logIn', argument: 'new-id' });
    panels.open('new-id');
    assert.equal(host.panels.length, 1);
    assert.equal(panel.revealCount, 1);
    await send(panel, { type: 'client.register', id: 4, draft, confirmed: true });
    assert.deepEqual(backend.calls[2]?.argument, { connectionId: 'new-id', draft, confirmed: true });
  });

  it('refuses what needs a saved connection while there is none', async () => {
    const panel = open();
    for (const type of [
      'session.logIn',
      'session.refresh',
      'session.logOut',
      'connection.test',
      'client.check',
    ]) {
      const answers = await send(panel, { type, id: 5 });
      const failure = answers.find((answer) => answer.type === 'request.failed');
      assert.equal(failure?.error.code, 'connection/not-found', type);
    }
  });

  it('passes the other requests on and answers each with its own result', async () => {
    const panel = open('clinic-a');
    const requests = [
      { type: 'connection.validate', draft },
      { type: 'connection.discover', draft },
      { type: 'connection.trustCertificate', draft, sha256: `${'AB:'.repeat(31)}AB` },
      { type: 'client.check' },
      { type: 'client.openApiClients' },
      { type: 'session.refresh' },
      { type: 'session.logOut' },
      { type: 'action.run', actionId: 'chooseScopes' },
      { type: 'operation.cancel', operation: 'test' },
    ];
    for (const [index, request] of requests.entries()) {
      const answers = await send(panel, { ...request, id: index + 1 });
      const result = answers.find((answer) => 'id' in answer);
      assert.equal(result?.type, `${request.type}.result`);
      assert.equal(result.id, index + 1);
    }
  });

  it('streams the rows of a test and shows the running test to a page that comes back', async () => {
    let finish: () => void = () => undefined;
    backend.testConnection = (_id, onRow) => {
      report.rows.forEach(onRow);
      return new Promise((resolve) => (finish = () => resolve(report)));
    };
    const panel = await opened('clinic-a');
    const started = await send(panel, { type: 'connection.test', id: 1 });
    assert.deepEqual(
      started.map(({ type }) => type),
      ['operation.changed', 'test.changed', 'test.changed'],
    );
    panel.changeVisibility(false);
    panel.changeVisibility(true);
    const [ready] = await send(panel, { type: 'panel.ready', id: 2 });
    assert.equal(ready?.type, 'panel.ready.result');
    assert.equal(ready.result.operation, 'test');
    assert.deepEqual(ready.result.test, { state: 'running', rows: report.rows });
    finish();
    await settle();
    assert.deepEqual(
      panel.posted.slice(-3).map((message) => (message as HostMessage).type),
      ['test.changed', 'operation.changed', 'connection.test.result'],
    );
  });

  it('shows a test that ran elsewhere, and a failed one as a failure', async () => {
    backend.testConnection = () => Promise.reject(new Error('boom'));
    const panel = open('clinic-a');
    await panels.open('clinic-a').startTest();
    const failed = panel.posted.findLast((message) => (message as HostMessage).type === 'test.changed');
    assert.equal((failed as Extract<HostMessage, { type: 'test.changed' }>).test.state, 'failed');
    backend.viewModel = () => Promise.resolve(viewModelOf('clinic-a', { lastTest: report }));
    backend.changes.fire('clinic-a');
    await settle();
    assert.deepEqual(panel.posted.at(-1), { type: 'test.changed', test: { state: 'done', report } });
  });

  it('cancels by signal and lets one long operation run at a time', async () => {
    let signal: AbortSignal | undefined;
    backend.logIn = (_id, given) =>
      new Promise((resolve) => {
        signal = given;
        given.addEventListener('abort', () => resolve({ kind: 'cancelled' }));
      });
    const panel = open('clinic-a');
    await send(panel, { type: 'session.logIn', id: 1 });
    const [refused] = await send(panel, { type: 'connection.discover', id: 2, draft });
    assert.equal(refused?.type, 'request.failed');
    assert.equal(refused.error.code, 'operation/busy');
    await assert.rejects(panels.open('clinic-a').startTest(), { code: 'operation/busy' });
    await send(panel, { type: 'operation.cancel', id: 3, operation: 'test' });
    assert.equal(signal?.aborted, false);
    const answers = await send(panel, { type: 'operation.cancel', id: 4, operation: 'logIn' });
    assert.equal(signal.aborted, true);
    const outcome = answers.find((answer) => answer.type === 'session.logIn.result');
    assert.deepEqual(outcome?.result, { kind: 'cancelled' });
  });

  it('ends a request that never comes to an end', async () => {
    const clock = sinon.useFakeTimers();
    backend.discover = () => new Promise(() => undefined);
    backend.refreshToken = () => new Promise(() => undefined);
    const panel = open('clinic-a');
    panel.receive({ type: 'connection.discover', id: 1, draft });
    panel.receive({ type: 'session.refresh', id: 2 });
    await clock.tickAsync(95_000);
    const failures = (panel.posted as HostMessage[]).filter((message) => message.type === 'request.failed');
    assert.deepEqual(
      failures.map(({ id, error }) => [id, error.code]),
      [
        [2, 'network/timed-out'],
        [1, 'network/timed-out'],
      ],
    );
  });

  it('tells of changes of its own connection only, and of nothing once it is closed', async () => {
    const panel = await opened('clinic-a');
    backend.changes.fire('another');
    await settle();
    assert.deepEqual(panel.posted, []);
    backend.changes.fire('clinic-a');
    await settle();
    backend.changes.fire(undefined);
    await settle();
    assert.deepEqual(
      (panel.posted as HostMessage[]).map(({ type }) => type),
      ['panel.changed', 'panel.changed'],
    );
    backend.viewModel = () => Promise.reject(new Error('deleted'));
    backend.changes.fire('clinic-a');
    await settle();
    assert.match(logged.join(), /could not be brought up to date/);
    panel.dispose();
    backend.changes.fire('clinic-a');
    await settle();
    assert.equal(panel.posted.length, 2);
    panels.open('clinic-a');
    assert.equal(host.panels.length, 2);
  });

  it('stops what is under way when the panel is closed', async () => {
    let signal: AbortSignal | undefined;
    backend.discover = (_submission, given) => {
      signal = given;
      return new Promise(() => undefined);
    };
    const panel = open('clinic-a');
    await send(panel, { type: 'connection.discover', id: 1, draft });
    panel.dispose();
    assert.equal(signal?.aborted, true);
  });

  it('keeps what is to be shown until the page can listen', async () => {
    panels.open('clinic-a', { section: 'connection', field: 'scopes' });
    const panel = host.lastPanel;
    assert.equal(panel.posted.length, 0);
    await settle();
    assert.deepEqual(panel.posted[0], { type: 'panel.show', section: 'connection', field: 'scopes' });
    panel.changeVisibility(false);
    panel.posted.length = 0;
    panels.open('clinic-a', { section: 'explorer' });
    assert.equal(panel.posted.length, 0);
    const messages = await send(panel, { type: 'panel.ready', id: 1 });
    assert.deepEqual(messages[1], { type: 'panel.show', section: 'explorer' });
    panels.open('clinic-a', { section: 'status' });
    assert.deepEqual(panel.posted.at(-1), { type: 'panel.show', section: 'status' });
  });

  it('wears the icon of the workbench in its tab, in the colour of the theme', async () => {
    open('clinic-a');
    const { light, dark } = host.lastPanel.iconPath as Record<'light' | 'dark', Uri>;
    for (const { fsPath } of [light, dark]) {
      const file = new URL(`../../../media/icons/${basename(fsPath)}`, import.meta.url);
      assert.match(await readFile(file, 'utf8'), /^<svg/);
    }
    assert.notEqual(light.fsPath, dark.fsPath);
  });

  it('restores a panel after a restart, and starts anew from a state that does not parse', async () => {
    const viewType = panelViewType;
    window.registerWebviewPanelSerializer(viewType, panels);
    const state = { version: 1, connectionId: 'clinic-a', section: 'status' };
    const restored = await host.restorePanel({ viewType, title: 'OpenEMR: Clinic A', state });
    const [ready] = await send(restored, { type: 'panel.ready', id: 1 });
    assert.equal(ready?.type, 'panel.ready.result');
    assert.equal(ready.result.viewModel.connectionId, 'clinic-a');
    for (const broken of [undefined, 'text', { ...state, version: 2 }, { ...state, token: 'x' }]) {
      const panel = await host.restorePanel({ viewType, state: broken });
      const [answer] = await send(panel, { type: 'panel.ready', id: 1 });
      assert.equal(answer?.type, 'panel.ready.result');
      assert.equal(answer.result.viewModel.connectionId, undefined);
    }
  });
});
