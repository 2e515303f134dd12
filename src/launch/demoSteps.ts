import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import { runToEnd } from './childProcess.ts';
import type { ConnectionPanelPage } from './connectionPanelPage.ts';
import { openConnectionPanel } from './connectionPanelPage.ts';
import type { DemoCallback, DemoOptions } from './demoOptions.ts';
import type { DemoSession } from './demoSession.ts';
import type { DemoStep, TestObservation } from './demoResult.ts';
import { completeLogin, watchForCallback } from './loginPages.ts';
import { answerInputBox, notificationAction, waitForStatus } from './workbenchPage.ts';

const loginTabMs = 30_000;
const signedInMs = 60_000;
/** How long after a click browsers let a page open a tab, and a bit. */
export const clickCountsMs = 6000;

/** What a step leaves for those after it. */
export interface DemoProgress {
  panel?: ConnectionPanelPage;
  clientId?: string;
  observation?: TestObservation;
  refreshed?: boolean;
}

/** Does one step as a person would, and says in a few words what came of it. */
export type StepAction = (
  session: DemoSession,
  options: DemoOptions,
  progress: DemoProgress,
) => Promise<string>;

const callbackLabels: Readonly<Record<DemoCallback, string>> = {
  'uri-handler': 'VS Code URI',
  loopback: 'Loopback',
  paste: 'Paste',
};

function panelOf(progress: DemoProgress): ConnectionPanelPage {
  if (!progress.panel) throw new Error('The connection panel is not open.');
  return progress.panel;
}

const unknownCertificate =
  'Nobody vouches for the certificate of this server: --trust-certificate accepts it, as a person would by a click.';

const configure: StepAction = async (session, options, progress) => {
  const panel = await openConnectionPanel(session.workbench);
  progress.panel = panel;
  await panel.fill('Connection name', options.server ? 'OpenEMR' : 'Sandbox');
  await panel.fill('Base URL', session.baseUrl);
  await panel.fill('Site', options.site);
  await panel.choose('Callback', callbackLabels[options.callback]);
  return session.baseUrl;
};

const discover: StepAction = async (session, options, progress) => {
  const panel = panelOf(progress);
  await panel.click('Discover');
  if ((await panel.untilDiscovered()) === 'found') return 'the server said what it can do';
  if (!options.server?.trustCertificate) throw new Error(unknownCertificate);
  await session.screenshot(session.workbench, 'certificate');
  await panel.trustCertificate();
  await panel.untilDiscovered();
  return 'the certificate is trusted and the server said what it can do';
};

const register: StepAction = async (_session, _options, progress) => {
  const panel = panelOf(progress);
  await panel.click('Register client');
  progress.clientId = await panel.clientId();
  return `client ${progress.clientId}`;
};

async function enableInSandbox(baseUrl: string, clientId: string): Promise<string> {
  const answer = await fetch(`${baseUrl}/sandbox/clients/${encodeURIComponent(clientId)}/enable`, {
    method: 'POST',
  });
  if (!answer.ok) throw new Error(`The sandbox did not enable the client: ${answer.status}.`);
  return 'as the administrator of the sandbox';
}

async function runAfterRegister(command: string, clientId: string): Promise<string> {
  // The id comes from a server and goes to a shell.
  if (!/^[\w.~-]+$/.test(clientId))
    throw new Error('The client id holds characters that no command should get.');
  const { status } = await runToEnd(command.replaceAll('{clientId}', clientId), [], { shell: true });
  if (status !== 0) throw new Error(`The command of --after-register ended with status ${status}.`);
  return 'by --after-register';
}

const enable: StepAction = async (session, options, progress) => {
  const clientId = progress.clientId ?? '';
  const command = options.server?.afterRegister;
  if (!session.sandbox && !command) return 'nothing to do: no --after-register';
  const how = command
    ? await runAfterRegister(command, clientId)
    : await enableInSandbox(session.baseUrl, clientId);
  await panelOf(progress).checkClientAgain();
  return how;
};

/**
 * The tab with OpenEMR's login page: opened at once, or by the link in the progress where the browser held it back.
 * Meanwhile nothing is read from VS Code's page: a look by script counts as a click and would let any tab open.
 */
async function openLoginPage({ browser, workbench }: DemoSession, panel: ConnectionPanelPage): Promise<Page> {
  const opened = browser.waitForEvent('page', { timeout: loginTabMs });
  opened.catch(() => undefined);
  await panel.click('Log in');
  const atOnce = await Promise.race([opened, sleep(clickCountsMs)]);
  if (atOnce) return atOnce;
  await notificationAction(workbench, 'Open login page').click({ timeout: loginTabMs });
  return opened;
}

const logIn: StepAction = async (session, options, progress) => {
  const panel = panelOf(progress);
  const callback = watchForCallback(session.browser);
  const page = await openLoginPage(session, panel);
  await completeLogin(page, options, session.screenshot);
  const address = await callback;
  await page.waitForLoadState().catch(() => undefined);
  await session.workbench.bringToFront();
  if (options.callback === 'paste') {
    await notificationAction(session.workbench, 'Paste address').click();
    await answerInputBox(session.workbench, address);
  }
  const status = await waitForStatus(session.workbench, /\d (min|h)\b/, signedInMs);
  await page.close();
  return status;
};

const test: StepAction = async (_session, _options, progress) => {
  const panel = panelOf(progress);
  await panel.click('Test connection');
  const observation = await panel.testResults();
  progress.observation = observation;
  const atLeast = observation.patientCountAtLeast ? 'at least ' : '';
  return `OpenEMR ${observation.openemrVersion}, ${atLeast}${observation.patientCount} patients`;
};

const refresh: StepAction = async (session, _options, progress) => {
  const panel = panelOf(progress);
  const before = await panel.expiry();
  await panel.click('Refresh token');
  for (const end = Date.now() + signedInMs; (await panel.expiry()) <= before;) {
    if (Date.now() > end) throw new Error('The token was not refreshed.');
    await session.workbench.waitForTimeout(100);
  }
  progress.refreshed = true;
  return waitForStatus(session.workbench, /\d (min|h)\b/);
};

const logOut: StepAction = async (session, _options, progress) => {
  await panelOf(progress).click('Log out');
  return waitForStatus(session.workbench, /signed out/i, signedInMs);
};

export const stepActions: Readonly<Record<DemoStep, StepAction>> = {
  configure,
  discover,
  register,
  enable,
  logIn,
  test,
  refresh,
  logOut,
};
