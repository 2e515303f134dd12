import assert from 'node:assert/strict';
import type { FrameLocator } from 'playwright-core';
import { openConnectionPanel, type ConnectionPanelPage } from '../../src/launch/connectionPanelPage.ts';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import { openDemoSession } from '../../src/launch/demoSession.ts';
import type { DemoSession } from '../../src/launch/demoSession.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { openWorkbench, runCommand, webview } from '../../src/launch/workbenchPage.ts';
import { keptByVsCode, untilKept } from './keptByVsCode.ts';

const waitMs = 60_000;
const typedSecret = 'a-secret-that-nobody-keeps';

describe('a panel of VS Code', () => {
  let cleanup: Cleanup;
  let session: Omit<DemoSession, 'screenshot'>;
  let panel: ConnectionPanelPage;

  before(async () => {
    cleanup = new Cleanup();
    session = await openDemoSession(parseDemoOptions([]), cleanup);
    panel = await openConnectionPanel(session.workbench);
    await panel.fill('Connection name', 'Clinic North');
    await panel.fill('Base URL', 'https://emr.example.org/openemr');
    await frame().getByLabel('Client secret', { exact: true }).fill(typedSecret);
    await frame().getByText('Unsaved changes').waitFor({ timeout: waitMs });
  });
  after(() => cleanup.run());

  const frame = (): FrameLocator => webview(session.workbench);

  async function assertDraftIsThere(): Promise<void> {
    const name = frame().getByRole('textbox', { name: 'Connection name', exact: true });
    await name.waitFor({ timeout: waitMs });
    assert.equal(await name.inputValue(), 'Clinic North');
    const address = frame().getByRole('textbox', { name: 'Base URL', exact: true });
    assert.equal(await address.inputValue(), 'https://emr.example.org/openemr');
    assert.equal(await frame().getByLabel('Client secret', { exact: true }).inputValue(), '');
  }

  it('keeps what was typed while it is hidden, and forgets the secret', async () => {
    await runCommand(session.workbench, 'File: New Untitled Text File');
    await session.workbench.locator('.tab', { hasText: 'Untitled' }).waitFor({ timeout: waitMs });
    await session.workbench.locator('.tab', { hasText: 'OpenEMR' }).click();
    await assertDraftIsThere();
  });

  it('comes back with what was typed after the window was reloaded, before anybody used the extension', async () => {
    await untilKept(session.workbench, 'Clinic North');
    await openWorkbench(session.browser, session.workbench.url());
    await assertDraftIsThere();
  });

  it('leaves no typed secret in what VS Code keeps', async () => {
    const kept = await keptByVsCode(session.workbench);
    assert.ok(kept.includes('Clinic North'), 'the draft is not even there: nothing was looked at');
    assert.ok(!kept.includes(typedSecret));
  });
});
