import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { build, type BuildOptions } from 'esbuild';
import { chromium, type Browser, type BrowserContext, type Page } from 'playwright-core';
import { env, l10n } from 'vscode';
import { findChromium } from '../../src/launch/chromium.ts';
import { iconRules } from '../../src/launch/iconRules.ts';
import type { ReadyResult } from '../../src/protocol/panelMessages.ts';
import type { PanelState } from '../../src/protocol/panelState.ts';
import { connectionPanelHtml } from '../../src/vscode/webview/html.ts';
import { ScriptedHost } from './scriptedHost.ts';
import { themes, type ThemeName } from './themes.ts';

const bundleOptions = {
  entryPoints: { connectionPanel: 'webview-ui/connectionPanel.ts', styles: 'webview-ui/styles.css' },
  tsconfig: 'webview-ui/tsconfig.json',
  plugins: [iconRules],
  bundle: true,
  write: false as const,
  minify: true,
  format: 'esm',
  target: 'es2022',
  outdir: 'dist/webview',
} satisfies BuildOptions;

/** The page's script and style sheet by file name, bundled as the product's are. */
export async function bundlePage(): Promise<Map<string, Uint8Array>> {
  const { outputFiles } = await build(bundleOptions);
  return new Map(outputFiles.map(({ path, contents }) => [path.split('/dist/webview')[1] ?? path, contents]));
}

const contentTypes: Record<string, string> = { css: 'text/css', js: 'text/javascript', ttf: 'font/ttf' };

/** The built page under the product's own HTML and content security policy, in a plain browser. */
export class PanelPages {
  readonly #browser: Browser;
  readonly #server: Server;
  readonly #contexts: BrowserContext[] = [];

  /** What the next page comes with. */
  #delivered: ReadyResult | undefined;

  private constructor(browser: Browser, files: ReadonlyMap<string, Uint8Array>) {
    this.#browser = browser;
    this.#server = createServer((request, response) => {
      const path = new URL(request.url ?? '/', 'http://127.0.0.1').pathname;
      const file = files.get(path);
      if (path === '/favicon.ico') response.writeHead(204).end();
      else if (path === '/') response.setHeader('content-type', 'text/html').end(pageHtml(this.#delivered));
      else if (!file) response.writeHead(404).end();
      else response.setHeader('content-type', contentTypes[path.split('.').at(-1) ?? ''] ?? '').end(file);
    });
  }

  static async launch(): Promise<PanelPages> {
    const files = await bundlePage();
    files.set('/codicon.ttf', await readFile('node_modules/@vscode/codicons/dist/codicon.ttf'));
    const executablePath = await findChromium();
    if (!executablePath)
      throw new Error('Chromium is missing: install it or name it in OPENEMR_WORKBENCH_CHROMIUM.');
    const args = process.getuid?.() === 0 ? ['--no-sandbox'] : [];
    const pages = new PanelPages(await chromium.launch({ executablePath, args }), files);
    await new Promise<void>((resolve) => pages.#server.listen(0, '127.0.0.1', resolve));
    return pages;
  }

  async open(options: OpenOptions = {}): Promise<OpenPanel> {
    const { theme = 'dark', host = new ScriptedHost(), state, fakeClock = false } = options;
    const context = await this.#browser.newContext({ viewport: { width: 1000, height: 860 }, locale: 'en' });
    this.#contexts.push(context);
    this.#delivered = options.delivered;
    const page = await context.newPage();
    if (fakeClock) await page.clock.install();
    const panel = new OpenPanel(page, host);
    await panel.prepare(theme, state);
    const { port } = this.#server.address() as AddressInfo;
    await page.goto(`http://127.0.0.1:${port}/`);
    return panel;
  }

  async closePages(): Promise<void> {
    await Promise.all(this.#contexts.splice(0).map((context) => context.close()));
  }

  async close(): Promise<void> {
    await this.#browser.close();
    this.#server.close();
  }
}

export interface OpenOptions {
  readonly theme?: ThemeName;
  readonly host?: ScriptedHost;
  /** Lets the test move the page's clock. */
  readonly fakeClock?: boolean;
  /** What VS Code kept of an earlier page. */
  readonly state?: PanelState;
  /** What comes with the HTML. */
  readonly delivered?: ReadyResult;
}

/** One page with the extension's part played by a script. Controls are named in English and looked for in the page's language. */
export class OpenPanel {
  readonly page: Page;
  readonly host: ScriptedHost;
  /** Everything the page gave to setState. */
  readonly states: unknown[] = [];
  /** Script errors and violations of the content security policy. */
  readonly complaints: string[] = [];

  constructor(page: Page, host: ScriptedHost) {
    this.page = page;
    this.host = host;
  }

  async prepare(theme: ThemeName, state: PanelState | undefined): Promise<void> {
    const { page, host } = this;
    page.on('pageerror', (error) => this.complaints.push(error.message));
    page.on('console', (message) => {
      if (message.type() === 'error') this.complaints.push(message.text());
    });
    // An answer to a page that the test has closed goes nowhere.
    host.connect((message) => page.evaluate(postToPage, message).catch(() => undefined));
    await page.exposeFunction('sendToHost', (message: unknown) => void host.receive(message));
    await page.exposeFunction('keepState', (kept: unknown) => void this.states.push(kept));
    await page.addInitScript(installEditor, { variables: themes[theme], theme, state });
  }

  button(name: string) {
    return this.page.getByRole('button', { name: l10n.t(name), exact: true });
  }

  textbox(name: string) {
    return this.page.getByLabel(l10n.t(name), { exact: true });
  }

  tab(name: string) {
    return this.page.getByRole('tab', { name: l10n.t(name), exact: true });
  }

  /** Until the text is on the page. */
  async until(text: string | RegExp): Promise<void> {
    await this.page
      .getByText(typeof text === 'string' ? l10n.t(text) : text)
      .first()
      .waitFor();
  }

  async screenshot(name: string): Promise<void> {
    const shown = this.page.viewportSize();
    assert.ok(shown);
    // In a window as high as the page: what sticks to its edges would else stand in the middle of the picture.
    const height = Number(await this.page.evaluate('document.documentElement.scrollHeight'));
    await this.page.setViewportSize({ width: shown.width, height: Math.max(height, shown.height) });
    await this.page.screenshot({ path: `test-results/webview/${name}.png`, fullPage: true });
    await this.page.setViewportSize(shown);
  }
}

function postToPage(message: unknown): void {
  (globalThis as unknown as { postMessage(data: unknown): void }).postMessage(message);
}

interface EditorOptions {
  readonly variables: Record<string, string>;
  readonly theme: ThemeName;
  readonly state: PanelState | undefined;
}

/** Runs in the page: what VS Code puts into a webview. */
function installEditor({ variables, theme, state }: EditorOptions): void {
  const page = globalThis as unknown as {
    document: {
      documentElement: { style: { setProperty(name: string, value: string): void } };
      body: { classList: { add(name: string): void } };
      addEventListener(type: string, listener: () => void): void;
    };
    sendToHost(message: unknown): void;
    keepState(state: unknown): void;
    acquireVsCodeApi(): unknown;
  };
  const dress = () => {
    for (const [name, value] of Object.entries(variables)) {
      page.document.documentElement.style.setProperty(`--vscode-${name}`, value);
    }
    page.document.body.classList.add(`vscode-${theme}`);
  };
  page.document.addEventListener('DOMContentLoaded', dress);
  let kept: unknown = state;
  page.acquireVsCodeApi = () => ({
    postMessage: (message: unknown) => page.sendToHost(message),
    getState: () => kept,
    setState: (next: unknown) => {
      kept = next;
      page.keepState(next);
    },
  });
}

function pageHtml(ready: ReadyResult | undefined): string {
  return connectionPanelHtml({
    scriptUri: '/connectionPanel.js',
    styleUri: '/styles.css',
    iconFontUri: '/codicon.ttf',
    cspSource: "'self'",
    nonce: 'test-nonce',
    language: env.language,
    title: 'OpenEMR',
    texts: { loading: l10n.t('Loading…'), unavailable: 'No answer.', retry: l10n.t('Try again') },
    ready,
  });
}
