// node test/bench/panel.ts [--json FILE]: how long the panel's form takes in VS Code's window (code-server and
// Chromium) beside a webview with nothing in it, and whether the list of 200 connections ever holds the window up.
// Both webviews are opened in turns in one window, so that a slow moment of the machine falls on both.
import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { buildWhenStale } from '../../src/launch/build.ts';
import { say } from '../../src/launch/progress.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench, runCommand, webview } from '../../src/launch/workbenchPage.ts';
import { startWorkbenchServer } from '../../src/launch/workbenchServer.ts';
import { median } from './figure.ts';

const rounds = 9;
const ratioLimit = 1.4;
const longTaskLimitMs = 50;
const waitMs = 60_000;

const emptyExtension = `const vscode = require('vscode');
exports.activate = (context) => context.subscriptions.push(
  vscode.commands.registerCommand('bench.empty', () => {
    const panel = vscode.window.createWebviewPanel('bench.empty', 'Empty', vscode.ViewColumn.Active, {});
    panel.webview.html = '<!DOCTYPE html><html><body><p id="there">Empty</p></body></html>';
  }),
);`;

/** An extension whose only command opens a webview with one word in it. */
async function addEmptyExtension(extensionsFolder: string): Promise<void> {
  const folder = join(extensionsFolder, 'bench.empty-1.0.0');
  await mkdir(folder, { recursive: true });
  const manifest = {
    ...{ name: 'empty', publisher: 'bench', version: '1.0.0', engines: { vscode: '^1.100.0' } },
    ...{ main: './main.js', activationEvents: ['onStartupFinished'] },
    contributes: { commands: [{ command: 'bench.empty', title: 'Open Empty Webview', category: 'Bench' }] },
  };
  await writeFile(join(folder, 'package.json'), JSON.stringify(manifest));
  await writeFile(join(folder, 'main.js'), emptyExtension);
  const record = join(extensionsFolder, 'extensions.json');
  const known = JSON.parse(await readFile(record, 'utf8')) as unknown[];
  known.push({
    ...{ identifier: { id: 'bench.empty' }, version: '1.0.0', relativeLocation: 'bench.empty-1.0.0' },
    location: { $mid: 1, path: decodeURIComponent(pathToFileURL(folder).pathname), scheme: 'file' },
    metadata: { source: 'vsix', installedTimestamp: 0 },
  });
  await writeFile(record, JSON.stringify(known));
}

const connections = Array.from({ length: 200 }, (_, index) => ({
  ...{ id: `c${index}`, name: `Clinic ${index}`, baseUrl: `https://c${index}.example.org`, site: 'default' },
  ...{ clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
}));

/** Milliseconds from the command to what one waits for; afterwards the webview is closed. */
async function opening(page: Page, title: string, selector: string): Promise<number> {
  await page.keyboard.press('F1');
  await page.keyboard.type(title);
  const row = page.locator('.quick-input-list .monaco-list-row').first().filter({ hasText: title });
  await row.waitFor({ timeout: waitMs });
  const start = performance.now();
  await page.keyboard.press('Enter');
  await webview(page).locator(selector).first().waitFor({ timeout: waitMs });
  const took = performance.now() - start;
  await runCommand(page, 'View: Close All Editors');
  await page.locator('iframe.webview').first().waitFor({ state: 'detached', timeout: waitMs });
  return took;
}

/** The longest task of the window's thread while the list of connections scrolls from end to end. */
async function longestTask(page: Page): Promise<number> {
  await page.locator('.activitybar .action-label[aria-label^="OpenEMR"]').first().click();
  const list = page.locator('.pane-body .monaco-list-rows').last();
  await list.getByText('Clinic 0', { exact: true }).first().waitFor({ timeout: waitMs });
  await page.waitForTimeout(2000);
  await page.evaluate(`globalThis.longTasks = []; new PerformanceObserver((list) => {
    globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
  }).observe({ type: 'longtask' })`);
  await list.hover();
  for (let step = 0; step < 60; step++) {
    await page.mouse.wheel(0, step < 30 ? 300 : -300);
    await page.waitForTimeout(30);
  }
  return page.evaluate<number>('Math.max(0, ...globalThis.longTasks)');
}

async function measure(cleanup: Cleanup) {
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-panel-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const dataFolder = join(folder, 'server');
  const settings = { 'openemr.connections': connections };
  const server = await startWorkbenchServer({ dataFolder, settings });
  cleanup.add(() => server.stop());
  await addEmptyExtension(join(dataFolder, 'extensions'));
  const browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
  cleanup.add(() => browser.close());
  const page = await openWorkbench(browser, server.address);
  await page.locator('.activitybar .action-label[aria-label^="OpenEMR"]').first().waitFor();
  await page.waitForTimeout(5000);
  const form = () => opening(page, 'OpenEMR: Configure Connection', '#baseUrl');
  const empty = () => opening(page, 'Bench: Open Empty Webview', '#there');
  await form();
  await empty();
  const times = { form: [] as number[], empty: [] as number[] };
  for (let round = 0; round < rounds; round++) {
    times.empty.push(await empty());
    times.form.push(await form());
  }
  return { formMs: median(times.form), emptyMs: median(times.empty), longestTaskMs: await longestTask(page) };
}

const { values } = parseArgs({ options: { json: { type: 'string' } } });
await buildWhenStale();
const cleanup = new Cleanup();
try {
  const { formMs, emptyMs, longestTaskMs } = await measure(cleanup);
  const ratio = formMs / emptyMs;
  say(`Form usable after ${formMs.toFixed(0)} ms, an empty webview after ${emptyMs.toFixed(0)} ms.`);
  const ok = ratio <= ratioLimit && longestTaskMs <= longTaskLimitMs;
  const result = { ok, formMs, emptyMs, ratio, ratioLimit, longestTaskMs, longTaskLimitMs, rounds };
  if (values.json) await writeFile(values.json, `${JSON.stringify(result, undefined, 2)}\n`);
  console.log(JSON.stringify(result));
  process.exitCode = ok ? 0 : 1;
} finally {
  await cleanup.run();
}
process.exit();
