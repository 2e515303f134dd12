import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from './childProcess.ts';
import { withInstallLock } from './installLock.ts';
import { projectRoot } from './paths.ts';
import { say } from './progress.ts';

const inputs = ['src', 'webview-ui', 'media', 'package.json', 'package-lock.json', 'esbuild.mjs'];
/** What esbuild.mjs writes last. */
const builtMarker = '.cache/bundle-meta.json';

async function newestChange(path: string): Promise<number> {
  const found = await stat(path).catch(() => undefined);
  if (!found) return 0;
  if (!found.isDirectory()) return found.mtimeMs;
  const children = await readdir(path);
  const times = await Promise.all(children.map((child) => newestChange(join(path, child))));
  // A folder's own time tells of deleted files.
  return Math.max(found.mtimeMs, ...times);
}

/** Whether dist/ is missing or older than anything it is made from. */
export async function isBuildStale(root: string = projectRoot): Promise<boolean> {
  const built = await stat(join(root, builtMarker)).catch(() => undefined);
  if (!built || !(await stat(join(root, 'dist', 'extension.js')).catch(() => undefined))) return true;
  const changes = await Promise.all(inputs.map((input) => newestChange(join(root, input))));
  return Math.max(...changes) > built.mtimeMs;
}

async function runBundler(): Promise<void> {
  say('Building …');
  const { status, output } = await runToEnd(process.execPath, ['esbuild.mjs'], { cwd: projectRoot });
  if (status !== 0) throw new Error(`The build failed:\n${output.trim()}`);
}

/**
 * Builds dist/ unless it is up to date.
 * @throws Error with the bundler's messages.
 */
export async function buildWhenStale(): Promise<void> {
  if (!(await isBuildStale())) return;
  await withInstallLock(join(projectRoot, '.cache', 'build.lock'), async () => {
    if (await isBuildStale()) await runBundler();
  });
}
