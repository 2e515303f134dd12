import assert from 'node:assert/strict';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import type { DemoOptions } from '../../src/launch/demoOptions.ts';
import { openDemoSession } from '../../src/launch/demoSession.ts';
import type { DemoSession } from '../../src/launch/demoSession.ts';
import { stepActions } from '../../src/launch/demoSteps.ts';
import type { DemoProgress } from '../../src/launch/demoSteps.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { statusItem, statusText, waitForStatus } from '../../src/launch/workbenchPage.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import type { RunningSandbox } from '../../src/sandbox/sandboxServer.ts';

const lifetimeSeconds = 40;
const waitMs = 60_000;
const signedIn = /< 1 min/;

interface TokenEntry {
  readonly kind: string;
  readonly grantType?: string;
  readonly status?: number;
}

describe('a login in two windows of VS Code', () => {
  const cleanup = new Cleanup();
  let server: RunningSandbox;
  let session: DemoSession;
  let second: Page;

  const log = async () => (await (await fetch(`${server.baseUrl}/sandbox/log`)).json()) as TokenEntry[];
  /** Without the probes that ask whether a client is enabled. */
  const refreshes = async () =>
    (await log()).filter(({ grantType, status }) => grantType === 'refresh_token' && status === 200).length;

  before(async () => {
    server = await startSandbox({ era: '8.2', accessTokenLifetimeSeconds: lifetimeSeconds });
    cleanup.add(() => server.stop());
    const command = `"${process.execPath}" "${join(import.meta.dirname, 'enableClient.mjs')}" ${server.baseUrl} {clientId}`;
    const options: DemoOptions = parseDemoOptions([
      '--base-url',
      server.baseUrl,
      '--after-register',
      command,
    ]);
    session = { ...(await openDemoSession(options, cleanup)), screenshot: () => Promise.resolve() };
    const progress: DemoProgress = {};
    for (const step of ['configure', 'discover', 'register', 'enable'] as const) {
      await stepActions[step](session, options, progress);
    }
    second = await session.browser.newPage();
    await second.goto(session.workbench.url());
    await waitForStatus(second, /signed out/i, waitMs);
    await session.workbench.bringToFront();
    await stepActions.logIn(session, options, progress);
  });
  after(() => cleanup.run());

  it('is to be picked up by the window that cannot see it: it says so and asks the server nothing', async () => {
    assert.match(await waitForStatus(second, /reload to pick up the login/, waitMs), /OpenEMR/);
    assert.equal(await refreshes(), 0);
  });

  it('is renewed without anybody asking, and the status bar never says expired', async () => {
    const end = Date.now() + 2 * lifetimeSeconds * 1000;
    while ((await refreshes()) < 2 && Date.now() < end) {
      assert.doesNotMatch(await statusText(session.workbench), /expired|log in again/);
      await sleep(500);
    }
    assert.ok((await refreshes()) >= 2, 'nothing was refreshed');
    assert.match(await waitForStatus(session.workbench, signedIn), /OpenEMR/);
  });

  it('is there in the other window after one click, and no token was sent twice', async () => {
    await second.bringToFront();
    await statusItem(second).click();
    await waitForStatus(second, signedIn, waitMs);
    assert.equal((await log()).filter(({ kind }) => kind === 'refresh-replay').length, 0);
  });
});
