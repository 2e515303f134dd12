import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Page } from 'playwright-core';
import type { DemoOptions } from './demoOptions.ts';
import { demoSteps, nothingObserved, reasonOf } from './demoResult.ts';
import type { DemoResult, DemoStep } from './demoResult.ts';
import { openDemoSession } from './demoSession.ts';
import type { DemoSession } from './demoSession.ts';
import { clickCountsMs, stepActions } from './demoSteps.ts';
import type { DemoProgress } from './demoSteps.ts';
import { projectRoot } from './paths.ts';
import { Cleanup } from './shutdown.ts';

/** What a caller may want to see of a run. */
export interface DemoObserver {
  /** One line a step. */
  readonly line: (text: string) => void;
  /** Where the pictures go, if not below .demo/. */
  readonly screenshots?: string;
  /** Called with everything running, before the first step. */
  readonly started?: (session: DemoSession) => void | Promise<void>;
  /** Called at the end, before the folders are removed. */
  readonly ended?: (session: DemoSession) => Promise<void>;
}

interface DemoRun {
  readonly options: DemoOptions;
  readonly observer: DemoObserver;
  readonly cleanup: Cleanup;
}

const failurePollMs = 300;

const browserHostCannot =
  'A browser host cannot use the uri-handler callback with a real OpenEMR: its callback address changes with every ' +
  'login, and OpenEMR compares addresses to the byte. Use --callback loopback or paste.';

/** Where the screenshots of a run go. */
export function screenshotFolder(options: DemoOptions): string {
  const place = options.server ? 'server' : options.era;
  return join(projectRoot, '.demo', `${place}-${options.callback}`);
}

/** Rejects as soon as the panel tells of a failure, so that nobody waits for what will not come. Begins late, as looking counts as a click (openLoginPage). */
async function panelFailure(progress: DemoProgress, signal: AbortSignal): Promise<never> {
  await sleep(clickCountsMs, undefined, { signal });
  for (;;) {
    await sleep(failurePollMs, undefined, { signal });
    const text = await progress.panel?.shownFailure().catch(() => undefined);
    if (text) throw new Error(text);
  }
}

class Recorder {
  readonly steps: { name: DemoStep; ms: number }[] = [];
  readonly #folder: string;
  readonly #observer: DemoObserver;

  constructor(folder: string, observer: DemoObserver) {
    this.#folder = folder;
    this.#observer = observer;
  }

  async run(session: DemoSession, name: DemoStep, action: () => Promise<string>): Promise<void> {
    const start = performance.now();
    try {
      const outcome = await action();
      const ms = Math.round(performance.now() - start);
      await this.screenshot(session.workbench, name);
      this.steps.push({ name, ms });
      this.#observer.line(`${this.steps.length}. ${name}: ${outcome} (${ms} ms)`);
    } catch (error) {
      await this.#screenshotsOfFailure(session, name);
      throw new Error(`${name}: ${reasonOf(error)}`, { cause: error });
    }
  }

  async screenshot(page: Page, name: string): Promise<void> {
    await page.screenshot({ path: join(this.#folder, `${this.steps.length + 1}-${name}.png`) });
  }

  async #screenshotsOfFailure({ browser }: DemoSession, name: DemoStep): Promise<void> {
    for (const [index, page] of browser.pages().entries()) {
      const path = join(this.#folder, `failed-${name}-${index + 1}.png`);
      await page.screenshot({ path, timeout: 5000 }).catch(() => undefined);
    }
  }
}

async function runSteps(
  session: DemoSession,
  options: DemoOptions,
  recorder: Recorder,
  progress: DemoProgress,
) {
  for (const name of demoSteps) {
    const watch = new AbortController();
    const failure = panelFailure(progress, watch.signal);
    failure.catch(() => undefined);
    const step = () => Promise.race([stepActions[name](session, options, progress), failure]);
    await recorder.run(session, name, step).finally(() => watch.abort());
  }
}

async function perform(run: DemoRun, recorder: Recorder, progress: DemoProgress): Promise<void> {
  const { options, observer, cleanup } = run;
  if (options.server && options.callback === 'uri-handler') throw new Error(browserHostCannot);
  try {
    const parts = await openDemoSession(options, cleanup);
    const session = { ...parts, screenshot: (page: Page, name: string) => recorder.screenshot(page, name) };
    await observer.started?.(session);
    try {
      await runSteps(session, options, recorder, progress);
    } finally {
      await observer.ended?.(session);
    }
  } finally {
    await cleanup.run();
  }
}

/** A run is worth its ok only if everything it claims was seen. */
function doubtOf({ observation = nothingObserved, refreshed }: DemoProgress): string | undefined {
  if (!refreshed) return 'The token was not refreshed.';
  if (observation.openemrVersion === '') return 'The connection test found no OpenEMR version.';
  if (observation.scopesGranted.length === 0) return 'The connection test showed no granted scope.';
  return undefined;
}

/** Drives the real VS Code through the whole flow. Never throws: a failure is a result with a reason. */
export async function runDemo(
  options: DemoOptions,
  observer: DemoObserver,
  cleanup = new Cleanup(),
): Promise<DemoResult> {
  const folder = observer.screenshots ?? screenshotFolder(options);
  await rm(folder, { recursive: true, force: true });
  const recorder = new Recorder(folder, observer);
  const progress: DemoProgress = {};
  if (options.callback === 'uri-handler' && !options.server) {
    observer.line(
      'The sandbox runs with --redirect-matching ignore-query: OpenEMR itself compares to the byte.',
    );
  }
  const failure = await perform({ options, observer, cleanup }, recorder, progress).then(
    () => doubtOf(progress),
    (error: unknown) => reasonOf(error),
  );
  const observation = progress.observation ?? nothingObserved;
  return {
    ok: failure === undefined,
    era: options.server ? eraOf(observation.openemrVersion, options) : options.era,
    ...observation,
    refreshed: progress.refreshed ?? false,
    callback: options.callback,
    ...(failure !== undefined && { reason: failure }),
    steps: recorder.steps,
  };
}

function eraOf(version: string, options: DemoOptions): string {
  if (version === '') return options.era;
  return version.startsWith('7.') ? '7.0' : '8.2';
}
