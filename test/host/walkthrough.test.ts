import assert from 'node:assert/strict';
import { mkdir, mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { completeLogin } from '../../src/launch/loginPages.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench, runCommand, waitForStatus, webview } from '../../src/launch/workbenchPage.ts';
import { startWorkbenchServer } from '../../src/launch/workbenchServer.ts';

const waitMs = 60_000;
const title = 'Connect to OpenEMR';
const pictures = join(projectRoot, 'test-results', 'walkthrough');
const noScreenshot = () => Promise.resolve();

interface Manifest {
  readonly name: string;
  readonly version: string;
}

type Texts = Readonly<Record<string, string>>;

/** The VSIX as it would be published. */
async function packed(): Promise<string> {
  const { status, output } = await runToEnd(process.execPath, ['src/launch/package.ts'], {
    cwd: projectRoot,
  });
  assert.equal(status, 0, output);
  const manifest = await readFile(join(projectRoot, 'package.json'), 'utf8');
  const { name, version } = JSON.parse(manifest) as Manifest;
  return join(projectRoot, `${name}-${version}.vsix`);
}

describe('The walkthrough of a VSIX that was installed into an empty profile', () => {
  const cleanup = new Cleanup();
  let browser: BrowserContext;
  let page: Page;

  const steps = () => page.locator('.getting-started-step');
  const untilShown = () => steps().first().waitFor({ timeout: waitMs });
  const picture = (name: string) => page.screenshot({ path: join(pictures, `${name}.png`) });

  /** The short ids of the steps that are ticked. */
  async function ticked(): Promise<string> {
    const done = steps().locator('.codicon.complete[data-done-step-id]');
    const ids = await done.evaluateAll((icons) =>
      (icons as { getAttribute(name: string): string | null }[]).map(
        (icon) => icon.getAttribute('data-done-step-id') ?? '',
      ),
    );
    return [...new Set(ids.map((id) => id.split('#').at(-1)))].join(' ');
  }

  /** As a person finds it again; a panel that is still opening takes the keyboard away from the list. */
  async function show(): Promise<void> {
    await page.bringToFront();
    const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
    for (let tries = 0; tries < 5 && !(await steps().first().isVisible()); tries++) {
      await runCommand(page, 'Welcome: Open Walkthrough').catch(() => undefined);
      await row.click({ timeout: 5000 }).catch(() => page.keyboard.press('Escape'));
      await page.waitForTimeout(1000);
    }
    await untilShown();
  }

  async function untilTicked(expected: string): Promise<void> {
    for (let tries = 0; tries < 50 && (await ticked()) !== expected; tries++) {
      if (!(await steps().first().isVisible())) await show();
      await page.waitForTimeout(200);
    }
    assert.equal(await ticked(), expected);
  }

  /** Opens a step and presses the button of a command in it. */
  async function press(step: string, command: string): Promise<void> {
    const texts = JSON.parse(await readFile(join(projectRoot, 'package.nls.json'), 'utf8')) as Texts;
    const label = new RegExp(`\\[([^\\]]+)\\]\\(command:openemr\\.${command}\\)`);
    const [, button = ''] = label.exec(texts[`walkthrough.${step}.description`] ?? '') ?? [];
    const stepTitle = steps().locator('.step-title');
    await stepTitle.getByText(texts[`walkthrough.${step}.title`] ?? '', { exact: true }).click();
    await steps().getByRole('button', { name: button, exact: true }).click();
  }

  const icon = () => page.locator('.activitybar .action-label[aria-label^="OpenEMR"]');

  /** By the file dialogue, whose lists come late and then take what was typed away. */
  async function install(vsix: string): Promise<void> {
    const heading = page.locator('.quick-input-title', { hasText: 'Install from VSIX' });
    const path = page
      .locator('.quick-input-widget')
      .filter({ has: heading })
      .locator('input[type=text]')
      .first();
    await runCommand(page, 'Extensions: Install from VSIX');
    await path.waitFor({ timeout: waitMs });
    for (let tries = 0; tries < 20 && (await icon().count()) === 0; tries++) {
      await page.waitForTimeout(1500);
      const typed = await path.inputValue({ timeout: 500 }).catch(() => undefined);
      if (typed === vsix) await path.press('Enter', { timeout: 500 }).catch(() => undefined);
      else if (typed !== undefined) await path.fill(vsix, { timeout: 500 }).catch(() => undefined);
    }
    await icon().waitFor({ timeout: waitMs });
  }

  before(async () => {
    await mkdir(pictures, { recursive: true });
    const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-walkthrough-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const vsix = await packed();
    // VS Code opens walkthroughs of what is installed only where it has shown its welcome page, as it does unasked.
    const settings = { 'workbench.startupEditor': 'welcomePage' };
    const server = await startWorkbenchServer({
      ...{ dataFolder: join(folder, 'server'), withExtension: false, settings },
    });
    cleanup.add(() => server.stop());
    browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    cleanup.add(() => browser.close());
    page = await openWorkbench(browser, server.address);
    await page.locator('.tab', { hasText: 'Welcome' }).waitFor({ timeout: waitMs });
    await runCommand(page, 'View: Close All Editors');
    await install(vsix);
  });
  after(async () => {
    await picture('end').catch(() => undefined);
    await cleanup.run();
  });

  it('opens by itself with nothing ticked', async () => {
    await untilShown();
    await untilTicked('');
    await picture('opened');
  });

  it('has pictures in the colours of the theme', async () => {
    const ink = () =>
      webview(page)
        .locator('svg text')
        .first()
        .evaluate((text) => {
          const window = globalThis as unknown as {
            getComputedStyle(element: unknown): { readonly fill: string };
          };
          return window.getComputedStyle(text).fill;
        });
    const inLight = await ink();
    await runCommand(page, 'Preferences: Toggle between Light/Dark Themes');
    let inDark = inLight;
    for (let tries = 0; tries < 50 && inDark === inLight; tries++) {
      await page.waitForTimeout(200);
      inDark = await ink();
    }
    assert.notEqual(inDark, inLight);
    await picture('dark');
    await runCommand(page, 'Preferences: Toggle between Light/Dark Themes');
  });

  it('ticks off the first three steps with the sandbox', async () => {
    await press('choose', 'startSandbox');
    const logIn = webview(page).getByRole('button', { name: 'Log in', exact: true }).first();
    await logIn.and(webview(page).locator('.primary')).waitFor({ timeout: waitMs });
    await show();
    await untilTicked('choose register enable');
  });

  it('ticks off the login, which it begins', async () => {
    const opened = browser.waitForEvent('page', { timeout: waitMs });
    await press('logIn', 'logIn');
    const tab = await opened;
    await completeLogin(tab, { username: 'admin', password: 'pass' }, noScreenshot);
    await tab.getByText('go back to VS Code').waitFor({ timeout: waitMs });
    await tab.close();
    await page.bringToFront();
    await waitForStatus(page, /\d (min|h)\b/, waitMs);
    await show();
    await untilTicked('choose register enable logIn');
  });

  it('ticks off the last step when the test went well', async () => {
    await press('test', 'testConnection');
    await webview(page).locator('[data-openemr-version]').first().waitFor({ timeout: waitMs });
    await show();
    await untilTicked('choose register enable logIn test');
    await picture('done');
  });
});
