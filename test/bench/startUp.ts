import { join } from 'node:path';
import { readFile } from 'node:fs/promises';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { figure, medianOfEach, type Figure } from './figure.ts';

const rounds = 15;
const child = join(projectRoot, 'test', 'bench', 'freshProcess.child.ts');
const extension = join(projectRoot, 'dist', 'extension.js');
const emptyExtension = join(projectRoot, 'test', 'bench', 'emptyExtension.mjs');

/** Milliseconds that a fresh process of this Node measured. */
async function inFreshProcess(scenario: string, ...files: string[]): Promise<number> {
  const { status, output } = await runToEnd(process.execPath, [child, scenario, ...files], {
    cwd: projectRoot,
  });
  const elapsed = Number(output);
  if (status !== 0 || !(elapsed > 0)) throw new Error(`${scenario} failed:\n${output}`);
  return elapsed;
}

async function compositionRootFile(): Promise<string> {
  const text = await readFile(join(projectRoot, '.cache', 'bundle-meta.json'), 'utf8');
  const { outputs } = JSON.parse(text) as { outputs: Record<string, { entryPoint?: string }> };
  const found = Object.entries(outputs).find(([, { entryPoint }]) => entryPoint === 'src/compositionRoot.ts');
  if (!found) throw new Error('The bundle has no composition root of its own.');
  return join(projectRoot, found[0]);
}

/** What a window's start and its first command cost, each in processes of their own. */
export async function measureStartUp(): Promise<Figure[]> {
  const [activation, nothing] = await medianOfEach(
    rounds,
    () => inFreshProcess('activation', extension),
    () => inFreshProcess('empty-activation', emptyExtension),
  );
  const compositionRoot = await compositionRootFile();
  const [firstUse, load] = await medianOfEach(
    rounds,
    () => inFreshProcess('first-use', extension),
    () => inFreshProcess('import', compositionRoot, extension),
  );
  return [
    figure('Activation', 'ms', activation, { name: 'an extension that does nothing', value: nothing }, 15),
    figure('First use: load and build all', 'ms', firstUse, { name: 'the bare import', value: load }),
  ];
}
