import type { BrowserContext, Page } from 'playwright-core';
import { notificationAction, waitForStatus } from '../../src/launch/workbenchPage.ts';
import type { RunningSandbox } from '../../src/launch/sandboxServer.ts';
import { Person } from './person.ts';

const patienceMs = 60_000;
const signedIn = /\d (min|h)\b/;

/** What a way needs: the window, and an OpenEMR for the way that registers. */
export interface Place {
  readonly browser: BrowserContext;
  readonly workbench: Page;
  readonly server: RunningSandbox;
}

export type Way = (place: Place) => Promise<Person>;

/** From an empty profile to a verified connection to the sandbox, without a mouse. */
export const sandboxByKeyboard: Way = async ({ browser, workbench }) => {
  const person = new Person(workbench);
  await person.command('OpenEMR: Start Sandbox');
  const tab = await opensTab(browser, workbench, () => person.pressPanelButton('Log in'));
  await signInByKeyboard(person, tab, { username: 'admin', password: 'pass' });
  await person.closeTab(tab);
  await waitForStatus(workbench, signedIn, patienceMs);
  await person.pressPanelButton('Test connection');
  await untilVerified(person);
  return person;
};

/** The same with the mouse, by the view in the activity bar. */
export const sandboxByMouse: Way = async ({ browser, workbench }) => {
  const person = new Person(workbench);
  await openView(person);
  await person.click(workbench.getByRole('button', { name: 'Try It with the Sandbox' }).first());
  const tab = await opensTab(browser, workbench, () => person.clickPanelButton('Log in'));
  await signInByMouse(person, tab, { username: 'admin', password: 'pass' });
  await person.closeTab(tab);
  await waitForStatus(workbench, signedIn, patienceMs);
  await person.clickPanelButton('Test connection');
  await untilVerified(person);
  return person;
};

/** From an empty profile to a verified connection to a server where the client has to be registered and enabled. */
export const registeredByKeyboard: Way = async ({ browser, workbench, server }) => {
  const person = new Person(workbench);
  await person.command('OpenEMR: Quick Connect');
  await person.answer('name');
  await person.answer('address', server.baseUrl);
  await person.pressPanelButton('Register client');
  const admin = await opensTab(browser, workbench, () => person.pressPanelButton('Open API Clients'));
  isOfOpenEmr(admin, server);
  await person.pressButton(admin.getByRole('button', { name: /^Enable/ }).first(), admin);
  await admin.getByRole('button', { name: /^Disable/ }).waitFor({ timeout: patienceMs });
  await person.closeTab(admin);
  await untilEnabled(person);
  const tab = await opensTab(browser, workbench, () => person.pressPanelButton('Log in'));
  await signInByKeyboard(person, tab, server);
  await person.closeTab(tab);
  await waitForStatus(workbench, signedIn, patienceMs);
  await person.pressPanelButton('Test connection');
  await untilVerified(person);
  return person;
};

export const registeredByMouse: Way = async ({ browser, workbench, server }) => {
  const person = new Person(workbench);
  await openView(person);
  await person.click(workbench.getByRole('button', { name: 'Quick Connect' }).first());
  await person.answer('name');
  await person.answer('address', server.baseUrl);
  await person.clickPanelButton('Register client');
  const admin = await opensTab(browser, workbench, () => person.clickPanelButton('Open API Clients'));
  isOfOpenEmr(admin, server);
  await person.click(admin.getByRole('button', { name: /^Enable/ }).first());
  await admin.getByRole('button', { name: /^Disable/ }).waitFor({ timeout: patienceMs });
  await person.closeTab(admin);
  await untilEnabled(person);
  const tab = await opensTab(browser, workbench, () => person.clickPanelButton('Log in'));
  await signInByMouse(person, tab, server);
  await person.closeTab(tab);
  await waitForStatus(workbench, signedIn, patienceMs);
  await person.clickPanelButton('Test connection');
  await untilVerified(person);
  return person;
};

interface Credentials {
  readonly username: string;
  readonly password: string;
}

/** The sign-in page has its focus in the first field, the consent on Authorize. */
async function signInByKeyboard(
  person: Person,
  tab: Page,
  { username, password }: Credentials,
): Promise<void> {
  await tab.locator('input[name=username]:focus').waitFor({ timeout: patienceMs });
  await person.type(username, tab);
  await person.press('Tab', tab);
  await person.type(password, tab);
  await person.press('Enter', tab);
  await person.pressButton(tab.locator('[name=proceed]'), tab);
  await untilBack(tab);
}

async function signInByMouse(person: Person, tab: Page, { username, password }: Credentials): Promise<void> {
  await person.click(tab.locator('input[name=username]'));
  await person.type(username, tab);
  await person.click(tab.locator('input[name=password]'));
  await person.type(password, tab);
  await person.click(tab.getByRole('button', { name: 'OpenEMR Login' }));
  await person.click(tab.locator('[name=proceed]'));
  await untilBack(tab);
}

/** The last page of a login says that one may go back. */
async function untilBack(tab: Page): Promise<void> {
  await tab.getByText('go back to VS Code').waitFor({ timeout: patienceMs });
}

/** A tab that opens at once, or by its link where the browser held it back (one more action). */
async function opensTab(browser: BrowserContext, workbench: Page, act: () => Promise<void>): Promise<Page> {
  const opened = browser.waitForEvent('page', { timeout: patienceMs });
  opened.catch(() => undefined);
  await act();
  const tab = await opened.catch(async () => {
    const offered = await notificationAction(workbench, 'Open login page').isVisible();
    throw new Error(`No tab opened; ${offered ? 'a link was offered' : 'no link was offered'}.`);
  });
  await tab.waitForLoadState();
  return tab;
}

/** Through a proxy of VS Code's own server, where its address would lead, a real OpenEMR would be no use. */
function isOfOpenEmr(page: Page, { baseUrl }: RunningSandbox): void {
  if (!page.url().startsWith(`${baseUrl}/`)) throw new Error(`API Clients opened as ${page.url()}.`);
}

async function openView(person: Person): Promise<void> {
  await person.click(person.page.locator('.activitybar .action-label[aria-label^="OpenEMR"]').first());
}

/** The workbench asks the server by itself; nobody has to press anything. */
async function untilEnabled({ panel }: Person): Promise<void> {
  await panel.locator('.button.primary', { hasText: 'Log in' }).waitFor({ timeout: patienceMs });
}

/** The connection test came to its end and nothing failed. */
async function untilVerified(person: Person): Promise<void> {
  const { panel } = person;
  await panel.locator('[data-openemr-version]').first().waitFor({ timeout: patienceMs });
  const failed = panel.locator('tr[data-result=fail]');
  if ((await failed.count()) > 0) throw new Error(`The test found: ${await failed.first().innerText()}`);
  if ((await panel.locator('tr[data-result=pass]').count()) === 0) throw new Error('Nothing was tested.');
}
