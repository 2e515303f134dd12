import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rename } from 'node:fs/promises';
import { join } from 'node:path';
import { auditActions } from '../../src/core/audit/auditEvent.ts';
import { parseRecord, type AuditRecord } from '../../src/core/audit/auditRecord.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { Uri } from '../fakes/vscodeValues.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

/** Held by "counts entries that it could not keep": it takes a thousand entries that no disk wants. */
const heldElsewhere = ['log.gap'];

describe('The audit log of a person who does everything', function () {
  this.timeout(60_000);
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;
  let written: readonly AuditRecord[];

  const folder = () => join(window.storagePath, 'audit');
  const logFiles = async () => (await readdir(folder())).filter((name) => name.endsWith('.jsonl')).sort();
  const entries = async () => {
    const texts = await Promise.all((await logFiles()).map((name) => readFile(join(folder(), name), 'utf8')));
    return texts
      .join('')
      .split('\n')
      .flatMap((line) => parseRecord(line) ?? []);
  };
  const entry = (action: string) =>
    until(async () => (await entries()).find((found) => found.action === action));
  const ask = (question: object) => window.request('fhir.ask', { ask: question });
  /** Presses a button of the question that the operation asks. */
  const pressing = async (button: string, operation: Promise<unknown>) => {
    const asks = () => host.messages.find(({ isOpen, buttons }) => isOpen && buttons.includes(button));
    (await until(asks)).press(button);
    return operation;
  };

  before(async () => {
    sandbox = await startSandbox({ era: '8.2' });
    window = await WorkbenchWindow.open();
    await useConnection();
    await lookAtRecords();
    await copyAndExport();
    await trustMore();
    await host.deliverUri('vscode://emr-workbench.openemr-workbench/callback?error=access_denied');
    await window.request('session.logOut');
    await entry('logout');
    const before = await entries();
    await removeOldFile();
    const newest = (await logFiles()).at(-1) ?? '';
    await appendFile(join(folder(), newest), '{"seq":1,"half');
    await pressing('Reset stored credentials', window.command('resetStoredCredentials'));
    await entry('secrets.reset');
    written = [...before, ...(await entries())];
  });
  after(async () => {
    await window.close();
    await sandbox.stop();
  });

  async function useConnection(): Promise<void> {
    await window.connect(sandbox);
    await window.logIn();
    await window.request('session.refresh');
    await window.request('connection.test');
    await window.request('doctor.run');
  }

  async function lookAtRecords(): Promise<void> {
    await ask({ kind: 'open', section: 'explorer' });
    await ask({ kind: 'search', type: 'Patient', values: [] });
    await ask({ kind: 'reveal', index: 0 });
  }

  async function copyAndExport(): Promise<void> {
    await pressing('Copy', ask({ kind: 'copyAccessToken' }));
    await pressing('Copy report', window.command('copySupportReport'));
    host.chosenFile = Uri.file('/tmp/openemr-connections.json');
    await window.command('exportConnections');
    host.chosenFile = Uri.file('/tmp/report.md');
    await ask({ kind: 'exportReport', format: 'markdown' });
    host.chosenFile = Uri.file(join(window.storagePath, 'log.csv'));
    await window.request('audit.export', { format: 'csv' });
  }

  async function trustMore(): Promise<void> {
    const [connection] = structuredClone(host.settings.get('openemr.connections')) as object[];
    const sha256 = Array.from({ length: 32 }, () => 'AB').join(':');
    const pinnedCertificate = { sha256, pem: '-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n' };
    const pinned = { ...connection, id: 'pinned', name: 'Pinned', baseUrl: 'https://a.example.org' };
    host.changeSetting('openemr.connections', [
      { ...connection, caFile: '/ca.pem' },
      { ...pinned, pinnedCertificate },
    ]);
    await entry('certificate.trusted');
    await entry('setting.weakened');
  }

  /** The log as it will be in seven years: its first file is past its time. */
  async function removeOldFile(): Promise<void> {
    const [name = ''] = await logFiles();
    await rename(join(folder(), name), join(folder(), name.replace(/-\d{4}-\d\d\./, '-2019-01.')));
    await window.request('doctor.run');
    await pressing('Remove', window.request('audit.removeExpired'));
  }

  it('has an entry of every kind that there is', () => {
    const kinds = new Set<string>(written.map(({ action }) => action));
    assert.deepEqual(
      auditActions.filter((action) => !kinds.has(action)),
      heldElsewhere,
    );
  });

  it('says how many checks of the doctor passed and failed', () => {
    const [run] = written.flatMap((record) => (record.action === 'doctor.run' ? [record] : []));
    assert.equal(run?.outcome, 'success');
    assert.ok(run.detail.passed > 15 && run.detail.failed === 0, JSON.stringify(run.detail));
  });

  it('tells apart what was exported', () => {
    const exports = written.flatMap(({ action, detail }) => (action === 'exported' ? [detail] : []));
    assert.deepEqual(exports, [
      { what: 'supportReport', format: 'text' },
      { what: 'connections', format: 'json' },
      { what: 'testReport', format: 'markdown' },
      { what: 'auditLog', format: 'csv' },
    ]);
  });
});
