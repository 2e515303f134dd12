// npm run security -- --json FILE [--seed N]: everything that tries to break in, at full size.
import { existsSync } from 'node:fs';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { projectRoot } from '../../src/launch/paths.ts';
import { buildWhenStale } from '../../src/launch/build.ts';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { runMochaSuite } from '../runner/mochaSuite.ts';
import type { AuditFigures } from './auditFigures.ts';
import { scanFolder } from '../host/secretScan.ts';

const { values } = parseArgs({ options: { json: { type: 'string' }, seed: { type: 'string' } } });
const seed = Number(values.seed ?? Math.floor(Math.random() * 2 ** 31));
const nothingSeen = { values: new Set<string>(), challenges: new Set<string>() };

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

/** What ships, and a folder in which a secret was planted: the scan must be silent about one and find the other. */
async function scan(): Promise<{ hits: number; plantedFound: boolean }> {
  const folders = ['dist', 'media'].map((name) => join(projectRoot, name)).filter((path) => existsSync(path));
  // In a program's text the name of a credential stands before the name of a variable, not before a value.
  const found = (await Promise.all(folders.map((path) => scanFolder(path, nothingSeen))))
    .flat()
    .filter(({ kind, where }) => kind !== 'named credential' || !where.endsWith('.js'));
  for (const { where, kind } of found) console.log(`  ${kind} in ${where}`);
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-planted-'));
  try {
    const part = Buffer.alloc(30, 7).toString('base64url');
    await writeFile(join(folder, 'planted.log'), `x eyJ${part}.${part}.${part} y`);
    return { hits: found.length, plantedFound: (await scanFolder(folder, nothingSeen)).length === 1 };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** What ran before in a process changes how fast it runs: the figures are taken in one of their own. */
async function measureInFreshProcess(): Promise<AuditFigures> {
  const file = new URL('./auditFigures.child.ts', import.meta.url).pathname;
  const { output } = await runToEnd(process.execPath, [file, '1000000'], { cwd: projectRoot });
  return JSON.parse(output.trim().split('\n').at(-1) ?? '') as AuditFigures;
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
  const figures = await timed('audit figures', measureInFreshProcess);
  const attacks = await timed('attacks', () =>
    runMochaSuite({ name: 'attacks', files: ['test/security/attacks*.test.ts'], timeoutMs: 30_000 }),
  );
  const flow = await timed('full flow', () =>
    runMochaSuite({ name: 'flow', files: ['test/security/fullFlow.test.ts'], timeoutMs: 120_000 }),
  );
  const shipped = await timed('secret scan', scan);
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
    secretHits: callbacks.secretHits + answers.secretHits + shipped.hits + flow.failed,
    plantedFound: shipped.plantedFound && flow.passed > 0,
    attacks: attacks.passed + attacks.failed,
    attacksStopped: attacks.passed,
  };
  console.log(JSON.stringify(result));
  if (values.json) await writeFile(values.json, `${JSON.stringify({ ...result, seed, figures }, null, 2)}\n`);
  const isClean =
    result.accepted + result.crashes + result.auditMissed + result.secretHits === 0 &&
    result.plantedFound &&
    result.attacksStopped === result.attacks &&
    result.auditEdits >= 2_000;
  return isClean ? 0 : 1;
}

process.exitCode = await main();
