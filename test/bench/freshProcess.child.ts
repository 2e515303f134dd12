// node freshProcess.child.ts activation|empty-activation|first-use|import <module> [<module before>]: measures one thing once and prints milliseconds.
import { mkdtempSync, rmSync } from 'node:fs';
import { registerHooks } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { ExtensionContext } from 'vscode';

interface Extension {
  readonly activate: (context: ExtensionContext) => void;
}

const [scenario = '', file = '', before] = process.argv.slice(2);
const target = pathToFileURL(file).href;

/** The editor has its own module in memory long before any extension starts: so has this process. */
async function preloadEditor(): Promise<void> {
  const url = new URL('../fakes/vscode.ts', import.meta.url).href;
  registerHooks({
    resolve: (specifier, context, next) =>
      specifier === 'vscode' ? { url, shortCircuit: true } : next(specifier, context),
  });
  await import('vscode');
}

/** The extension host has loaded these long before. */
const preloadNodeModules = () =>
  Promise.all(['crypto', 'http', 'tls', 'child_process', 'readline'].map((name) => import(`node:${name}`)));

/** What the status bar draws at the start: a connection that is signed in. */
const signedIn = {
  connectionId: 'bench',
  connectionName: 'Clinic A',
  isSandbox: false,
  state: 'valid',
  expiresAt: Date.now() + 3_000_000,
};

async function emptyActivation(): Promise<number> {
  await preloadEditor();
  const context = { subscriptions: [], globalState: { get: () => signedIn } };
  const start = performance.now();
  const { activate } = (await import(target)) as Extension;
  activate(context as unknown as ExtensionContext);
  return performance.now() - start;
}

async function activation(): Promise<number> {
  const elapsed = await emptyActivation();
  const { host } = await import('../fakes/vscode.ts');
  if (!host.statusBarItems.at(-1)?.text.includes('OpenEMR: Clinic A')) {
    throw new Error('The status bar was not drawn.');
  }
  return elapsed;
}

async function firstUse(): Promise<number> {
  await preloadEditor();
  await preloadNodeModules();
  const [{ host }, { createFakeContext }] = await Promise.all([
    import('../fakes/vscode.ts'),
    import('../fakes/extensionContext.ts'),
  ]);
  const folder = mkdtempSync(join(tmpdir(), 'bench-'));
  const { activate } = (await import(target)) as Extension;
  activate(createFakeContext({ extensionPath: process.cwd(), globalStoragePath: folder }).context);
  const start = performance.now();
  await host.commands.get('openemr.showLog')!();
  const elapsed = performance.now() - start;
  rmSync(folder, { recursive: true, force: true });
  return elapsed;
}

async function bareImport(): Promise<number> {
  await preloadEditor();
  await preloadNodeModules();
  if (before) await import(pathToFileURL(before).href);
  const start = performance.now();
  await import(target);
  return performance.now() - start;
}

const scenarios: Readonly<Record<string, () => Promise<number>>> = {
  activation,
  'empty-activation': emptyActivation,
  'first-use': firstUse,
  import: bareImport,
};
const run = scenarios[scenario];
if (!run) throw new Error(`There is no scenario "${scenario}".`);
process.stdout.write(String(await run()));
process.exit();
