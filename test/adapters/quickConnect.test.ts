import assert from 'node:assert/strict';
import { after, afterEach, before, beforeEach, describe, it } from 'mocha';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

describe('Quick Connect', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  before(async () => {
    sandbox = await startSandbox({ era: '8.2' });
  });
  after(() => sandbox.stop());
  beforeEach(async () => {
    window = await WorkbenchWindow.open();
  });
  afterEach(() => window.close());

  const saved = () => (host.settings.get('openemr.connections') ?? []) as { name: string; baseUrl: string }[];
  const answer = async (text: string, number: number) =>
    (await until(() => host.inputBoxes[number])).enter(text);

  it('leads from a name and any page of OpenEMR to the panel at its next step', async () => {
    const running = window.command('quickConnect');
    await answer('Clinic A', 0);
    await answer(`${sandbox.baseUrl}/interface/login/login.php?site=default`, 1);
    await running;
    assert.deepEqual(
      saved().map(({ name, baseUrl }) => [name, baseUrl]),
      [['Clinic A', sandbox.baseUrl]],
    );
    const { viewModel } = await window.request<{ viewModel: { step: string } }>('panel.ready');
    assert.equal(viewModel.step, 'register');
    const show = await until(() =>
      (window.panel.posted as { type: string; field?: string }[]).find(({ type }) => type === 'panel.show'),
    );
    assert.equal(show.field, 'next');
  });

  it('refuses a name that is taken and an address that is none, as one types', async () => {
    host.changeSetting('openemr.connections', [
      {
        ...{ id: 'a', name: 'Clinic A', baseUrl: 'https://a.example.org', site: 'default' },
        ...{ clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
      },
    ]);
    const running = window.command('quickConnect');
    assert.match((await answer('Clinic A', 0)) ?? '', /has this name already/);
    await answer('Clinic B', 0);
    assert.ok(await answer('http://emr.example.org', 1));
    host.inputBoxes[1]?.close();
    await running;
    assert.equal(saved().length, 1);
  });

  it('keeps what was typed where the server does not answer, and has the panel ask again', async () => {
    const running = window.command('quickConnect');
    await answer('Clinic A', 0);
    await answer('http://127.0.0.1:1/openemr', 1);
    await running;
    assert.equal(saved()[0]?.baseUrl, 'http://127.0.0.1:1/openemr');
    await window.request('panel.ready');
    const show = await until(() =>
      (window.panel.posted as { type: string; discover?: boolean }[]).find(
        ({ type }) => type === 'panel.show',
      ),
    );
    assert.equal(show.discover, true);
  });
});
