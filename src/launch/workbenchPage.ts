import type { BrowserContext, FrameLocator, Locator, Page } from 'playwright-core';

const windowTimeoutMs = 60_000;
const stepTimeoutMs = 15_000;

/** The DOM id of a status bar item holds the id of the extension it belongs to. */
const extensionId = 'emr-workbench.openemr-workbench';

/** Opens VS Code and waits until its window is drawn and the extensions have started. */
export async function openWorkbench(context: BrowserContext, address: string): Promise<Page> {
  const page = context.pages()[0] ?? (await context.newPage());
  await page.goto(address);
  await page.locator('.monaco-workbench .part.statusbar').waitFor({ timeout: windowTimeoutMs });
  return page;
}

const quickInput = (page: Page): Locator =>
  page
    .locator('.quick-input-widget:visible input[type=text], .quick-input-widget:visible input.input')
    .first();

/** Runs a command by its title, as a person does in the command palette. Waits until the palette offers it. */
export async function runCommand(page: Page, title: string): Promise<void> {
  const row = page.locator('.quick-input-list .monaco-list-row').filter({ hasText: title }).first();
  for (const end = Date.now() + windowTimeoutMs; ;) {
    await page.keyboard.press('F1');
    const offered = await quickInput(page)
      .fill(`>${title}`, { timeout: 3000 })
      .then(() => row.waitFor({ timeout: 3000 }))
      .then(
        () => true,
        () => false,
      );
    if (offered) break;
    // Early in a window's life the extension's commands are not there yet; a key may meet a page that is loading.
    await page.keyboard.press('Escape');
    if (Date.now() > end) throw new Error(`The command palette does not offer "${title}".`);
  }
  await row.click();
}

/** The extension's item in the status bar. */
export function statusItem(page: Page): Locator {
  return page
    .locator(`.part.statusbar .statusbar-item[id*="${extensionId}"]`)
    .filter({ hasText: 'OpenEMR' })
    .first();
}

/** The text of the extension's status bar item, icons left out. */
export async function statusText(page: Page): Promise<string> {
  return (await statusItem(page).innerText()).replace(/\s+/g, ' ').trim();
}

/**
 * Waits until the status bar item's text matches.
 * @throws Error that tells the text it shows instead.
 */
export async function waitForStatus(page: Page, text: RegExp, timeoutMs = stepTimeoutMs): Promise<string> {
  const item = statusItem(page).filter({ hasText: text });
  await item.waitFor({ timeout: timeoutMs }).catch(async () => {
    const shown = await statusText(page).catch(() => 'nothing');
    throw new Error(`The status bar should show ${text.source} and shows "${shown}".`);
  });
  return statusText(page);
}

/** What a notification offers: a button below its text or a link in it. */
export function notificationAction(page: Page, name: string): Locator {
  const inside = (selector: string) => page.locator(`.notification-toast ${selector}`);
  return inside('.monaco-button').or(inside('a')).filter({ hasText: name }).last();
}

/** Types into the input box that VS Code shows, and confirms. */
export async function answerInputBox(page: Page, text: string): Promise<void> {
  const input = quickInput(page);
  await input.waitFor({ timeout: stepTimeoutMs });
  await input.fill(text);
  await input.press('Enter');
}

/** The document of the newest webview: an outer frame of VS Code's holds the extension's. */
export function webview(page: Page): FrameLocator {
  return page.locator('iframe.webview.ready').last().contentFrame().frameLocator('iframe#active-frame');
}
