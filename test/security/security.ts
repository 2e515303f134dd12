// npm run security -- --json FILE [--seed N]: everything that tries to break in, at full size.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../src/launch/paths.ts';
import { buildWhenStale } from '../../src/launch/build.ts';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { runMochaSuite } from '../runner/mochaSuite.ts';
import { observedRun } from '../host/observedRun.ts';
import { measureAudit, missedLimits } from './auditFigures.ts';
import { loadProblems, measureLoad } from './load.ts';
import { scanPackage } from './packageScan.ts';

const { values } = parseArgs({ options: { json: { type: 'string' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const entries = 1_000_000;

/** Sources of a suite that needs VS Code find the fake one. */
async function loadFuzz() {
  await import(new URL('../fakes/register.mjs', import.meta.url).href);
  const [callbacks, answers, inputs, audit] = await Promise.all([
    import('./fuzzCallbacks.ts'),
    import('./fuzzServerAnswers.ts'),
    import('./fuzzInputs.ts'),
    import('./fuzzAuditEdits.ts'),
  ]);
  return { ...callbacks, ...answers, ...inputs, ...audit };
}

async function timed<T>(name: string, work: () => Promise<T> | T): Promise<T> {
  const start = performance.now();
  const result = await work();
  console.log(`${name}: ${JSON.stringify(result)} (${((performance.now() - start) / 1000).toFixed(1)} s)`);
  return result;
}

/** A person's whole way through VS Code, and what of its secrets is in anything that was written meanwhile. */
async function scanDemo(): Promise<{ hits: number; plantedFound: boolean; reason?: string }> {
  try {
    const { findings, plantedFindings, result } = await observedRun([
      '--era',
      '8.2',
      '--callback',
      'loopback',
    ]);
    for (const { where, kind } of findings) console.log(`  ${kind} in ${where}`);
    const { ok, reason = 'the demo did not come to its end' } = result;
    return {
      hits: findings.length,
      plantedFound: ok && plantedFindings.length === 1,
      ...(ok ? {} : { reason }),
    };
  } catch (error) {
    return { hits: 0, plantedFound: false, reason: String(error) };
  }
}

/** Known vulnerabilities of what ships, where the registry answers that question. */
async function audit(): Promise<string> {
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { output } = await runToEnd(npm, ['audit', '--omit=dev', '--audit-level=high', '--json'], {
    cwd: projectRoot,
    timeout: 30_000,
  }).catch(() => ({ output: '' }));
  const counts = /"vulnerabilities":\s*(\{[^{}]*"total"[^{}]*\})/.exec(output)?.[1];
  return counts ?? 'skipped: the registry does not answer npm audit here';
}

async function main(): Promise<number> {
  console.log(`seed ${seed}`);
  await buildWhenStale();
  const fuzz = await loadFuzz();
  const callbacks = await timed('callbacks', () => fuzz.fuzzCallbacks(100_000, seed));
  const answers = await timed('server answers', () => fuzz.fuzzServerAnswers(20_000, seed));
  const settings = await timed('settings', () => fuzz.fuzzSettings(10_000, seed));
  const messages = await timed('messages', () => fuzz.fuzzMessages(10_000, seed));
  const edits = await timed('audit edits', () => fuzz.fuzzAuditEdits(2_200, seed));
  const figures = await timed('audit figures', () => measureAudit(entries));
  const load = await timed('load', () => measureLoad({ connections: 200, commands: 1_000, entries }));
  const attacks = await timed('attacks', () =>
    runMochaSuite({ name: 'attacks', files: ['test/security/attacks*.test.ts'], timeoutMs: 30_000 }),
  );
  const flow = await timed('full flow', () =>
    runMochaSuite({ name: 'flow', files: ['test/security/fullFlow.test.ts'], timeoutMs: 120_000 }),
  );
  const shipped = await timed('secrets in the package', scanPackage);
  const demo = await timed('secrets of a demo', scanDemo);
  await timed('npm audit', audit);
  if (attacks.details) console.log(attacks.details);
  if (flow.details) console.log(flow.details);
  const all = [callbacks, answers, settings, messages];
  const result = {
    callbacks: callbacks.callbacks,
    accepted: all.reduce((sum, { accepted }) => sum + accepted, 0),
    crashes: [...all, edits].reduce((sum, { crashes }) => sum + crashes, 0),
    serverAnswers: answers.serverAnswers,
    auditEdits: edits.auditEdits,
    auditMissed: edits.auditMissed,
    secretHits: callbacks.secretHits + answers.secretHits + shipped.hits + demo.hits + flow.failed,
    plantedFound: shipped.plantedFound && demo.plantedFound && flow.passed > 0,
    attacks: attacks.passed + attacks.failed,
    attacksStopped: attacks.passed,
  };
  console.log(JSON.stringify(result));
  if (values.json)
    await writeFile(values.json, `${JSON.stringify({ ...result, seed, figures, load }, null, 2)}\n`);
  const tooMuch = [
    ...missedLimits(figures).map((name) => `The limit of ${name} is missed.`),
    ...loadProblems(load),
  ];
  for (const problem of tooMuch) console.log(problem);
  const isClean =
    tooMuch.length === 0 &&
    result.accepted + result.crashes + result.auditMissed + result.secretHits === 0 &&
    result.plantedFound &&
    result.attacksStopped === result.attacks &&
    result.auditEdits >= 2_000;
  return isClean ? 0 : 1;
}

process.exitCode = await main();
