import { setTimeout as sleep } from 'node:timers/promises';
import type { FrameLocator, Locator, Page } from 'playwright-core';
import type { TestObservation } from './demoResult.ts';
import { runCommand, webview } from './workbenchPage.ts';

const shortMs = 15_000;
const serverMs = 60_000;

export type PanelButton =
  'Discover' | 'Register client' | 'Save' | 'Log in' | 'Test connection' | 'Refresh token' | 'Log out';

/** The connection panel as a person sees it: by the names of its controls. */
export interface ConnectionPanelPage {
  fill(field: 'Connection name' | 'Base URL' | 'Site', text: string): Promise<void>;
  choose(field: 'Client type' | 'Callback', option: string): Promise<void>;
  click(button: PanelButton): Promise<void>;
  trustCertificate(): Promise<void>;
  /** Waits until what the server says is shown, or the question whether its certificate is to be trusted. */
  untilDiscovered(): Promise<'found' | 'certificate'>;
  /** Waits until OpenEMR has given the client an id, and reads it. */
  clientId(): Promise<string>;
  /** Asks again whether the client is enabled, where the panel offers that, and waits for the answer. */
  checkClientAgain(): Promise<void>;
  /** Waits until the connection test is through, and reads what it found. */
  testResults(): Promise<TestObservation>;
  /** When the access token ends, in milliseconds since the epoch. */
  expiry(): Promise<number>;
  /** The failure that the panel shows, if any. */
  shownFailure(): Promise<string | undefined>;
}

const control = (frame: FrameLocator, role: 'textbox' | 'combobox', name: string): Locator =>
  frame.getByRole(role, { name, exact: true }).first();

async function chooseOption(frame: FrameLocator, field: string, option: string): Promise<void> {
  const box = control(frame, 'combobox', field);
  if ((await box.and(frame.locator('select')).count()) > 0) {
    await box.selectOption({ label: option });
    return;
  }
  await box.click();
  await frame.getByRole('option', { name: option, exact: true }).click();
}

async function readResults(frame: FrameLocator): Promise<TestObservation> {
  const finished = frame.locator('[data-openemr-version]').first();
  await finished.waitFor({ timeout: serverMs });
  const count = frame.locator('[data-patient-count]').first();
  const failed = frame.locator('tr[data-result=fail]').first();
  if ((await failed.count()) > 0) throw new Error(`The test found: ${(await failed.innerText()).trim()}`);
  if ((await count.count()) === 0) throw new Error('The connection test counted no patients.');
  const granted = frame.locator('[data-scopes-granted]').first();
  const attribute = async (locator: Locator, name: string) =>
    (await locator.count()) > 0 ? ((await locator.getAttribute(name)) ?? '') : '';
  return {
    openemrVersion: await attribute(finished, 'data-openemr-version'),
    patientCount: Number(await attribute(count, 'data-patient-count')),
    patientCountAtLeast: (await attribute(count, 'data-at-least')) === 'true',
    scopesGranted: (await attribute(granted, 'data-scopes-granted')).split(' ').filter(Boolean),
  };
}

async function untilFilled(box: Locator, timeoutMs: number): Promise<string> {
  for (const end = Date.now() + timeoutMs; ;) {
    const value = await box.inputValue({ timeout: shortMs });
    if (value) return value;
    if (Date.now() > end) throw new Error('OpenEMR gave the client no id.');
    await sleep(100);
  }
}

/** Opens the panel by its command. */
export async function openConnectionPanel(page: Page): Promise<ConnectionPanelPage> {
  await runCommand(page, 'OpenEMR: Configure Connection');
  const frame = webview(page);
  await control(frame, 'textbox', 'Base URL').waitFor({ timeout: serverMs });
  const button = (name: string) => frame.getByRole('button', { name, exact: true }).first();
  const trustButton = button('Trust this certificate');
  const found = frame.locator('[data-discovery]').first();
  return {
    fill: (field, text) => control(frame, 'textbox', field).fill(text, { timeout: shortMs }),
    choose: (field, option) => chooseOption(frame, field, option),
    click: (name) => button(name).click({ timeout: shortMs }),
    trustCertificate: () => trustButton.click({ timeout: shortMs }),
    untilDiscovered: async () => {
      await found.or(trustButton).first().waitFor({ timeout: serverMs });
      return (await found.count()) > 0 ? 'found' : 'certificate';
    },
    clientId: () => untilFilled(control(frame, 'textbox', 'Client ID'), serverMs),
    checkClientAgain: async () => {
      const again = button('Check again');
      if ((await again.count()) === 0) return;
      await again.click({ timeout: shortMs });
      await again.waitFor({ state: 'hidden', timeout: shortMs });
    },
    testResults: () => readResults(frame),
    expiry: async () =>
      Number(await frame.locator('[data-expires-at]').first().getAttribute('data-expires-at')),
    shownFailure: async () => {
      // What happened, and why.
      const [happened, why] = await frame.locator('[role=alert] p').allInnerTexts();
      return happened && `${happened} ${why ?? ''}`.trim();
    },
  };
}
