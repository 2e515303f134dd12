// npm run package: builds the extension and packs it into a VSIX at the project's root. Needs no network.
import { readFile, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { buildWhenStale } from './build.ts';
import { runToEnd } from './childProcess.ts';
import { packageProblems } from './packageContent.ts';
import { projectRoot } from './paths.ts';
import { say, sentenceOf } from './progress.ts';
import { writeSupplyChain } from './supplyChain.ts';
import { zipEntries } from './zipEntries.ts';

interface Manifest {
  readonly name: string;
  readonly version: string;
  readonly repository: { readonly url: string };
}

/** Everything is in the bundles, so no node_modules; pictures and links of the README are read from the forge. */
function packArguments({ repository }: Manifest, file: string): string[] {
  const forge = repository.url.replace(/\.git$/, '');
  const args = ['node_modules/@vscode/vsce/vsce', 'package', '--no-dependencies', '--out', file];
  args.push('--allow-missing-repository', '--no-update-package-json', '--no-git-tag-version');
  return [...args, '--baseContentUrl', `${forge}/blob/main`, '--baseImagesUrl', `${forge}/raw/main`];
}

async function makePackage(): Promise<void> {
  await buildWhenStale();
  const manifest = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
  await writeSupplyChain(manifest);
  const file = `${manifest.name}-${manifest.version}.vsix`;
  say('Packing …');
  const { status, output } = await runToEnd(process.execPath, packArguments(manifest, file), {
    cwd: projectRoot,
  });
  if (status !== 0) throw new Error(`vsce could not pack the extension:\n${output.trim()}`);
  const archive = await readFile(join(projectRoot, file));
  const entries = zipEntries(archive);
  const problems = await packageProblems(entries, projectRoot);
  if (problems.length > 0) {
    await rm(join(projectRoot, file));
    throw new Error(`The package is not fit to be shipped:\n${problems.join('\n')}`);
  }
  console.log(`${file}: ${(archive.length / 1000).toFixed(0)} kB, ${entries.length} files`);
}

try {
  await makePackage();
} catch (error) {
  say(sentenceOf(error));
  process.exitCode = 1;
}
