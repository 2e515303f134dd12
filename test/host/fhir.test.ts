import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { parseDemoOptions } from '../../src/launch/demoOptions.ts';
import { openDemoSession, type DemoSession } from '../../src/launch/demoSession.ts';
import { stepActions, type DemoProgress } from '../../src/launch/demoSteps.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { runCommand, webview } from '../../src/launch/workbenchPage.ts';
import { generatedDataset } from '../../src/sandbox/fhir/generatedData.ts';
import { leaksIn, personalValues } from '../fhir/personalData.ts';

const values = personalValues(generatedDataset());
const steps = ['configure', 'discover', 'register', 'enable', 'logIn', 'test'] as const;

for (const era of ['7.0', '8.2'] as const) {
  describe(`FHIR in the real VS Code, with an OpenEMR ${era}`, () => {
    const cleanup = new Cleanup();
    let session: DemoSession;

    before(async () => {
      const options = parseDemoOptions(['--era', era]);
      const folder = join(projectRoot, 'test-results', `fhir-${era}`);
      await mkdir(folder, { recursive: true });
      const parts = await openDemoSession(options, cleanup);
      const screenshot = async (page: Page, name: string) => {
        await page.screenshot({ path: join(folder, `${name}.png`) });
      };
      session = { ...parts, screenshot };
      const progress: DemoProgress = {};
      for (const step of steps) await stepActions[step](session, options, progress);
    });
    after(() => cleanup.run());

    it('shows scopes, tries every type, and draws the times', async () => {
      const { workbench, screenshot } = session;
      await runCommand(workbench, 'OpenEMR: Show Scopes');
      const frame = webview(workbench);
      const row = frame.locator('tr[data-scope="user/Patient.read"]');
      await row.waitFor();
      assert.equal(await row.getAttribute('data-granted'), 'yes');
      await screenshot(workbench, 'scopes');
      await frame.getByRole('button', { name: 'Try all types' }).click();
      await frame.locator('section.matrix[data-state=done]').waitFor();
      await frame.locator('section.matrix').scrollIntoViewIfNeeded();
      const patient = frame.locator('tr[data-type=Patient]');
      assert.equal(await patient.getAttribute('data-search'), 'allowed');
      assert.equal(await patient.getAttribute('data-read'), 'allowed');
      const observation = frame.locator('tr[data-type=Observation]');
      assert.equal(await observation.getAttribute('data-search'), 'scope-missing');
      assert.match(await observation.innerText(), /the permission user\/Observation\.read was not granted/);
      await frame.getByRole('heading', { name: 'What this login may read' }).scrollIntoViewIfNeeded();
      await screenshot(workbench, 'matrix');
      await frame.locator('svg.timing').last().scrollIntoViewIfNeeded();
      await screenshot(workbench, 'times');
    });

    it('says what the token says', async () => {
      const { workbench, screenshot } = session;
      await runCommand(workbench, 'OpenEMR: Show Token Details');
      const frame = webview(workbench);
      await frame.getByText("Made with the server's key").first().waitFor();
      await screenshot(workbench, 'token');
      assert.equal(/eyJ/.test(await frame.locator('body').innerText()), false);
    });

    it('searches records, opens one as a read-only document, masked until it is revealed', async () => {
      const { workbench, screenshot } = session;
      await runCommand(workbench, 'OpenEMR: Open FHIR Resource');
      const frame = webview(workbench);
      await frame.getByLabel('Types of records').selectOption('Patient');
      await frame.getByRole('button', { name: 'Search', exact: true }).click();
      const rows = frame.locator('table.records tbody tr');
      await rows.nth(49).waitFor();
      assert.deepEqual(leaksIn(await frame.locator('body').innerText(), values), []);
      await screenshot(workbench, 'explorer');
      await rows
        .first()
        .getByRole('button', { name: /^Open / })
        .click();
      const editor = workbench.locator('.monaco-editor .view-lines').last();
      await editor.getByText('resourceType').waitFor();
      await workbench.getByText('Masked. Reveal this record').waitFor();
      assert.deepEqual(leaksIn(await editor.innerText(), values), []);
      await screenshot(workbench, 'record-masked');
      await workbench.getByText('Masked. Reveal this record').click();
      await workbench.getByText('Revealed. Mask again').waitFor();
      // The narrative stands among the first lines.
      await editor.getByText('<div').first().waitFor();
      assert.ok(leaksIn(await editor.innerText(), values).length > 0);
      await screenshot(workbench, 'record-revealed');
      await workbench.getByText('Revealed. Mask again').click();
      await workbench.getByText('Masked. Reveal this record').waitFor();
      await editor.getByText('<div').first().waitFor({ state: 'detached' });
      assert.deepEqual(leaksIn(await editor.innerText(), values), []);
    });
  });
}
