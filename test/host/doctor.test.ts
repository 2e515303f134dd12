import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { FrameLocator, Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { buildWhenStale } from '../../src/launch/build.ts';
import { openConnectionPanel } from '../../src/launch/connectionPanelPage.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { startSandbox, type RunningSandbox } from '../../src/launch/sandboxServer.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench, runCommand, webview } from '../../src/launch/workbenchPage.ts';
import { startWorkbenchServer } from '../../src/launch/workbenchServer.ts';

const images = join(projectRoot, 'docs', 'images');
const runLimitMs = 60_000;

/** In the order in which they are switched on: each stands before the one that was there already. */
const faults = [
  {
    fault: undefined,
    picture: 'doctor-client-not-enabled',
    first: 'clientEnabled',
    says: /API Clients → OpenEMR Workbench → Edit → Enable Client/,
  },
  {
    fault: 'site-address-other-port',
    picture: 'doctor-site-address',
    first: 'consistency',
    says: /Connectors → Site Address Override/,
  },
  {
    fault: 'apis-off',
    picture: 'doctor-apis-off',
    first: 'apis',
    says: /Enable OpenEMR Standard FHIR REST API/,
  },
] as const;

describe('the doctor in VS Code', () => {
  const cleanup = new Cleanup();
  let sandbox: RunningSandbox;
  let page: Page;
  let panel: FrameLocator;
  let clientId: string;

  before(async () => {
    await buildWhenStale();
    await mkdir(images, { recursive: true });
    const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-doctor-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    sandbox = await startSandbox({ era: '8.2' });
    cleanup.add(() => sandbox.stop());
    const server = await startWorkbenchServer({ dataFolder: join(folder, 'server') });
    cleanup.add(() => server.stop());
    const browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    cleanup.add(() => browser.close());
    page = await openWorkbench(browser, server.address);
    const form = await openConnectionPanel(page);
    await form.fill('Connection name', 'Clinic A');
    await form.fill('Base URL', sandbox.baseUrl);
    await form.click('Discover');
    await form.untilDiscovered();
    await form.click('Register client');
    clientId = await form.clientId();
    panel = webview(page);
  });
  after(() => cleanup.run());

  const toast = (text: string) => page.locator('.notification-toast').filter({ hasText: text });

  async function tellsWhenEnabled(): Promise<void> {
    const waiting = toast('Clinic A: waiting until an administrator enables the client (API Clients)');
    await waiting.waitFor({ timeout: runLimitMs });
    await fetch(`${sandbox.baseUrl}/sandbox/clients/${clientId}/enable`, { method: 'POST' });
    const enabled = toast('Clinic A: the client is enabled. Go on with the login?');
    await enabled.waitFor({ timeout: runLimitMs });
    assert.equal(await waiting.count(), 0);
    await enabled.getByRole('button', { name: 'Log in' }).waitFor();
    await runCommand(page, 'Notifications: Clear All Notifications');
    await enabled.waitFor({ state: 'detached' });
  }

  for (const { fault, picture, first, says } of faults) {
    it(`names the first thing that is wrong: ${first}`, async () => {
      if (fault) await fetch(`${sandbox.baseUrl}/sandbox/faults/${fault}`, { method: 'POST' });
      await runCommand(page, 'OpenEMR: Run Connection Doctor');
      await panel.locator(`[data-doctor=done][data-first=${first}]`).waitFor({ timeout: runLimitMs });
      const advice = await panel.locator('.doctor .message').first().innerText();
      assert.match(advice, says);
      await page.screenshot({ path: join(images, `${picture}.png`) });
    });
    if (!fault) it('waits for the administrator meanwhile, and offers the login at last', tellsWhenEnabled);
  }
});
