import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Uri } from 'vscode';
import { AuditLogOfWindow } from '../fakes/auditLog.ts';
import { FakeClock } from '../fakes/clock.ts';
import { host } from '../fakes/vscode.ts';
import type { FakeMessage } from '../fakes/vscodeSurfaces.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { auditAnchorSecret } from '../../src/core/audit/auditAnchor.ts';
import type { SecretStore } from '../../src/core/ports.ts';
import { deactivate } from '../../src/extension.ts';
import { admin, until, WorkbenchWindow } from './workbenchWindow.ts';

describe('The audit log in the editor', () => {
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

  const entries = async (): Promise<{ action: string; detail: Record<string, unknown> }[]> => {
    const folder = join(window.storagePath, 'audit');
    const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.jsonl'));
    const text = (await Promise.all(names.sort().map((name) => readFile(join(folder, name), 'utf8')))).join(
      '',
    );
    return text
      .split('\n')
      .filter(Boolean)
      .map((line) => JSON.parse(line) as { action: string; detail: Record<string, unknown> });
  };
  const entry = (action: string) =>
    until(async () => (await entries()).find((found) => found.action === action));

  it('is shown in the panel, newest first, with the connection by its name, and filtered', async () => {
    await window.connect(sandbox);
    await window.logIn(admin);
    const page = await window.request<{ rows: { action: string; connection: string; outcome: string }[] }>(
      'audit.page',
      { filter: {} },
    );
    assert.ok(page.rows.some(({ action, connection }) => action === 'Login' && connection === 'Clinic A'));
    const started = await window.request<typeof page>('audit.page', { filter: { outcome: 'started' } });
    assert.deepEqual(
      started.rows.map(({ outcome }) => outcome),
      ['started'],
    );
    const verified = await window.request<{ tone: string; headline: string }>('audit.verify');
    assert.equal(verified.tone, 'good', JSON.stringify(verified));
  });

  it('shows by Verify Audit Log that somebody changed it', async () => {
    await window.connect(sandbox);
    await entry('connection.changed');
    const folder = join(window.storagePath, 'audit');
    const name = (await readdir(folder)).find((found) => found.endsWith('.jsonl')) ?? '';
    const text = await readFile(join(folder, name), 'utf8');
    await writeFile(join(folder, name), text.replace('"change":"created"', '"change":"removed"'));
    const running = window.command('verifyAuditLog');
    const message = await until(() => host.messages.find(({ level }) => level === 'error'));
    assert.match(message.text, /was changed/);
    message.close();
    await running;
  });

  it('is exported with the result of its verification', async () => {
    await window.connect(sandbox);
    await entry('client.registered');
    const target = join(window.storagePath, 'log.jsonl');
    Object.assign(host, { chosenFile: Uri.file(target) });
    await window.pickWhile(() => window.command('exportAuditLog'), 'JSON Lines, can be verified again');
    const [first = '', ...lines] = (await readFile(target, 'utf8')).trimEnd().split('\n');
    assert.equal((JSON.parse(first) as { verification: { isIntact: boolean } }).verification.isIntact, true);
    assert.ok(lines.length >= 3);
    await entry('exported');
  });

  it('notices what is edited in settings.json, and that a certificate authority was added', async () => {
    await window.connect(sandbox);
    await entry('connection.changed');
    const connections = structuredClone(host.settings.get('openemr.connections')) as Record<
      string,
      unknown
    >[];
    connections[0]!['caFile'] = '/tmp/ca.pem';
    host.changeSetting('openemr.connections', connections);
    await until(async () => (await entries()).find(({ detail }) => detail['setting'] === 'caFile'));
  });

  it('holds and anchors what happened in the last moment before the window closed', async () => {
    await window.connect(sandbox);
    await entry('connection.changed');
    const stateless = 'vscode://emr-workbench.openemr-workbench/callback?error=access_denied';
    for (let i = 0; i < 3; i++) await host.deliverUri(stateless);
    host.changeSetting('http.proxyStrictSSL', false);
    window.fake.dispose();
    await deactivate();
    const found = await entries();
    assert.ok(found.some(({ detail }) => detail['setting'] === 'proxyStrictSSL'));
    const refused = found.filter(({ action }) => action === 'callback.refused');
    assert.deepEqual(
      refused.map(({ detail }) => detail['count']),
      [1, 2],
    );
    const anchor = JSON.parse(window.fake.secrets.entries.get(auditAnchorSecret) ?? '') as { seq: number };
    assert.equal(anchor.seq, found.length);
  });
});

describe('Old files of the audit log in the editor', () => {
  let window: WorkbenchWindow;

  beforeEach(async () => {
    window = await WorkbenchWindow.open(async ({ secrets, context }) => {
      const clock = new FakeClock(Date.UTC(2012, 0, 15));
      const log = new AuditLogOfWindow(context.globalStorageUri.fsPath, {
        secrets: storeOf(secrets.entries),
        clock,
      });
      await log.write(4);
      clock.advance(40 * 86_400_000);
      await log.write(4);
      await log.trail.close();
    });
    await window.openPanel();
    host.changeSetting('http.proxyStrictSSL', false);
    await until(async () => ((await months()).length === 3 ? true : undefined));
  });
  afterEach(() => window.close());

  const storeOf = (entries: Map<string, string>): SecretStore => ({
    get: (key) => Promise.resolve(entries.get(key)),
    store: (key, value) => Promise.resolve(void entries.set(key, value)),
    delete: (key) => Promise.resolve(void entries.delete(key)),
  });
  const months = async () =>
    (await readdir(join(window.storagePath, 'audit')))
      .filter((name) => name.endsWith('.jsonl'))
      .sort()
      .map((name) => name.slice(-13, -9));
  const answering = async (answer: (message: FakeMessage) => void) => {
    const running = window.request('audit.removeExpired');
    answer(await until(() => host.messages.find(({ options }) => options.modal)));
    return (await running)['kind'];
  };
  const page = () =>
    window.request<{ expiredFiles: number; rows: { action: string }[] }>('audit.page', { filter: {} });

  it('are kept until somebody removes them', async () => {
    const { expiredFiles, rows } = await page();
    assert.equal(expiredFiles, 2);
    assert.ok(rows.length >= 10);
    assert.deepEqual(await months(), ['2012', '2012', String(new Date().getUTCFullYear())]);
  });

  it('stay where the question is closed, and the log says nothing of it', async () => {
    assert.equal(await answering((message) => message.close()), 'cancelled');
    assert.equal((await months()).length, 3);
    assert.ok((await page()).rows.every(({ action }) => action !== 'Log: old entries removed'));
  });

  it('are removed with an entry, and what is left is proved', async () => {
    assert.equal(await answering((message) => message.press('Remove')), 'done');
    assert.equal((await months()).length, 1);
    const { rows, expiredFiles } = await page();
    assert.ok(rows.some(({ action }) => action === 'Log: old entries removed'));
    assert.equal(expiredFiles, 0);
    const verified = await window.request<{ tone: string }>('audit.verify');
    assert.equal(verified.tone, 'good', JSON.stringify(verified));
  });

  it('stay where the removal cannot be written down', async () => {
    const newest = (await readdir(join(window.storagePath, 'audit')))
      .filter((name) => name.endsWith('.jsonl'))
      .sort();
    const path = join(window.storagePath, 'audit', newest.at(-1) ?? '');
    await rename(path, `${path}.aside`);
    await mkdir(path);
    await assert.rejects(
      answering((message) => message.press('Remove')),
      /storage\/write-failed/,
    );
    assert.equal((await months()).filter((year) => year === '2012').length, 2);
  });
});

describe('Reset Stored Credentials', () => {
  let window: WorkbenchWindow;
  afterEach(() => window.close());

  const reset = async (button: string | undefined) => {
    const running = window.command('resetStoredCredentials');
    const question = await until(() => host.messages.find(({ options }) => options.modal));
    if (button) question.press(button);
    else question.close();
    await running;
  };
  const credentials = () =>
    [...window.fake.secrets.entries.keys()].filter((key) => !key.startsWith('openemr.audit'));

  it('deletes every credential although settings, index and entries are damaged, and keeps the audit log', async () => {
    window = await WorkbenchWindow.open(async ({ secrets, context }) => {
      secrets.entries.set('openemr.tokens.c1', '{"half');
      secrets.entries.set('openemr.tokens.c1.unreadable', 'x');
      secrets.entries.set('openemr.clientSecret.gone', 'nonsense');
      secrets.entries.set('openemr.pendingLogin.abc', '\0');
      secrets.entries.set('openemr.auditKeys', '{"broken');
      host.settings.set('openemr.connections', 'not a list');
      await mkdir(context.globalStorageUri.fsPath, { recursive: true });
      await writeFile(join(context.globalStorageUri.fsPath, 'index.json'), '{{{');
    });
    await reset('Reset stored credentials');
    assert.deepEqual(credentials(), []);
    await until(() => host.messages.find(({ text }) => /were reset: \d/.test(text)));
    const folder = join(window.storagePath, 'audit');
    const [name = ''] = (await readdir(folder)).filter((found) => found.endsWith('.jsonl'));
    assert.match(await readFile(join(folder, name), 'utf8'), /"action":"secrets.reset"/);
  });

  it('does nothing where the person decides against it', async () => {
    window = await WorkbenchWindow.open(({ secrets }) => secrets.entries.set('openemr.tokens.c1', 'x'));
    await reset(undefined);
    assert.deepEqual(credentials(), ['openemr.tokens.c1']);
  });

  it('says in plain words where secret storage did not keep what was stored', async () => {
    window = await WorkbenchWindow.open(({ globalState }) =>
      globalState.update('openemr.secretsWereStored', true),
    );
    await reset(undefined);
    const question = host.messages.find(({ options }) => options.modal);
    assert.match(question?.options.detail ?? '', /did not survive the last restart/);
  });
});
