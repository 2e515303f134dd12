import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import { openDemoSession, type DemoSession } from '../../src/launch/demoSession.ts';
import { stepActions, type DemoProgress } from '../../src/launch/demoSteps.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { webview } from '../../src/launch/workbenchPage.ts';

const steps = ['configure', 'discover', 'register', 'enable', 'logIn', 'test'] as const;

describe('The connections view in the real VS Code', () => {
  const cleanup = new Cleanup();
  let session: DemoSession;

  before(async () => {
    const options = parseDemoOptions([]);
    const folder = join(projectRoot, 'test-results', 'connections-view');
    await mkdir(folder, { recursive: true });
    const screenshot = async (page: Page, name: string) => {
      await page.screenshot({ path: join(folder, `${name}.png`) });
    };
    session = { ...(await openDemoSession(options, cleanup)), screenshot };
    const progress: DemoProgress = {};
    for (const step of steps) await stepActions[step](session, options, progress);
    await session.workbench.locator('.activitybar a[aria-label^="OpenEMR"]').click();
  });
  after(() => cleanup.run());

  const line = (text: RegExp) => session.workbench.getByRole('treeitem', { name: text });

  it('opens up, by the keyboard, to session, last test and records, each leading to its place', async () => {
    const { workbench, screenshot } = session;
    const connections = workbench.getByRole('tree', { name: /Connections/ });
    await connections.getByRole('treeitem').first().waitFor();
    await connections.focus();
    await workbench.keyboard.press('ArrowDown');
    await workbench.keyboard.press('ArrowRight');
    await line(/^Session, Signed in · Refreshes by itself/).waitFor();
    await line(/^Resources, 4/).waitFor();
    await line(/^Connection test, 7 passed · 1 skipped/).click();
    await webview(workbench).getByRole('tab', { name: 'Test results', selected: true }).waitFor();
    await line(/^Session/).click();
    await webview(workbench).getByRole('tab', { name: 'Status', selected: true }).waitFor();
    await line(/^Resources/).click();
    await line(/^Practitioner/).click();
    const types = webview(workbench).getByLabel('Types of records');
    await types.waitFor();
    await types.locator('option[value=Practitioner]:checked').waitFor({ state: 'attached' });
    await screenshot(workbench, 'details');
  });
});
