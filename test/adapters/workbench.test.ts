import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { signIn } from '../fakes/personAtBrowser.ts';
import { host } from '../fakes/vscode.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { admin, draftFor, enableClient, until, WorkbenchWindow } from './workbenchWindow.ts';

for (const era of ['7.0', '8.2'] as const) {
  describe(`The workbench with an OpenEMR ${era}`, () => {
    let sandbox: RunningSandbox;
    let window: WorkbenchWindow;

    beforeEach(async () => {
      sandbox = await startSandbox({ era });
      window = await WorkbenchWindow.open();
    });

    afterEach(async () => {
      await window.close();
      await sandbox.stop();
    });

    const register = async (callback: 'automatic' | 'loopback' = 'loopback'): Promise<string> =>
      (await window.register(draftFor(sandbox, { callback }))).clientId;
    const enable = (clientId: string) => enableClient(sandbox, clientId);

    it('leads from a bare address to a verified connection and back to signed out', async () => {
      await window.command('configureConnection');
      await window.request('panel.ready');
      const found = await window.request('connection.discover', { draft: draftFor(sandbox) });
      assert.equal(found['kind'], 'found', JSON.stringify(found));

      const registered = await window.request('client.register', {
        draft: draftFor(sandbox),
        confirmed: false,
      });
      assert.equal(registered['kind'], 'registered', JSON.stringify(registered));
      assert.equal(registered['client'], 'disabled');
      await until(() => (/signed out/.test(window.statusText) ? true : undefined));

      await enable(String(registered['clientId']));
      const checked = await window.request('client.check');
      assert.deepEqual([checked['client'], checked['redirect']], ['enabled', 'accepted']);

      const loggedIn = await window.logIn(admin);
      assert.equal(loggedIn['kind'], 'done', JSON.stringify(loggedIn));
      await until(() => (/59 min|1 h/.test(window.statusText) ? true : undefined));

      await window.request('connection.test');
      const shown = window.panel.posted.findLast((message) =>
        JSON.stringify(message).includes('"state":"done"'),
      );
      const { report } = (shown as { test: { report: Record<string, unknown> } }).test;
      const rows = report['rows'] as { id: string; result: string; patientCount?: { count: number } }[];
      assert.deepEqual(
        rows.filter(({ result }) => result === 'fail'),
        [],
      );
      assert.ok((rows.find(({ id }) => id === 'patientCount')?.patientCount?.count ?? 0) >= 100);

      assert.equal((await window.request('session.refresh'))['kind'], 'done');
      assert.equal((await window.request('session.logOut'))['kind'], 'done');
      await until(() => (/signed out/.test(window.statusText) ? true : undefined));
      assert.equal(
        window.fake.secrets.entries.has(`openemr.tokens.${String(registered['connectionId'])}`),
        false,
      );
    });

    it('explains a login with a client that nobody enabled', async () => {
      await register();
      const outcome = await window.logIn(admin);
      assert.equal(outcome['kind'], 'failed');
      assert.equal((outcome['error'] as { code: string }).code, 'grant/client-refused');
    });

    it('finishes a login after a reload when the browser comes back to the old port', async () => {
      await enable(await register());
      const before = host.opened.length;
      const waiting = window.request('session.logIn').catch(() => undefined);
      const page = await window.openedPage(before);
      await window.reload();
      await window.command('showLog');
      await fetch(await signIn(page, admin));
      await until(() => host.messages.find(({ text }) => /you are signed in/.test(text)));
      await until(() => (/59 min|1 h/.test(window.statusText) ? true : undefined));
      void waiting;
    });

    it('takes the answer through the address of VS Code on a desktop', async () => {
      await enable(await register('automatic'));
      const outcome = await window.logIn(admin, (callbackUrl) => {
        assert.match(callbackUrl, /^vscode:\/\/emr-workbench\.openemr-workbench\/callback\?code=/);
        return host.deliverUri(callbackUrl);
      });
      assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    });

    it('ignores callbacks that nobody asked for, and ends the login by the right one', async () => {
      await enable(await register('automatic'));
      const outcome = await window.logIn(admin, async (callbackUrl) => {
        const scheme = 'vscode://emr-workbench.openemr-workbench';
        await host.deliverUri(`${scheme}/callback?error=access_denied&state=of-somebody-else`);
        await host.deliverUri(`${scheme}/callback?code=made-up&state=of-somebody-else`);
        await host.deliverUri(`${scheme}/elsewhere?code=made-up`);
        await host.deliverUri(callbackUrl);
      });
      assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    });

    it('keeps no token, secret, code or verifier outside of secret storage', async () => {
      await enable(await register());
      const values: string[] = [];
      const collect = () => {
        const stored = [...window.fake.secrets.entries.values()].join('\n');
        const secrets = /"(?:accessToken|refreshToken|idToken|secret|codeVerifier|nonce)":"([^"]+)"/g;
        values.push(...Array.from(stored.matchAll(secrets), ([, value = '']) => value));
      };
      await window.logIn(admin, (callbackUrl) => {
        collect();
        values.push(new URL(callbackUrl).searchParams.get('code') ?? '');
        return fetch(callbackUrl);
      });
      collect();
      await window.request('session.refresh');
      collect();
      await window.request('connection.test');
      assert.ok(new Set(values).size >= 9, String(values.length));
      const written = await everythingWritten();
      for (const value of values) assert.ok(!written.some((text) => text.includes(value)), value.slice(0, 6));
    });

    /** All that the editor was given but secrets: states, settings, log, what people saw, files. */
    async function everythingWritten(): Promise<string[]> {
      const { globalState, workspaceState } = window.fake;
      const written = [
        JSON.stringify([...globalState.entries, ...workspaceState.entries, ...host.settings]),
        JSON.stringify(host.logChannels.flatMap(({ lines }) => lines)),
        JSON.stringify(host.panels.flatMap(({ posted }) => posted)),
        JSON.stringify(host.messages.map(({ text, options }) => [text, options])),
        JSON.stringify(host.progresses.map(({ options, messages }) => [options.title, messages])),
        JSON.stringify([host.executed, host.statusBarMessages, host.statusBarItems]),
      ];
      for (const entry of await readdir(window.storagePath, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) written.push(await readFile(`${entry.parentPath}/${entry.name}`, 'utf8'));
      }
      return written;
    }
  });
}
