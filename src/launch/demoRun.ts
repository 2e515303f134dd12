import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DemoOptions } from './demoOptions.ts';
import { demoSteps, nothingObserved, reasonOf } from './demoResult.ts';
import type { DemoResult, DemoStep } from './demoResult.ts';
import { openDemoSession } from './demoSession.ts';
import type { DemoSession } from './demoSession.ts';
import { stepActions } from './demoSteps.ts';
import type { DemoProgress } from './demoSteps.ts';
import { projectRoot } from './paths.ts';
import { Cleanup } from './shutdown.ts';

/** What a caller may want to see of a run. */
export interface DemoObserver {
  /** One line a step. */
  readonly line: (text: string) => void;
  /** Called with everything running, before the first step. */
  readonly started?: (session: DemoSession) => void;
  /** Called at the end, before the folders are removed. */
  readonly ended?: (session: DemoSession) => Promise<void>;
}

const browserHostCannot =
  'A browser host cannot use the uri-handler callback with a real OpenEMR: its callback address changes with every ' +
  'login, and OpenEMR compares addresses to the byte. Use --callback loopback or paste.';

/** Where the screenshots of a run go. */
export function screenshotFolder(options: DemoOptions): string {
  const place = options.server ? 'server' : options.era;
  return join(projectRoot, '.demo', `${place}-${options.callback}`);
}

class Recorder {
  readonly steps: { name: DemoStep; ms: number }[] = [];
  readonly #folder: string;
  readonly #observer: DemoObserver;

  constructor(folder: string, observer: DemoObserver) {
    this.#folder = folder;
    this.#observer = observer;
  }

  async run(name: DemoStep, session: DemoSession, action: () => Promise<string>): Promise<void> {
    const start = performance.now();
    try {
      const outcome = await action();
      const ms = Math.round(performance.now() - start);
      this.steps.push({ name, ms });
      await this.#screenshot(session, name);
      this.#observer.line(`${this.steps.length}. ${name}: ${outcome} (${ms} ms)`);
    } catch (error) {
      await this.#screenshotsOfFailure(session, name);
      throw new Error(`${name}: ${reasonOf(error)}`, { cause: error });
    }
  }

  async #screenshot({ workbench }: DemoSession, name: DemoStep): Promise<void> {
    await workbench.screenshot({ path: join(this.#folder, `${this.steps.length}-${name}.png`) });
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
    await recorder.run(name, session, () => stepActions[name](session, options, progress));
  }
}

async function perform(
  options: DemoOptions,
  observer: DemoObserver,
  recorder: Recorder,
  progress: DemoProgress,
) {
  if (options.server && options.callback === 'uri-handler') throw new Error(browserHostCannot);
  const cleanup = new Cleanup();
  try {
    const session = await openDemoSession(options, cleanup);
    observer.started?.(session);
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
  if (observation.patientCount < 1) return 'The connection test read no patient.';
  if (observation.openemrVersion === '') return 'The connection test found no OpenEMR version.';
  if (observation.scopesGranted.length === 0) return 'The connection test showed no granted scope.';
  return undefined;
}

/** Drives the real VS Code through the whole flow. Never throws: a failure is a result with a reason. */
export async function runDemo(options: DemoOptions, observer: DemoObserver): Promise<DemoResult> {
  const folder = screenshotFolder(options);
  await rm(folder, { recursive: true, force: true });
  await mkdir(folder, { recursive: true });
  const recorder = new Recorder(folder, observer);
  const progress: DemoProgress = {};
  if (options.callback === 'uri-handler' && !options.server) {
    observer.line(
      'The sandbox runs with --redirect-matching ignore-query: OpenEMR itself compares to the byte.',
    );
  }
  const failure = await perform(options, observer, recorder, progress).then(
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
