import assert from 'node:assert/strict';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

type Posted = {
  type: string;
  doctor?: { state: string; first?: string; rows: { id: string; result: string }[] };
};

describe('The doctor in the workbench', () => {
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

  const views = () =>
    (window.panel.posted as Posted[]).flatMap(({ type, doctor }) =>
      type === 'doctor.changed' && doctor ? [doctor] : [],
    );

  it('streams its rows to the panel and ends without an alarm at a connection that works', async () => {
    await window.connect(sandbox);
    await window.logIn();
    await window.request('doctor.run');
    const done = views().at(-1);
    assert.equal(done?.state, 'done');
    assert.equal(done.first, undefined);
    assert.ok(views().filter(({ state }) => state === 'running').length > 20);
  });

  it('tells of the last login in the transcript, without its secrets', async () => {
    await window.connect(sandbox);
    await window.logIn();
    const page = await window.request('doctor.open');
    const flows = page['flows'] as { kind: string; exchanges: { address: string }[] }[];
    assert.deepEqual(flows.map(({ kind }) => kind).toSorted(), ['login', 'registration']);
    assert.ok(flows.some(({ exchanges }) => exchanges.some(({ address }) => address.endsWith('/token'))));
    const values = [...window.fake.secrets.entries.values()]
      .join('\n')
      .matchAll(/"(?:accessToken|refreshToken|idToken|secret)":"([^"]+)"/g);
    for (const [, value = ''] of values) assert.ok(!JSON.stringify(page).includes(value));
  });

  it('uses what failed last as evidence', async () => {
    await window.connect(sandbox);
    await fetch(`${sandbox.baseUrl}/sandbox/faults/codes-expire-at-once`, { method: 'POST' });
    assert.equal((await window.logIn())['kind'], 'failed');
    await window.command('runConnectionDoctor');
    const done = await until(() => views().find(({ state }) => state === 'done'));
    assert.equal(done.first, 'lastAttempt');
  });
});
