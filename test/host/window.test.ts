import assert from 'node:assert/strict';
import { setTimeout as sleep } from 'node:timers/promises';
import { openConnectionPanel } from '../../src/launch/connectionPanelPage.ts';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import type { DemoOptions } from '../../src/launch/demoOptions.ts';
import { openDemoSession } from '../../src/launch/demoSession.ts';
import type { DemoSession } from '../../src/launch/demoSession.ts';
import { stepActions } from '../../src/launch/demoSteps.ts';
import type { DemoProgress } from '../../src/launch/demoSteps.ts';
import { completeLogin } from '../../src/launch/loginPages.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import {
  notificationAction,
  openWorkbench,
  runCommand,
  statusText,
  waitForStatus,
} from '../../src/launch/workbenchPage.ts';

const signedIn = /\d (min|h)\b/;
const waitMs = 60_000;
/** Longer than a browser lets a click open a tab. */
const tooSlowMs = 6500;

const noScreenshot = () => Promise.resolve();

describe('a window of VS Code', () => {
  let cleanup: Cleanup;
  let session: DemoSession;
  let progress: DemoProgress;
  const options: DemoOptions = parseDemoOptions([]);

  const reload = async () => {
    await openWorkbench(session.browser, session.workbench.url());
    await waitForStatus(session.workbench, /OpenEMR/, waitMs);
    progress.panel = await openConnectionPanel(session.workbench);
  };

  before(async () => {
    cleanup = new Cleanup();
    session = { ...(await openDemoSession(options, cleanup)), screenshot: noScreenshot };
    progress = {};
    for (const step of ['configure', 'discover', 'register', 'enable'] as const) {
      await stepActions[step](session, options, progress);
    }
  });
  after(() => cleanup.run());

  it('finishes a login that was begun before it was reloaded', async () => {
    const opened = session.browser.waitForEvent('page', { timeout: waitMs });
    await progress.panel!.click('Log in');
    const loginPage = await opened;
    await loginPage.locator('input[name=username]').waitFor();
    await session.workbench.bringToFront();
    await reload();
    await loginPage.bringToFront();
    await completeLogin(loginPage, options, noScreenshot);
    await session.workbench.bringToFront();
    assert.match(await waitForStatus(session.workbench, signedIn, waitMs), /Sandbox/);
    await loginPage.close();
  });

  it('is still signed in after a reload', async () => {
    await reload();
    assert.match(await statusText(session.workbench), signedIn);
    await stepActions.test(session, options, progress);
    assert.equal(progress.observation?.patientCount, 120);
  });

  it('offers the login page in its progress when the browser held the tab back', async () => {
    await stepActions.logOut(session, options, progress);
    // In a window that has asked the server nothing yet, the login has to ask first.
    await runCommand(session.workbench, 'View: Close All Editors');
    await openWorkbench(session.browser, session.workbench.url());
    await waitForStatus(session.workbench, /OpenEMR/, waitMs);
    const slow = await fetch(`${session.baseUrl}/sandbox/faults/slow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ milliseconds: tooSlowMs, path: 'openid-configuration' }),
    });
    assert.equal(slow.ok, true);
    await runCommand(session.workbench, 'OpenEMR: Log In');
    // No look at the page meanwhile: it would count as a click.
    await sleep(tooSlowMs + 3000);
    assert.equal(session.browser.pages().length, 1, 'a tab opened by itself: nothing was held back');
    const opened = session.browser.waitForEvent('page', { timeout: waitMs });
    await notificationAction(session.workbench, 'Open login page').click();
    const loginPage = await opened;
    await completeLogin(loginPage, options, noScreenshot);
    await session.workbench.bringToFront();
    assert.match(await waitForStatus(session.workbench, signedIn, waitMs), /Sandbox/);
  });
});
