import assert from 'node:assert/strict';
import type { DoctorRow, DoctorView } from '../../src/protocol/doctorView.ts';
import { PanelPages } from './panelPage.ts';
import { ScriptedHost } from './scriptedHost.ts';
import { savedConnection } from './samples.ts';

const row = (id: string, change: Partial<DoctorRow> = {}): DoctorRow => ({
  ...{ id, check: `Check of ${id}`, result: 'pass', meaning: 'In order.', asked: [], came: [] },
  ...change,
});

const failing = row('apis', {
  result: 'fail',
  meaning: 'The interfaces are off.',
  why: 'A new OpenEMR comes that way.',
  remedy: 'Switch them on.',
  screen: 'Administration → Config → Connectors',
  action: { id: 'openConnectors', label: 'Open Config in OpenEMR' },
  came: ['404'],
});

const done: DoctorView = {
  ...{ state: 'done', startedAt: 0, durationMs: 20, wasCancelled: false, first: 'apis' },
  rows: [row('dns'), failing, row('openid', { result: 'skipped', meaning: 'Not checked.' })],
};

describe('the doctor in the panel', () => {
  let pages: PanelPages;
  before(async () => {
    pages = await PanelPages.launch();
  });
  after(() => pages.close());
  afterEach(() => pages.closePages());

  async function open() {
    const host = new ScriptedHost(savedConnection());
    host.answer('doctor.open', { doctor: { state: 'none' }, flows: [] });
    host.answerWith('doctor.run', async () => {
      await host.tell({ type: 'doctor.changed', doctor: { state: 'running', rows: [row('dns')] } });
      await host.tell({ type: 'doctor.changed', doctor: done });
      return {};
    });
    host.answer('action.run', { kind: 'done', message: 'Opened.' });
    const panel = await pages.open({ host });
    await panel.tab('Doctor').click();
    return { host, panel };
  }

  it('says above the list what to begin with, and does it at a click', async () => {
    const { host, panel } = await open();
    await panel.button('Run doctor').click();
    await panel.until('The interfaces are off.');
    await panel.until('Administration → Config → Connectors');
    assert.equal(await panel.page.locator('.doctor tbody tr').count(), 3);
    await panel.button('Open Config in OpenEMR').click();
    await panel.until('Opened.');
    assert.equal(host.of('action.run')[0]?.actionId, 'openConnectors');
    assert.deepEqual(panel.complaints, []);
  });

  it('shows each request of a flow, to be copied', async () => {
    const { host, panel } = await open();
    const exchange = {
      method: 'POST',
      address: 'https://emr.test/token',
      answer: '401',
      isRefused: true,
      ms: 9,
    };
    host.answer('doctor.open', {
      doctor: { state: 'none' },
      flows: [
        {
          ...{ kind: 'login', title: 'Login', startedAt: 0, durationMs: 9 },
          exchanges: [{ ...exchange, request: ['POST'], response: ['{}'] }],
        },
      ],
    });
    host.answer('transcript.copy', { kind: 'done', message: 'Copied.' });
    await panel.tab('Transcript').click();
    await host.tell({ type: 'transcript.changed' });
    await panel.until('POST https://emr.test/token');
    await panel.button('Copy as Markdown').click();
    await panel.until('Copied.');
    assert.deepEqual(host.of('transcript.copy')[0]?.flow, 'login');
  });
});
