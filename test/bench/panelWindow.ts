import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import type { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench, runCommand } from '../../src/launch/workbenchPage.ts';
import { startWorkbenchServer } from '../../src/launch/workbenchServer.ts';

const waitMs = 60_000;

export const connectionCount = 200;

const connections = Array.from({ length: connectionCount }, (_, index) => ({
  ...{ id: `c${index}`, name: `Clinic ${index}`, baseUrl: `https://c${index}.example.org`, site: 'default' },
  ...{ clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
}));

// A webview with one word in it, a list as long as ours of which nothing has to be worked out, and a watch on the
// extension host: how long a task kept everything else waiting there between two calls.
const baselineExtension = (stallFile: string) => `const vscode = require('vscode');
const { writeFileSync } = require('node:fs');
const { monitorEventLoopDelay } = require('node:perf_hooks');
const resolution = 5;
let watch;
function toggleWatch() {
  if (watch) {
    watch.disable();
    writeFileSync(${JSON.stringify(stallFile)}, String(Math.max(0, watch.max / 1e6 - resolution)));
    watch = undefined;
    return;
  }
  watch = monitorEventLoopDelay({ resolution });
  watch.enable();
}
exports.activate = (context) => context.subscriptions.push(
  vscode.commands.registerCommand('bench.empty', () => {
    const place = vscode.ViewColumn.Active;
    const panel = vscode.window.createWebviewPanel('bench.empty', 'Empty', place, { enableScripts: true });
    panel.webview.html = '<!DOCTYPE html><html><body><p id="empty">Empty</p></body></html>';
  }),
  vscode.commands.registerCommand('bench.watch', toggleWatch),
  vscode.window.registerTreeDataProvider('bench.list', {
    getChildren: (element) => (element ? [] : Array.from({ length: ${connectionCount} }, (_, index) => index)),
    getTreeItem: (index) => Object.assign(new vscode.TreeItem('Plain ' + index), { id: String(index) }),
  }),
);`;

const command = (name: string, title: string) => ({ command: `bench.${name}`, title, category: 'Bench' });
const baselineManifest = {
  ...{ name: 'baseline', publisher: 'bench', version: '1.0.0', engines: { vscode: '^1.100.0' } },
  ...{ main: './main.js', activationEvents: ['onStartupFinished'] },
  contributes: {
    commands: [command('empty', 'Open Empty Webview'), command('watch', 'Watch')],
    viewsContainers: { activitybar: [{ id: 'bench', title: 'Bench', icon: 'icon.svg' }] },
    views: { bench: [{ id: 'bench.list', name: 'Plain' }] },
  },
};

/** Installs, beside ours, an extension that does as little as one can. */
async function addBaselineExtension(extensionsFolder: string, stallFile: string): Promise<void> {
  const folder = join(extensionsFolder, 'bench.baseline-1.0.0');
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), JSON.stringify(baselineManifest));
  await writeFile(join(folder, 'main.js'), baselineExtension(stallFile));
  await writeFile(join(folder, 'icon.svg'), '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 16 16"/>');
  const record = join(extensionsFolder, 'extensions.json');
  const known = JSON.parse(await readFile(record, 'utf8')) as unknown[];
  known.push({
    ...{ identifier: { id: 'bench.baseline' }, version: '1.0.0', relativeLocation: 'bench.baseline-1.0.0' },
    location: { $mid: 1, path: decodeURIComponent(pathToFileURL(folder).pathname), scheme: 'file' },
    metadata: { source: 'vsix', installedTimestamp: 0 },
  });
  await writeFile(record, JSON.stringify(known));
}

interface Frame {
  readonly document: {
    querySelector(selector: string): {
      readonly contentDocument: { getElementById(id: string): unknown } | null;
    } | null;
  };
  addEventListener(
    type: string,
    listener: (event: { key: string; timeStamp: number }) => void,
    capture: boolean,
  ): void;
  requestAnimationFrame(callback: () => void): void;
  benchEvent(event: { readonly name: string; readonly at: number }): void;
}

/**
 * Runs in every frame before anything else, and tells by the machine's clock when Enter was pressed and when one of
 * the elements was there in a webview that VS Code shows. Asked from outside, one would only know at the next of ever
 * longer waits. A webview's own document is written anew by VS Code and loses such a script: its outer frame looks.
 */
function watchFrame(ids: readonly string[]): void {
  const frame = globalThis as unknown as Frame;
  const tell = (name: string, at: number) => frame.benchEvent({ name, at: performance.timeOrigin + at });
  frame.addEventListener(
    'keydown',
    ({ key, timeStamp }) => {
      if (key === 'Enter') tell(key, timeStamp);
    },
    true,
  );
  const look = () => {
    const shown = frame.document.querySelector('iframe#active-frame')?.contentDocument;
    const id = ids.find((candidate) => shown?.getElementById(candidate));
    if (id) tell(id, performance.now());
    else frame.requestAnimationFrame(look);
  };
  look();
}

/** VS Code in a browser with 200 connections and the baseline extension. */
export class BenchWindow {
  readonly #page: Page;
  readonly #stallFile: string;
  #onEvent: (event: { readonly name: string; readonly at: number }) => void = () => undefined;

  private constructor(page: Page, stallFile: string) {
    this.#page = page;
    this.#stallFile = stallFile;
  }

  static async open(cleanup: Cleanup): Promise<BenchWindow> {
    const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-panel-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const dataFolder = join(folder, 'server');
    const stallFile = join(folder, 'stall');
    const settings = { 'openemr.connections': connections };
    const server = await startWorkbenchServer({ dataFolder, settings });
    cleanup.add(() => server.stop());
    await addBaselineExtension(join(dataFolder, 'extensions'), stallFile);
    const browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    cleanup.add(() => browser.close());
    const window = new BenchWindow(browser.pages()[0] ?? (await browser.newPage()), stallFile);
    await browser.exposeFunction('benchEvent', (event: { name: string; at: number }) => {
      window.#onEvent(event);
    });
    await browser.addInitScript(watchFrame, ['empty', 'baseUrl']);
    await openWorkbench(browser, server.address);
    await window.#page.locator(activity('OpenEMR')).first().waitFor();
    await window.#page.waitForTimeout(5000);
    return window;
  }

  /** Milliseconds from Enter in the command palette until an element is there; afterwards the webview is closed. */
  async opening(title: string, elementId: string): Promise<number> {
    const page = this.#page;
    await page.keyboard.press('F1');
    await page.keyboard.type(title);
    const row = page.locator('.quick-input-list .monaco-list-row').first().filter({ hasText: title });
    await row.waitFor({ timeout: waitMs });
    const times = new Map<string, number>();
    const isThere = new Promise<void>((resolve) => {
      this.#onEvent = ({ name, at }) => {
        times.set(name, at);
        if (name === elementId) resolve();
      };
    });
    await page.keyboard.press('Enter');
    await isThere;
    await runCommand(page, 'View: Close All Editors');
    await page.locator('iframe.webview').first().waitFor({ state: 'detached', timeout: waitMs });
    return (times.get(elementId) ?? NaN) - (times.get('Enter') ?? NaN);
  }

  /** The longest tasks of the window and of the extension host while a list is scrolled to its end and back. */
  async scrolling(view: string, item: string): Promise<{ windowMs: number; hostMs: number }> {
    const page = this.#page;
    const isShown = page.locator(`.pane-body .monaco-list-row`).filter({ hasText: item }).first();
    if (!(await isShown.isVisible())) await page.locator(activity(view)).first().click();
    await isShown.waitFor({ timeout: waitMs });
    await page.waitForTimeout(1000);
    await runCommand(page, 'Bench: Watch');
    await page.evaluate(`globalThis.longTasks = []; globalThis.taskObserver ??= new PerformanceObserver((list) => {
      globalThis.longTasks.push(...list.getEntries().map(({ duration }) => duration));
    }); globalThis.taskObserver.observe({ type: 'longtask' })`);
    await isShown.hover();
    for (let step = 0; step < 60; step++) {
      await page.mouse.wheel(0, step < 30 ? 300 : -300);
      await page.waitForTimeout(30);
    }
    const windowMs = await page.evaluate<number>('Math.max(0, ...globalThis.longTasks)');
    await rm(this.#stallFile, { force: true });
    await runCommand(page, 'Bench: Watch');
    return { windowMs, hostMs: Number(await this.#stall()) };
  }

  async #stall(): Promise<string> {
    for (const end = Date.now() + waitMs; ;) {
      const text = await readFile(this.#stallFile, 'utf8').catch(() => '');
      if (text || Date.now() > end) return text;
      await this.#page.waitForTimeout(50);
    }
  }
}

const activity = (name: string) => `.activitybar .action-label[aria-label^="${name}"]`;
