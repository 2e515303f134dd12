import assert from 'node:assert/strict';
import { readdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { FaultyDisk } from '../fakes/faultyDisk.ts';
import { host } from '../fakes/vscode.ts';
import { WorkbenchWindow } from './workbenchWindow.ts';

interface Ready {
  readonly viewModel: {
    readonly saved: { readonly name: string };
    readonly session: { readonly state: string };
  };
}
interface Verification {
  readonly tone: string;
  readonly headline: string;
  readonly lines: readonly string[];
}

describe('A window whose storage fails', function () {
  this.timeout(120_000);
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;
  let disk: FaultyDisk;
  let connectionId: string;

  beforeEach(async () => {
    sandbox = await startSandbox({ era: '8.2' });
    window = await WorkbenchWindow.open();
    connectionId = await window.connect(sandbox);
    assert.equal((await window.logIn())['kind'], 'done');
    disk = new FaultyDisk(window.storagePath);
  });
  afterEach(async () => {
    disk.repair();
    disk.restore();
    await window.close();
    await sandbox.stop();
  });

  const ready = async (): Promise<Ready['viewModel']> => {
    await window.command('configureConnection');
    return (await window.request<Ready>('panel.ready')).viewModel;
  };
  const verify = () => window.request<Verification>('audit.verify');
  const actions = async () =>
    (await window.request<{ rows: { action: string }[] }>('audit.page', { filter: {} })).rows.map(
      ({ action }) => action,
    );

  for (const [what, code] of [
    ['a full disk', 'ENOSPC'],
    ['a read-only disk', 'EROFS'],
  ] as const) {
    it(`keeps the login through ${what}, says what cannot be done, and writes its log afterwards`, async () => {
      disk.break(code);
      const refreshed = await window.request('session.refresh');
      const told = JSON.stringify(refreshed);
      assert.ok(refreshed['kind'] === 'done' || told.includes('storage/write-failed'), told);
      await window.request('connection.test');
      const page = await window.request<{ notices: string[] }>('audit.page', { filter: {} });
      assert.match(page.notices.join(), /Entries cannot be written at the moment/);
      assert.equal((await ready()).session.state, 'valid');
      assert.ok(disk.changes > 0);

      disk.repair();
      assert.equal((await window.request('session.refresh'))['kind'], 'done');
      await window.reload();
      assert.equal((await ready()).session.state, 'valid');
      assert.equal((await verify()).tone, 'good', JSON.stringify(await verify()));
      assert.ok((await actions()).includes('Connection tested'));
    });

    it(`starts with ${what}, shows what there is, and works again once there is room`, async () => {
      disk.break(code);
      await window.reload();
      const { saved, session } = await ready();
      assert.equal(saved.name, 'Clinic A');
      assert.equal(session.state, 'valid');
      disk.repair();
      assert.equal((await window.request('session.refresh'))['kind'], 'done');
      assert.equal((await verify()).tone, 'good', JSON.stringify(await verify()));
    });
  }

  it('keeps the login while the keychain refuses to store, and loses nothing once it does not', async () => {
    const { secrets } = window.fake;
    secrets.store = () => Promise.reject(new Error('The keychain is locked.'));
    const refused = await window.request('session.refresh');
    assert.match(JSON.stringify(refused), /storage\/write-failed/);
    Reflect.deleteProperty(secrets, 'store');
    assert.equal((await window.request('session.refresh'))['kind'], 'done');
    await window.reload();
    assert.equal((await ready()).session.state, 'valid');
    assert.equal((await verify()).tone, 'good');
  });

  it('starts over damaged files, still knows connection and login, and shows what was damaged', async () => {
    const damaged = async (folder: string): Promise<number> => {
      const names = (await readdir(folder, { withFileTypes: true })).filter((found) => found.isFile());
      for (const { name } of names) await writeFile(join(folder, name), 'no longer what it was\n');
      return names.length;
    };
    await window.reload();
    await ready();
    assert.ok((await damaged(window.storagePath)) + (await damaged(join(window.storagePath, 'audit'))) >= 3);
    await window.reload();
    assert.equal((await ready()).saved.name, 'Clinic A');
    assert.notEqual((await window.request('session.refresh'))['kind'], undefined);
    const { tone, headline } = await verify();
    assert.deepEqual([tone, /line 1\b/.test(headline)], ['bad', true], headline);
    assert.ok((await actions()).length > 0, 'the log goes on');
    assert.ok(window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`));
  });

  it('starts again wherever it was killed in a write, with everything that had been confirmed', async () => {
    let deaths = 0;
    for (let nth = 1; nth <= 60; nth++) {
      const confirmed = await lastEntry();
      disk.dieAtChange(nth);
      const killed = killWithTheDisk();
      void window.request('session.refresh').catch(() => undefined);
      void window.request('connection.test').catch(() => undefined);
      await settled();
      const isOver = !disk.isDead;
      await window.reload(() => {
        disk.repair();
        killed.revive();
      });
      if (isOver) break;
      deaths += 1;
      const { saved, session } = await ready();
      assert.equal(saved.name, 'Clinic A', `change ${nth}`);
      // A pair that the server gave and nobody could store is lost: then a login heals it.
      const refreshed =
        session.state === 'valid' ? (await window.request('session.refresh'))['kind'] : 'failed';
      if (refreshed !== 'done') assert.equal((await window.logIn())['kind'], 'done', `change ${nth}`);
      // The next entry takes a half one off and says so.
      const { headline, lines } = await verify();
      assert.ok(/intact/.test(headline), `change ${nth}: ${headline} ${lines.join('; ')}`);
      assert.ok((await lastEntry()) >= confirmed, `change ${nth}`);
    }
    assert.ok(deaths >= 8, String(deaths));
  });

  /** A killed process stores no secrets either. */
  function killWithTheDisk(): { revive(): void } {
    const { secrets, globalState } = window.fake;
    const unlessDead =
      <A extends unknown[]>(call: (...args: A) => Promise<void>) =>
      (...args: A): Promise<void> =>
        disk.isDead ? Promise.reject(new Error('killed')) : call(...args);
    secrets.store = unlessDead(secrets.store.bind(secrets));
    secrets.delete = unlessDead(secrets.delete.bind(secrets));
    globalState.update = unlessDead(globalState.update.bind(globalState));
    return {
      revive: () => {
        for (const name of ['store', 'delete']) Reflect.deleteProperty(secrets, name);
        Reflect.deleteProperty(globalState, 'update');
      },
    };
  }

  async function lastEntry(): Promise<number> {
    const { rows } = await window.request<{ rows: { seq: number }[] }>('audit.page', { filter: {} });
    return rows[0]?.seq ?? 0;
  }

  /** Until the flow is over or the process would be dead. */
  async function settled(): Promise<void> {
    const end = Date.now() + 1_500;
    const before = host.panels.at(-1)?.posted.length ?? 0;
    while (Date.now() < end && !disk.isDead) {
      await new Promise((tick) => setTimeout(tick, 10));
      const answers = (host.panels.at(-1)?.posted.slice(before) ?? []) as { type: string }[];
      if (
        answers.filter(({ type }) => /^(session\.refresh|connection\.test)\.result$/.test(type)).length === 2
      )
        break;
    }
    await new Promise((tick) => setTimeout(tick, 60));
  }
});
