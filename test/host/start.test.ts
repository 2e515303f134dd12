import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BrowserContext } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { openWorkbench, waitForStatus } from '../../src/launch/workbenchPage.ts';

const startMs = 60_000;

/** The first match in what a program writes to stdout. */
async function printed(program: ChildProcess, pattern: RegExp): Promise<string> {
  let output = '';
  program.stdout!.on('data', (chunk: Buffer) => (output += chunk.toString()));
  for (let waited = 0; waited < startMs; waited += 50) {
    const match = pattern.exec(output);
    if (match?.[1]) return match[1];
    await sleep(50);
  }
  throw new Error(`Nothing like ${pattern.source} was printed, but: ${output}`);
}

const answers = (address: string): Promise<boolean> =>
  fetch(address).then(
    () => true,
    () => false,
  );

describe('npm start -- --no-open', () => {
  let folder: string;
  let program: ChildProcess;
  let address: string;
  let browser: BrowserContext | undefined;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-start-'));
    const args = ['src/launch/start.ts', '--no-open', '--data-folder', folder];
    program = spawn(process.execPath, args, { cwd: projectRoot, stdio: ['ignore', 'pipe', 'ignore'] });
    address = await printed(program, /^OPEN (http\S+)$/m);
  });
  after(async () => {
    await browser?.close();
    program.kill('SIGKILL');
    await rm(folder, { recursive: true, force: true, maxRetries: 5 });
  });

  it('prints an address that shows VS Code with the sandbox connection in the status bar', async () => {
    browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    const page = await openWorkbench(browser, address);
    assert.match(await waitForStatus(page, /Sandbox/, startMs), /^OpenEMR: Sandbox · signed out$/);
  });

  it('ends with all that it started when it is told to', async () => {
    assert.equal(await answers(address), true);
    program.kill('SIGTERM');
    const [status] = (await once(program, 'exit')) as [number];
    assert.equal(status, 0);
    assert.equal(await answers(address), false);
  });
});
