// npm run pictures: the pictures of the documents, made anew by a run of the demo.
import { copyFile, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseDemoOptions } from './demoOptions.ts';
import { runDemo } from './demoRun.ts';
import type { DemoSession } from './demoSession.ts';
import { projectRoot } from './paths.ts';
import { MissingRequirement, say, sentenceOf } from './progress.ts';
import { Cleanup, stopRequested } from './shutdown.ts';

const imagesFolder = join(projectRoot, 'docs', 'images');

/** Screenshots of the demo by the names that the documents know them by. */
const chosen: Readonly<Record<string, string>> = {
  '2-discover.png': 'form.png',
  '3-register.png': 'registered.png',
  '5-consent-page.png': 'consent.png',
  '6-test.png': 'panel.png',
};

/** The connections beside the panel tell more than an empty folder does. */
async function openConnectionsView({ workbench }: DemoSession): Promise<void> {
  await workbench.locator('.activitybar a[aria-label^="OpenEMR"]').click();
}

async function takePictures(cleanup: Cleanup): Promise<void> {
  const screenshots = await mkdtemp(join(tmpdir(), 'openemr-workbench-pictures-'));
  try {
    const observer = { line: say, screenshots, started: openConnectionsView };
    const result = await runDemo(parseDemoOptions([]), observer, cleanup);
    if (!result.ok) throw new MissingRequirement(`The demo did not succeed: ${result.reason ?? ''}`);
    await mkdir(imagesFolder, { recursive: true });
    for (const [screenshot, picture] of Object.entries(chosen)) {
      await copyFile(join(screenshots, screenshot), join(imagesFolder, picture));
      say(`docs/images/${picture}`);
    }
  } finally {
    await rm(screenshots, { recursive: true, force: true });
  }
}

const cleanup = new Cleanup();
const taken = takePictures(cleanup).then(() => undefined, sentenceOf);
const problem = await Promise.race([taken, stopRequested().then(() => 'Stopped.')]);
if (problem !== undefined) say(problem);
await cleanup.run();
process.exit(problem === undefined ? 0 : 1);
