// A window with many connections and a long audit log, used without a pause: <sandbox> <connections> <commands> <entries>
import assert from 'node:assert/strict';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import type { LoadFigures } from './load.ts';

const { shippedLimits } = await import('../../src/core/base/rateLimiter.ts');
const { auditAnchorSecret } = await import('../../src/core/audit/auditAnchor.ts');
const { auditKeysSecret } = await import('../../src/core/audit/auditKeys.ts');
const { host } = await import('../fakes/vscode.ts');
const { WorkbenchWindow } = await import('../adapters/workbenchWindow.ts');
const { writeLongLog } = await import('./longLog.ts');

const [baseUrl = '', ...numbers] = process.argv.slice(2);
const [connections = 0, commands = 0, entries = 0] = numbers.map(Number);

/** How long a page waits for an answer here, in milliseconds: what takes too long is told by the figures. */
const waitMs = 300_000;

// Nobody presses keys that fast: what is limited is done here too, not refused.
for (const limit of Object.values(shippedLimits)) Object.assign(limit, { perMinute: 1e6, burst: 1e6 });

const window = await WorkbenchWindow.open(async ({ secrets, context }) => {
  const log = await writeLongLog(`${context.globalStorageUri.fsPath}/audit`, entries);
  const keys = [{ id: log.key.id, secret: log.secret }];
  secrets.entries.set(auditKeysSecret, JSON.stringify({ current: log.key.id, keys }));
  secrets.entries.set(auditAnchorSecret, JSON.stringify(log.anchor));
});
await window.connect({ baseUrl });
await window.logIn();
const [own] = host.settings.get('openemr.connections') as [{ id: string }];
host.changeSetting('openemr.connections', [
  own,
  ...Array.from({ length: connections - 1 }, (_, index) => ({
    ...{ ...own, id: `c${index}`, name: `Clinic ${index}`, site: `s${index}`, clientId: `client-${index}` },
  })),
]);

const titles = [
  ...['refreshToken', 'testConnection', 'showTokenDetails', 'showScopes', 'showAuditLog', 'openFhirResource'],
  ...['configureConnection', 'runConnectionDoctor', 'exportConnections', 'showLog'],
];

async function use(count: number): Promise<void> {
  for (let i = 0; i < count; i++) {
    await window.command(titles[i % titles.length] ?? '');
    if (i % titles.length === 0) {
      await window.request('audit.page', { filter: {} }, waitMs);
      const open = host.commands.get('openemr.openConnection');
      await open?.(`c${i % (connections - 1)}`);
      for (const panel of host.panels.splice(1)) panel.dispose();
      await open?.(own.id);
    }
    if (i % 50 === 49) forget();
  }
  forget();
}

/** What the fake editor remembers for tests is not the workbench's. */
function forget(): void {
  for (const message of host.messages) message.close();
  for (const list of [host.messages, host.progresses, host.quickPicks, host.opened, host.statusBarMessages])
    list.length = 0;
  for (const list of [host.documents, host.virtualDocuments, host.executed]) list.length = 0;
  for (const { lines } of host.logChannels) lines.length = 0;
  for (const { posted } of host.panels) posted.length = 0;
  host.files.clear();
}

/** Megabytes in use once everything is collected that can be. */
async function heap(): Promise<number> {
  assert.ok(gc, 'to be run with --expose-gc');
  for (let i = 0; i < 5; i++) {
    await new Promise((resolve) => setTimeout(resolve, 20));
    gc();
  }
  return process.memoryUsage().heapUsed / 1e6;
}

async function timed<T>(work: () => Promise<T>): Promise<{ ms: number; result: T }> {
  const start = performance.now();
  const result = await work();
  return { ms: performance.now() - start, result };
}

interface Page {
  readonly rows: readonly { readonly seq: number }[];
  readonly before?: number;
}
const page = (filter: object, before?: number) =>
  window.request<Page>('audit.page', { filter, ...(before === undefined ? {} : { before }) }, waitMs);

/** As the page asks: part by part until something is found. */
async function find(filter: object): Promise<Page> {
  let found = await page(filter);
  while (found.rows.length === 0 && found.before !== undefined) found = await page(filter, found.before);
  return found;
}

host.chosenFile = undefined;
await use(Math.max(commands / 5, titles.length * 2));
const heapBeforeMb = await heap();
const used = await timed(() => use(commands));
const heapAfterMb = await heap();

const firstPage = await timed(() => page({}));
const oldPage = await timed(() => page({}, Math.max(2, Math.floor(entries / 2))));
const rare = await timed(() => find({ action: 'logout' }));
assert.equal(rare.result.rows.at(-1)?.seq, 2, 'the one logout of the log, at its beginning');
const delay = monitorEventLoopDelay({ resolution: 5 });
delay.enable();
const verification = await timed(() => window.request<{ tone: string }>('audit.verify', {}, waitMs));
delay.disable();
const figures: LoadFigures = {
  ...{ connections, commands, entries, heapBeforeMb, heapAfterMb },
  heapRatio: heapAfterMb / heapBeforeMb,
  secondsOfCommands: used.ms / 1000,
  firstPageMs: firstPage.ms,
  oldPageMs: oldPage.ms,
  rareFilterMs: rare.ms,
  verificationSeconds: verification.ms / 1000,
  holdMs: delay.percentile(99) / 1e6,
  isVerified: verification.result.tone === 'good',
};
await window.close();
console.log(JSON.stringify(figures));
process.exit();
