import assert from 'node:assert/strict';
import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { WorkbenchWindow } from './workbenchWindow.ts';

/** A real OpenEMR takes up to 280 ms for each; the code lives for a minute. */
const mostRequestsAfterTheCallback = 2;

for (const era of ['7.0', '8.2'] as const) {
  describe(`A login at an OpenEMR ${era}`, () => {
    let sandbox: RunningSandbox;
    let window: WorkbenchWindow;

    before(async () => {
      sandbox = await startSandbox({ era });
      window = await WorkbenchWindow.open();
    });
    after(async () => {
      await window.close();
      await sandbox.stop();
    });

    const requests = async (): Promise<string[]> => {
      const answer = await fetch(`${sandbox.baseUrl}/sandbox/log`);
      const entries = (await answer.json()) as { kind: string; method: string; path: string }[];
      return entries
        .filter(({ kind, path }) => kind === 'request' && !path.startsWith('/sandbox/'))
        .map(({ method, path }) => `${method} ${path}`);
    };

    it(`asks the server at most ${mostRequestsAfterTheCallback} things once the browser is back`, async () => {
      await window.command('configureConnection');
      await window.request('panel.ready');
      const registered = await window.request('client.register', {
        draft: {
          name: 'Clinic A',
          baseUrl: sandbox.baseUrl,
          site: 'default',
          clientType: 'confidential',
          clientId: '',
          scopes: [...defaultScopesFor('confidential')],
          callback: 'loopback',
        },
        confirmed: false,
      });
      const enable = `${sandbox.baseUrl}/sandbox/clients/${String(registered['clientId'])}/enable`;
      await fetch(enable, { method: 'POST' });

      const outcome = await window.logIn({ username: 'admin', password: 'pass' }, async (callbackUrl) => {
        await fetch(`${sandbox.baseUrl}/sandbox/log`, { method: 'DELETE' });
        return fetch(callbackUrl);
      });
      assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
      const seen = await requests();
      assert.ok(seen.includes('POST /oauth2/default/token'), seen.join(', '));
      assert.ok(seen.length <= mostRequestsAfterTheCallback, seen.join(', '));
    });
  });
}
