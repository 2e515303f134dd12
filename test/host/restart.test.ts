import assert from 'node:assert/strict';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { buildWhenStale } from '../../src/launch/build.ts';
import { openConnectionPanel } from '../../src/launch/connectionPanelPage.ts';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import type { DemoSession } from '../../src/launch/demoSession.ts';
import { stepActions, type DemoProgress } from '../../src/launch/demoSteps.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench, waitForStatus, webview } from '../../src/launch/workbenchPage.ts';
import { startWorkbenchServer, type WorkbenchServer } from '../../src/launch/workbenchServer.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { untilKept } from './keptByVsCode.ts';

const waitMs = 60_000;
const signedIn = /\d (min|h)\b/;
const unsavedName = 'Clinic of the draft';

describe('A restart of VS Code as a whole, its server included', () => {
  const cleanup = new Cleanup();
  const options = parseDemoOptions([]);
  const progress: DemoProgress = {};
  let folder: string;
  let sandbox: RunningSandbox;
  let server: WorkbenchServer;
  let browser: BrowserContext;
  let page: Page;

  /** On the former port: a browser keeps what it keeps by origin. */
  async function startServer(port?: number): Promise<void> {
    const dataFolder = join(folder, 'server');
    const file = join(dataFolder, 'user-data', 'User', 'settings.json');
    const settings = JSON.parse(await readFile(file, 'utf8').catch(() => '{}')) as Record<string, unknown>;
    server = await startWorkbenchServer({ dataFolder, settings, ...(port ? { preferredPort: port } : {}) });
  }

  async function openBrowserAndWindow(): Promise<void> {
    browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    page = await openWorkbench(browser, server.address);
  }

  const session = (): DemoSession => ({
    ...{ browser, workbench: page, baseUrl: sandbox.baseUrl, serverFolder: join(folder, 'server') },
    ...{ sandbox: undefined, screenshot: () => Promise.resolve() },
  });

  before(async () => {
    await buildWhenStale();
    folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-restart-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    sandbox = await startSandbox();
    cleanup.add(() => sandbox.stop());
    await startServer();
    cleanup.add(() => server.stop());
    await openBrowserAndWindow();
    cleanup.add(() => browser.close());
    for (const step of ['configure', 'discover', 'register'] as const)
      await stepActions[step](session(), options, progress);
    await fetch(`${sandbox.baseUrl}/sandbox/clients/${progress.clientId}/enable`, { method: 'POST' });
    await progress.panel!.checkClientAgain();
    await stepActions.logIn(session(), options, progress);
    await progress.panel!.fill('Connection name', unsavedName);
    await untilKept(page, unsavedName);

    const port = Number(new URL(server.origin).port);
    await browser.close();
    await server.stop();
    await startServer(port);
    assert.equal(Number(new URL(server.origin).port), port, 'somebody else took the port');
    await openBrowserAndWindow();
  });
  after(() => cleanup.run());

  it('keeps the connection, and the login with its tokens', async () => {
    assert.match(await waitForStatus(page, signedIn, waitMs), /^OpenEMR: Sandbox/);
  });

  it('keeps the panel with what was typed and not saved', async () => {
    const name = webview(page).getByRole('textbox', { name: 'Connection name', exact: true });
    await name.waitFor({ timeout: waitMs });
    assert.equal(await name.inputValue(), unsavedName);
    await webview(page).getByText('Unsaved changes').first().waitFor({ timeout: waitMs });
  });

  it('goes on where it was: records are read, and the token is renewed', async () => {
    progress.panel = await openConnectionPanel(page);
    await webview(page).getByRole('button', { name: 'Discard changes', exact: true }).click();
    await stepActions.test(session(), options, progress);
    assert.equal(progress.observation?.patientCount, 120);
    await stepActions.refresh(session(), options, progress);
    assert.equal(progress.refreshed, true);
  });
});
