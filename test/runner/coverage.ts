import { readFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { sum, oneFailed, onePassed } from './tally.ts';
import type { Tally } from './tally.ts';

export const coverageFolder = join(projectRoot, 'coverage');
/** Where Node writes what it has run, when NODE_V8_COVERAGE names it. */
export const rawCoverageFolder = join(coverageFolder, 'raw');

interface Counts {
  readonly total: number;
  readonly covered: number;
}
interface FileCoverage {
  readonly lines: Counts;
  readonly branches: Counts;
}
type CoverageSummary = Readonly<Record<string, FileCoverage>>;

/** A part of the source and the least share of it, in percent, that the tests have to run. */
export interface Threshold {
  readonly name: string;
  readonly covers: (file: string) => boolean;
  readonly lines: number;
  readonly branches?: number;
}

const isToken = (file: string) => /^src\/(core\/oauth|vscode)\/(.*\/)?[^/]*token[^/]*\.ts$/i.test(file);
const isOauth = (file: string) => file.startsWith('src/core/oauth/');
const isConnection = (file: string) => file.startsWith('src/core/connection/');

export const thresholds: readonly Threshold[] = [
  { name: 'core/oauth', covers: isOauth, lines: 90, branches: 90 },
  { name: 'token modules', covers: isToken, lines: 90 },
  { name: 'core/connection', covers: isConnection, lines: 85 },
  {
    name: 'the rest of src',
    covers: (file) => ![isToken, isOauth, isConnection].some((covers) => covers(file)),
    lines: 80,
  },
];

function share(files: readonly FileCoverage[], of: keyof FileCoverage): number {
  const total = files.reduce((count, file) => count + file[of].total, 0);
  const covered = files.reduce((count, file) => count + file[of].covered, 0);
  return total === 0 ? 0 : (100 * covered) / total;
}

const percent = (value: number) => `${value.toFixed(1)} %`;

/** The files with the most lines that no test runs: where to begin. */
function leastCovered(files: readonly (readonly [string, FileCoverage])[]): string[] {
  return files
    .map(([file, { lines }]) => ({ file, missing: lines.total - lines.covered }))
    .sort((a, b) => b.missing - a.missing)
    .slice(0, 8)
    .map(({ file, missing }) => `  ${missing} lines not covered in ${file}`);
}

/** Compares one part with its threshold. Counts as one test. */
export function judge(threshold: Threshold, summary: CoverageSummary): Tally & { readonly details: string } {
  const chosen = Object.entries(summary)
    .map(([file, coverage]) => [relative(projectRoot, file), coverage] as const)
    .filter(([file]) => file !== 'total' && threshold.covers(file));
  const files = chosen.map(([, coverage]) => coverage);
  const lines = share(files, 'lines');
  const branches = share(files, 'branches');
  const isEnough = lines >= threshold.lines && branches >= (threshold.branches ?? 0);
  const required = `at least ${threshold.lines} %${threshold.branches ? ` and ${threshold.branches} %` : ''}`;
  const result = `${threshold.name}: lines ${percent(lines)}, branches ${percent(branches)} (${required})`;
  if (isEnough) return { ...onePassed, details: result };
  return { ...oneFailed, details: [result, ...leastCovered(chosen)].join('\n') };
}

/** Makes the report from what the suites have left and holds it against the thresholds. */
export async function checkCoverage(): Promise<Tally & { readonly details: string }> {
  const tool = ['node_modules/c8/bin/c8.js', 'report', '--temp-directory', rawCoverageFolder];
  const report = ['--reports-dir', coverageFolder, '--reporter', 'json-summary', '--reporter', 'html'];
  const files = ['--all', '--src', 'src', '--extension', '.ts', '--include', 'src/**/*.ts'];
  const leftOut = ['--exclude', 'src/launch/**', '--exclude', '**/*.d.ts'];
  const { status, output } = await runToEnd(process.execPath, [...tool, ...report, ...files, ...leftOut], {
    cwd: projectRoot,
  });
  if (status !== 0) return { ...oneFailed, details: output };
  const summary = JSON.parse(
    await readFile(join(coverageFolder, 'coverage-summary.json'), 'utf8'),
  ) as CoverageSummary;
  const judged = thresholds.map((threshold) => judge(threshold, summary));
  return { ...sum(judged), details: judged.map(({ details }) => details).join('\n') };
}
