import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BrowserContext, Page } from 'playwright-core';
import { openBrowser } from './browser.ts';
import { buildWhenStale } from './build.ts';
import type { DemoOptions } from './demoOptions.ts';
import { startSandbox } from './sandboxServer.ts';
import type { RunningSandbox } from './sandboxServer.ts';
import type { Cleanup } from './shutdown.ts';
import { openWorkbench } from './workbenchPage.ts';
import { startWorkbenchServer } from './workbenchServer.ts';

/** Everything a demo runs on: an OpenEMR, VS Code's server, a browser with VS Code in it. */
export interface DemoSession {
  readonly baseUrl: string;
  readonly sandbox: RunningSandbox | undefined;
  readonly browser: BrowserContext;
  readonly workbench: Page;
  /** What VS Code's server side wrote; the browser's own profile is elsewhere. */
  readonly serverFolder: string;
  /** Keeps a picture of a page, named after the step at hand. */
  readonly screenshot: (page: Page, name: string) => Promise<void>;
}

async function startOpenEmr(options: DemoOptions, cleanup: Cleanup): Promise<RunningSandbox | undefined> {
  if (options.server) return undefined;
  const sandbox = await startSandbox({
    era: options.era,
    ...(options.callback === 'uri-handler' && { redirectMatching: 'ignore-query' as const }),
  });
  cleanup.add(() => sandbox.stop());
  return sandbox;
}

/** Starts all parts. What was started is in `cleanup`, also where a later part fails. */
export async function openDemoSession(
  options: DemoOptions,
  cleanup: Cleanup,
): Promise<Omit<DemoSession, 'screenshot'>> {
  await buildWhenStale();
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-demo-'));
  cleanup.add(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  const sandbox = await startOpenEmr(options, cleanup);
  const serverFolder = join(folder, 'server');
  const server = await startWorkbenchServer({ dataFolder: serverFolder });
  cleanup.add(() => server.stop());
  const browser = await openBrowser({
    profileFolder: join(folder, 'browser-profile'),
    ignoreCertificateErrors: options.server?.trustCertificate ?? false,
  });
  cleanup.add(() => browser.close());
  const workbench = await openWorkbench(browser, server.address);
  const baseUrl = sandbox?.baseUrl ?? options.server?.baseUrl ?? '';
  return { baseUrl, sandbox, browser, workbench, serverFolder };
}
