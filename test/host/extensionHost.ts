import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { openBrowser } from '../../src/launch/browser.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { Cleanup } from '../../src/launch/shutdown.ts';
import { startWorkbenchServer } from '../../src/launch/workbenchServer.ts';
import type { WorkbenchServer } from '../../src/launch/workbenchServer.ts';

const runLimitMs = 120_000;

/** One test that ran inside the extension host. */
export interface InsideTest {
  readonly title: string;
  readonly failure: string | undefined;
}

interface Report {
  readonly tests: readonly {
    readonly fullTitle: string;
    readonly err: { readonly message?: string; readonly stack?: string };
  }[];
}

/** The address that makes VS Code load the project from its folder and run the tests in its extension host. */
function testAddress({ origin, address }: WorkbenchServer): string {
  const remote = (path: string) => `vscode-remote://${new URL(origin).host}${path}`;
  const payload = [
    ['extensionDevelopmentPath', remote(projectRoot.replace(/\/$/, ''))],
    ['extensionTestsPath', remote(join(projectRoot, 'test', 'host', 'inside', 'index.cjs'))],
  ];
  return `${address}&payload=${encodeURIComponent(JSON.stringify(payload))}`;
}

/** VS Code calls two functions of its page when it runs tests: one for log lines, one at the end. */
async function untilTestsEnd(page: Page, address: string): Promise<void> {
  await page.exposeFunction('codeAutomationLog', () => undefined);
  const ended = new Promise<void>((resolve) => {
    void page.exposeFunction('codeAutomationExit', () => resolve()).then(() => page.goto(address));
  });
  await Promise.race([
    ended,
    new Promise((_, reject) =>
      setTimeout(() => reject(new Error('The extension host ran no tests to the end.')), runLimitMs).unref(),
    ),
  ]);
}

async function readReport(file: string): Promise<InsideTest[]> {
  const { tests } = JSON.parse(await readFile(file, 'utf8')) as Report;
  return tests.map(({ fullTitle, err }) => ({ title: fullTitle, failure: err.stack ?? err.message }));
}

/**
 * Runs test/host/inside in a real extension host (code-server and Chromium).
 * @throws Error where it does not come to an end or leaves no report.
 */
export async function runInsideExtensionHost(): Promise<InsideTest[]> {
  const cleanup = new Cleanup();
  try {
    const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-host-'));
    cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
    const report = join(folder, 'report.json');
    const server = await startWorkbenchServer({
      dataFolder: join(folder, 'server'),
      withExtension: false,
      smokeTestDriver: true,
      environment: { OPENEMR_WORKBENCH_TEST_REPORT: report },
    });
    cleanup.add(() => server.stop());
    const browser = await openBrowser({ profileFolder: join(folder, 'browser-profile') });
    cleanup.add(() => browser.close());
    await untilTestsEnd(await browser.newPage(), testAddress(server));
    return await readReport(report);
  } finally {
    await cleanup.run();
  }
}
