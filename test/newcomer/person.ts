import type { Page } from 'playwright-core';
import type { FrameLocator, Locator } from 'playwright-core';
import { webview } from '../../src/launch/workbenchPage.ts';

const patienceMs = 60_000;
const mostTabs = 25;

/**
 * A person at VS Code in the browser, every action counted. An action is one of: a chord of keys (Enter, Tab and F1
 * alike, each one for itself), a text typed into a field or the palette, a click, the closing of a browser tab to get
 * back to VS Code. Looking and waiting are none.
 */
export class Person {
  readonly page: Page;
  readonly actions: string[] = [];
  usedMouse = false;

  constructor(page: Page) {
    this.page = page;
  }

  get panel(): FrameLocator {
    return webview(this.page);
  }

  async press(chord: string, page = this.page): Promise<void> {
    this.actions.push(chord);
    await page.keyboard.press(chord);
  }

  async type(text: string, page = this.page): Promise<void> {
    this.actions.push(`"${text}"`);
    await page.keyboard.type(text);
  }

  async click(target: Locator): Promise<void> {
    this.actions.push('click');
    this.usedMouse = true;
    await target.click({ timeout: patienceMs });
  }

  /** Three actions: opens the palette, types the title, takes the first offer. */
  async command(title: string): Promise<void> {
    await this.press('F1');
    const { page } = this;
    await page.locator('.quick-input-widget:visible input').first().waitFor({ timeout: patienceMs });
    await this.type(title);
    const first = page.locator('.quick-input-list .monaco-list-row').first().filter({ hasText: title });
    await first.waitFor({ timeout: patienceMs });
    await this.press('Enter');
  }

  /** Answers an input box of VS Code; without a text what it proposes is taken. */
  async answer(title: string, text?: string): Promise<void> {
    await this.page
      .locator('.quick-input-widget:visible')
      .filter({ hasText: title })
      .waitFor({ timeout: patienceMs });
    if (text !== undefined) await this.type(text);
    await this.press('Enter');
  }

  /** Presses a button of the panel by keyboard; goes there by Tab, counted, where the focus is elsewhere. */
  async pressPanelButton(name: string): Promise<void> {
    const button = this.panel.getByRole('button', { name, exact: true }).first();
    await button.waitFor({ timeout: patienceMs });
    await this.#reach(button, this.page);
    await this.press('Enter');
  }

  /** The same on another page. */
  async pressButton(button: Locator, page: Page): Promise<void> {
    await button.waitFor({ timeout: patienceMs });
    await this.#reach(button, page);
    await this.press('Enter', page);
  }

  async clickPanelButton(name: string): Promise<void> {
    await this.click(this.panel.getByRole('button', { name, exact: true }).first());
  }

  /** Closes a tab of the browser and is back at VS Code. */
  async closeTab(tab: Page): Promise<void> {
    this.actions.push('close tab');
    await tab.close();
    await this.page.bringToFront();
  }

  async #reach(target: Locator, page: Page): Promise<void> {
    for (let tabs = 0; tabs <= mostTabs; tabs++) {
      // What is about to take the focus gets a moment for it.
      for (let look = 0; look < (tabs === 0 ? 20 : 2); look++) {
        if (await target.evaluate(isFocused)) return;
        await page.waitForTimeout(100);
      }
      await this.press('Tab', page);
    }
    throw new Error(`The keyboard does not reach ${target.toString()} in ${mostTabs} steps.`);
  }
}

/** Runs in the page. */
function isFocused(element: unknown): boolean {
  return (element as { ownerDocument: { activeElement: unknown } }).ownerDocument.activeElement === element;
}
