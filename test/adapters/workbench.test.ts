import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
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
      assert.match(window.statusText, /signed out/);

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
      const { signIn } = await import('../fakes/personAtBrowser.ts');
      await fetch(await signIn(page, admin));
      await until(() => host.messages.find(({ text }) => /you are signed in/.test(text)));
      await until(() => (/59 min|1 h/.test(window.statusText) ? true : undefined));
      await Promise.race([waiting, Promise.resolve()]);
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
      await window.logIn(admin);
      const { readdir, readFile } = await import('node:fs/promises');
      const secrets = [...window.fake.secrets.entries.values()].join('\n');
      const values = [...secrets.matchAll(/"(?:accessToken|refreshToken|idToken|secret)":"([^"]+)"/g)].map(
        ([, value = '']) => value,
      );
      assert.ok(values.length >= 4);
      const written = [
        JSON.stringify([...window.fake.globalState.entries]),
        JSON.stringify([...window.fake.workspaceState.entries]),
        JSON.stringify([...host.settings]),
        JSON.stringify(host.logChannels.flatMap(({ lines }) => lines)),
        JSON.stringify(window.panel.posted),
      ];
      for (const entry of await readdir(window.storagePath, { recursive: true, withFileTypes: true })) {
        if (entry.isFile()) written.push(await readFile(`${entry.parentPath}/${entry.name}`, 'utf8'));
      }
      for (const value of values) assert.ok(!written.some((text) => text.includes(value)), value.slice(0, 6));
    });
  });
}
