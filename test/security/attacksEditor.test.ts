import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { readdir, readFile } from 'node:fs/promises';
import { host } from '../fakes/vscode.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { admin, draftFor, enableClient, until, WorkbenchWindow } from '../adapters/workbenchWindow.ts';

const scheme = 'vscode://emr-workbench.openemr-workbench';
const manifest = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8')) as {
  capabilities: { untrustedWorkspaces: { supported: boolean } };
  contributes: {
    commands: { command: string }[];
    configuration: { properties: Record<string, { scope: string }> };
  };
};

describe('An attacker whose web page opens addresses of VS Code, or who owns a workspace or another extension', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox({ era: '8.2' });
    window = await WorkbenchWindow.open();
  });
  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const auditText = async (): Promise<string> => {
    const folder = `${window.storagePath}/audit`;
    const names = await readdir(folder).catch(() => []);
    const logs = names.filter((name) => name.endsWith('.jsonl'));
    return (await Promise.all(logs.map((name) => readFile(`${folder}/${name}`, 'utf8')))).join('');
  };
  const logInWith = async (attack: () => Promise<unknown>) => {
    const { clientId } = await window.register(draftFor(sandbox, { callback: 'automatic' }));
    await enableClient(sandbox, clientId);
    return window.logIn(admin, async (callbackUrl) => {
      await attack();
      await host.deliverUri(callbackUrl);
    });
  };

  it('cannot end a login by vscode://…?error=…, with or without a state of its own', async () => {
    const outcome = await logInWith(async () => {
      for (const query of [
        'error=access_denied',
        'error=server_error&state=x',
        'error=invalid_scope',
        'error=',
      ]) {
        await host.deliverUri(`${scheme}/callback?${query}`);
      }
    });
    assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
  });

  it('cannot replace a login by a code of its own (code injection, login CSRF)', async () => {
    const outcome = await logInWith(async () => {
      await host.deliverUri(`${scheme}/callback?code=of-the-attacker&state=of-the-attacker`);
      await host.deliverUri(`${scheme}/callback?code=of-the-attacker`);
    });
    assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    const log = (await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).text()).includes('of-the-attacker');
    assert.equal(log, false);
  });

  it('cannot starve a login by a flood: what is too much is dropped silently and counted, the answer gets through', async () => {
    const messages = host.messages.length;
    const outcome = await logInWith(async () => {
      for (let i = 0; i < 200; i++) await host.deliverUri(`${scheme}/callback?code=x&state=made-up-${i}`);
    });
    assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    assert.deepEqual(
      host.messages.slice(messages).filter(({ text }) => /callback|refused/i.test(text)),
      [],
    );
    await until(async () => ((await auditText()).includes('"reason":"too-many"') ? true : undefined));
  });

  it('cannot replay a callback that was used', async () => {
    let used = '';
    const { clientId } = await window.register(draftFor(sandbox, { callback: 'automatic' }));
    await enableClient(sandbox, clientId);
    await window.logIn(admin, (callbackUrl) => {
      used = callbackUrl;
      return host.deliverUri(callbackUrl);
    });
    const before = await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).text();
    await host.deliverUri(used);
    await new Promise((resolve) => setTimeout(resolve, 300));
    assert.equal(await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).text(), before);
  });

  it('cannot trigger anything else by an address: every other path is ignored', async () => {
    const opened = host.opened.length;
    for (const path of [
      '/',
      '/logout',
      '/reset',
      '/callback/../logOut',
      '/command?openemr.logOut',
      '/CALLBACK?code=x',
    ]) {
      await host.deliverUri(`${scheme}${path}`);
    }
    assert.equal(host.opened.length, opened);
    assert.equal(host.panels.length, 0);
  });

  it('gets nothing from a command: none answers with anything', async () => {
    const connectionId = await window.connect(sandbox);
    await window.logIn(admin);
    assert.ok(connectionId);
    const quiet = ['testConnection', 'refreshToken', 'showAuditLog', 'configureConnection', 'showLog'];
    for (const id of quiet) assert.equal(await host.commands.get(`openemr.${id}`)?.(), undefined, id);
  });

  it('cannot redirect a login by a workspace: settings that bear on security are application settings', () => {
    for (const [name, { scope }] of Object.entries(manifest.contributes.configuration.properties)) {
      if (/^openemr\.(connections|audit|sandbox)/.test(name)) assert.equal(scope, 'application', name);
    }
    assert.equal(manifest.capabilities.untrustedWorkspaces.supported, true);
  });

  it('cannot run a script in the panel, load one from elsewhere, or read files beside it', async () => {
    await window.command('configureConnection');
    const { html, options } = window.panel.webview;
    const policy = /Content-Security-Policy" content="([^"]*)"/.exec(html)?.[1] ?? '';
    assert.match(policy, /default-src 'none'/);
    // VS Code's own source of files aside.
    assert.doesNotMatch(policy.replaceAll(window.panel.webview.cspSource, ''), /unsafe|https?:|\*|data:/);
    assert.match(policy, /script-src 'nonce-[\w-]{20,}'/);
    // What the page shows first comes along as data, which no browser runs.
    const code = html.replace(/<script type="application\/json" id="ready">[^<]*<\/script>/, '');
    assert.doesNotMatch(code, /<script(?![^>]*nonce)|\son\w+=|\sstyle="/);
    const allowed = options as {
      localResourceRoots: { fsPath: string }[];
      enableCommandUris: boolean;
      enableForms: boolean;
    };
    const roots = allowed.localResourceRoots;
    assert.deepEqual(
      roots.map(({ fsPath }) => /dist[/\\]webview$/.test(fsPath)),
      [true],
    );
    assert.deepEqual([allowed.enableCommandUris, allowed.enableForms], [false, false]);
  });

  it('cannot use another nonce twice: each page has its own', async () => {
    await window.command('configureConnection');
    const first = /nonce="([^"]+)"/.exec(window.panel.webview.html)?.[1];
    window.panel.dispose();
    await window.command('configureConnection');
    assert.notEqual(/nonce="([^"]+)"/.exec(window.panel.webview.html)?.[1], first);
  });

  it('is stopped by the limit when a script presses Log in over and over', async () => {
    await window.connect(sandbox);
    const outcomes = [];
    for (let i = 0; i < 11; i++) {
      const running = window.request('session.logIn');
      await Promise.race([running, until(() => (host.opened.length > i ? true : undefined))]).catch(
        () => undefined,
      );
      await window.request('operation.cancel', { operation: 'logIn' });
      outcomes.push(await running);
    }
    const last = outcomes.at(-1) as { kind: string; error?: { code: string } };
    assert.deepEqual([last.kind, last.error?.code], ['failed', 'limit/reached']);
  });

  it('leaves what it tried in the audit log', async () => {
    await window.command('showLog');
    await host.deliverUri(`${scheme}/callback?code=x&state=made-up`);
    const text = await until(async () => {
      const found = await auditText();
      return found.includes('"reason":"unsolicited"') ? found : undefined;
    });
    assert.doesNotMatch(text, /made-up/);
  });
});
