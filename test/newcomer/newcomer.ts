// npm run newcomer [-- --json FILE]: how many actions it takes somebody with an empty profile to get to a verified
// connection in the real VS Code (code-server and Chromium), once to the sandbox and once to a server where the client
// has to be registered and enabled; without a mouse and, in windows of their own, with it. What an action is stands in
// person.ts: every single chord counts, Tab too.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { AxeBuilder } from '@axe-core/playwright';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { buildWhenStale } from '../../src/launch/build.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { say } from '../../src/launch/progress.ts';
import { startSandbox } from '../../src/launch/sandboxServer.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench } from '../../src/launch/workbenchPage.ts';
import { startWorkbenchServer } from '../../src/launch/workbenchServer.ts';
import {
  registeredByKeyboard,
  registeredByMouse,
  sandboxByKeyboard,
  sandboxByMouse,
  type Way,
} from './ways.ts';

const limits = { sandbox: 12, registered: 20 } as const;
const pictures = join(projectRoot, 'test-results', 'newcomer');

interface Walk {
  readonly actions: readonly string[];
  readonly usedMouse: boolean;
  readonly violations: readonly string[];
}

/** One way in a profile of its own. */
async function walk(name: string, way: Way): Promise<Walk> {
  const cleanup = new Cleanup();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-newcomer-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const server = await startSandbox({ era: '8.2' });
    cleanup.add(() => server.stop());
    const host = await startWorkbenchServer({ dataFolder: join(folder, 'server') });
    cleanup.add(() => host.stop());
    const browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    cleanup.add(() => browser.close());
    const workbench = await openWorkbench(browser, host.address);
    await untilSettled(workbench);
    try {
      const { actions, usedMouse } = await way({ browser, workbench, server });
      const violations = await barriers(workbench);
      return { actions, usedMouse, violations };
    } finally {
      for (const [index, page] of browser.pages().entries()) {
        const path = join(pictures, `${name}-${index + 1}.png`);
        await page.screenshot({ path, timeout: 5000 }).catch(() => undefined);
      }
    }
  } finally {
    await cleanup.run();
  }
}

/** The window is drawn before its extensions are there; what they contribute comes at once, with their icon. */
async function untilSettled(workbench: Page): Promise<void> {
  await workbench.locator('.activitybar .action-label[aria-label^="OpenEMR"]').first().waitFor();
  await workbench.waitForTimeout(3000);
}

/** axe in the panel as VS Code shows it, with its own theme and style sheets. */
async function barriers(workbench: Page): Promise<string[]> {
  const { violations } = await new AxeBuilder({ page: workbench })
    .include(['iframe.webview.ready', 'iframe#active-frame', 'connection-panel'])
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    // A webview is a part of VS Code's window, not a page whose every word needs a landmark.
    .disableRules(['region'])
    .analyze();
  return violations.map(
    ({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`,
  );
}

async function walkAloud(name: string, way: Way): Promise<Walk> {
  const walked = await walk(name, way);
  say(`${name}: ${walked.actions.length} actions: ${walked.actions.join(', ')}`);
  for (const violation of walked.violations) say(`  axe: ${violation}`);
  return walked;
}

const { values } = parseArgs({ options: { json: { type: 'string' } } });
await buildWhenStale();
await mkdir(pictures, { recursive: true });
const sandbox = await walkAloud('sandbox-keyboard', sandboxByKeyboard);
const registered = await walkAloud('registered-keyboard', registeredByKeyboard);
const sandboxMouse = await walkAloud('sandbox-mouse', sandboxByMouse);
const registeredMouse = await walkAloud('registered-mouse', registeredByMouse);
const all = [sandbox, registered, sandboxMouse, registeredMouse];
const result = {
  actionsSandbox: sandbox.actions.length,
  actionsRegistered: registered.actions.length,
  keyboardOnly: !sandbox.usedMouse && !registered.usedMouse,
  axeViolations: all.reduce((sum, { violations }) => sum + violations.length, 0),
  withMouse: {
    actionsSandbox: sandboxMouse.actions.length,
    actionsRegistered: registeredMouse.actions.length,
  },
};
if (values.json) await writeFile(values.json, `${JSON.stringify(result)}\n`);
console.log(JSON.stringify(result));
const isWithinLimits = [result, result.withMouse].every(
  ({ actionsSandbox, actionsRegistered }) =>
    actionsSandbox <= limits.sandbox && actionsRegistered <= limits.registered,
);
process.exit(isWithinLimits && result.keyboardOnly && result.axeViolations === 0 ? 0 : 1);
