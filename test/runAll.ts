// node test/runAll.ts [unit|wire|integration|webview|host|live|desktop|verify]: without an argument everything that
// needs no server of one's own. The last line is the count over all suites.
import { mkdir, rm } from 'node:fs/promises';
import { buildWhenStale } from '../src/launch/build.ts';
import { chromiumExecutable } from '../src/launch/chromium.ts';
import { codeServerEntry } from '../src/launch/codeServer.ts';
import { sentenceOf } from '../src/launch/progress.ts';
import { checkBundle } from './runner/bundle.ts';
import * as checks from './runner/checks.ts';
import type { Check } from './runner/checks.ts';
import { checkCoverage, coverageFolder, rawCoverageFolder } from './runner/coverage.ts';
import { runDesktopSuite } from './runner/desktop.ts';
import { runMochaSuite, skippedSuite } from './runner/mochaSuite.ts';
import type { MochaSuite } from './runner/mochaSuite.ts';
import * as suites from './runner/suites.ts';
import { measured, onePassed, sum, summaryLine } from './runner/tally.ts';
import type { Outcome } from './runner/tally.ts';

type Part = () => Promise<Outcome>;

const inParallel = 2;
const mostDetailLines = 150;

/** What went wrong first is what to look at. */
function shortened(details: string): string {
  const lines = details.split('\n');
  if (lines.length <= mostDetailLines) return details;
  return [...lines.slice(0, mostDetailLines), `… and ${lines.length - mostDetailLines} lines more`].join(
    '\n',
  );
}

function show(outcome: Outcome): Outcome {
  const { name, seconds, failed, details } = outcome;
  console.log(`${failed > 0 ? '✗' : '✓'} ${name}: ${summaryLine(outcome)} (${seconds.toFixed(1)} s)`);
  if (details) console.log(shortened(details).replace(/^/gm, '    '));
  return outcome;
}

const part = (name: string, work: Parameters<typeof measured>[1]): Part => {
  return async () => show(await measured(name, work));
};
const check = (it: Check): Part => part(it.name, () => checks.runCheck(it));
const suite = (it: MochaSuite): Part => part(it.name, () => runMochaSuite(it));
const build = part('build', async () => {
  await buildWhenStale();
  return onePassed;
});

/** Runs parts in order, a few at a time. */
async function runParts(parts: readonly Part[], atATime = inParallel): Promise<Outcome[]> {
  const outcomes: Outcome[] = [];
  const waiting = [...parts];
  const worker = async () => {
    for (let next = waiting.shift(); next; next = waiting.shift()) outcomes.push(await next());
  };
  await Promise.all(Array.from({ length: atATime }, worker));
  return outcomes;
}

/** What the browser suites need. A failure is told by the suite that needs it. */
async function prepareBrowserSuites(): Promise<void> {
  await Promise.all([chromiumExecutable(), codeServerEntry()]).catch((error: unknown) => {
    console.log(sentenceOf(error));
  });
}

async function runEverything(): Promise<Outcome[]> {
  await rm(coverageFolder, { recursive: true, force: true });
  await mkdir(rawCoverageFolder, { recursive: true });
  const outcomes = await runParts([build, part('bundle', checkBundle)], 1);
  // Builds native modules for two minutes on a fresh machine, meanwhile the other suites run.
  const prepared = prepareBrowserSuites();
  const { types, webviewTypes, lint, importRules, unusedCode, formatting } = checks;
  const quick = [types, webviewTypes, lint, importRules, unusedCode, formatting].map(check);
  outcomes.push(...(await runParts(quick)));
  outcomes.push(...(await runParts([suite(suites.unit), suite(suites.wire), suite(suites.integration)])));
  outcomes.push(...(await runParts([part('coverage', checkCoverage)])));
  await prepared;
  outcomes.push(...(await runParts([suite(suites.webview), suite(suites.host)], 1)));
  return outcomes;
}

const liveSuite = part('live', () =>
  process.env['OPENEMR_BASE_URL']
    ? runMochaSuite(suites.live)
    : Promise.resolve(skippedSuite('Skipped: OPENEMR_BASE_URL names no OpenEMR to test against.')),
);

/** Of the webview suite: every combination of state, theme, language and width. */
const isFull = process.argv.includes('--full');
const { types, webviewTypes, lint, importRules } = checks;
const builtFirst = (it: Part) => async () => [...(await runParts([build])), ...(await runParts([it]))];

const runs: Readonly<Record<string, () => Promise<Outcome[]>>> = {
  all: runEverything,
  unit: builtFirst(suite(suites.unit)),
  wire: () => runParts([suite(suites.wire)]),
  integration: builtFirst(suite(suites.integration)),
  webview: builtFirst(suite(isFull ? suites.wholeWebview : suites.webview)),
  host: builtFirst(suite(suites.host)),
  live: () => runParts([liveSuite]),
  desktop: builtFirst(part('desktop', runDesktopSuite)),
  verify: () => runParts([...[lint, types, webviewTypes, importRules].map(check), suite(suites.quickUnit)]),
};

async function main(name: string): Promise<number> {
  const run = runs[name];
  if (!run) {
    console.error(`There is no suite "${name}": ${Object.keys(runs).join(', ')}.`);
    return 1;
  }
  const total = sum(await run());
  console.log(summaryLine(total));
  return total.failed > 0 ? 1 : 0;
}

process.exitCode = await main(process.argv[2] ?? 'all');
