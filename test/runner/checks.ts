import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { oneFailed, onePassed } from './tally.ts';
import type { Tally } from './tally.ts';

/** A tool that looks at the source and says yes or no. Counts as one test. */
export interface Check {
  readonly name: string;
  /** Arguments for Node, tool first. */
  readonly command: readonly string[];
}

const tsc = 'node_modules/typescript/bin/tsc';

export const types: Check = { name: 'types', command: [tsc, '--noEmit', '-p', '.'] };
export const webviewTypes: Check = {
  name: 'types of the webview',
  command: [tsc, '--noEmit', '-p', 'webview-ui'],
};
export const lint: Check = {
  name: 'lint',
  command: ['node_modules/eslint/bin/eslint.js', '.', '--max-warnings', '0'],
};
export const importRules: Check = {
  name: 'import rules',
  command: [
    'node_modules/dependency-cruiser/bin/dependency-cruiser.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    'src',
    'webview-ui',
  ],
};
export const unusedCode: Check = {
  name: 'unused code',
  command: ['node_modules/knip/bin/knip.js', '--no-progress'],
};
export const formatting: Check = {
  name: 'formatting',
  command: ['node_modules/prettier/bin/prettier.cjs', '--check', '.', '--log-level', 'warn'],
};

export async function runCheck({ command }: Check): Promise<Tally & { readonly details: string }> {
  const { status, output } = await runToEnd(process.execPath, command, {
    cwd: projectRoot,
    env: { ...process.env, NO_COLOR: '1' },
  });
  return status === 0 ? { ...onePassed, details: '' } : { ...oneFailed, details: output.trim() };
}
