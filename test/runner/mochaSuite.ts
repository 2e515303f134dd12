import { globSync } from 'node:fs';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { oneFailed, oneSkipped } from './tally.ts';
import type { Tally } from './tally.ts';

const usualLimitMs = 20 * 60_000;

export interface MochaSuite {
  readonly name: string;
  /** Glob patterns of test files, from the project's root. */
  readonly files: readonly string[];
  readonly timeoutMs: number;
  /** For suites that wait on real browsers, editors and processes: how often a failed test is tried again. */
  readonly retries?: number;
  readonly environment?: Readonly<Record<string, string>>;
  /** After which the whole run is given up, in milliseconds; 20 minutes where absent. */
  readonly limitMs?: number;
}

interface MochaReport {
  readonly stats: { readonly passes: number; readonly failures: number; readonly pending: number };
  readonly failures: readonly {
    readonly fullTitle: string;
    readonly err: { readonly message?: string; readonly stack?: string };
  }[];
}

export type SuiteResult = Tally & { readonly details: string };

const describeFailure = ({ fullTitle, err }: MochaReport['failures'][number]) =>
  `✗ ${fullTitle}\n${err.stack ?? err.message ?? ''}`;

/** Reads what mocha's json reporter has written. */
export function readMochaReport(text: string): SuiteResult {
  const { stats, failures } = JSON.parse(text) as MochaReport;
  const details = failures.map(describeFailure).join('\n\n');
  return { passed: stats.passes, failed: stats.failures, skipped: stats.pending, details };
}

async function run(suite: MochaSuite, files: readonly string[], reportFile: string): Promise<SuiteResult> {
  const node = ['--import', './test/fakes/register.mjs', 'node_modules/mocha/bin/mocha.js'];
  const options = ['--reporter', 'json', '--reporter-option', `output=${reportFile}`];
  options.push('--timeout', String(suite.timeoutMs), '--exit');
  if (suite.retries) options.push('--retries', String(suite.retries));
  const { status, output } = await runToEnd(process.execPath, [...node, ...options, ...files], {
    cwd: projectRoot,
    env: { ...process.env, ...suite.environment },
    timeout: suite.limitMs ?? usualLimitMs,
  });
  const text = await readFile(reportFile, 'utf8').catch(() => '');
  if (!text) return { ...oneFailed, details: output };
  const result = readMochaReport(text);
  // A hook or a late rejection may fail the run without failing a test.
  if (status !== 0 && result.failed === 0) return { ...result, failed: 1, details: output };
  return { ...result, details: [...remarksIn(output), result.details].filter(Boolean).join('\n') };
}

/** What tests print on purpose, as counts and seeds: lines that begin with exactly two blanks. */
function remarksIn(output: string): string[] {
  return output.split('\n').flatMap((line) => /^ {2}(\S.*)$/.exec(line)?.[1] ?? []);
}

/** Runs a suite in a process of its own. A suite without files is a failure: nothing would have been tested. */
export async function runMochaSuite(suite: MochaSuite): Promise<SuiteResult> {
  const files = suite.files.flatMap((pattern) => globSync(pattern, { cwd: projectRoot })).sort();
  if (files.length === 0)
    return { ...oneFailed, details: `There are no tests in ${suite.files.join(', ')}.` };
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-test-'));
  try {
    return await run(suite, files, join(folder, 'report.json'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** For a suite that cannot run here, with the reason in one line. */
export function skippedSuite(reason: string): SuiteResult {
  return { ...oneSkipped, details: reason };
}
