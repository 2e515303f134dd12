import { access, mkdtemp, readFile, realpath, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { findDesktopCode, hasDisplay } from '../../src/launch/desktopCode.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { readMochaReport, skippedSuite } from './mochaSuite.ts';
import type { SuiteResult } from './mochaSuite.ts';

const downloadIdleMs = 15_000;

/** Where the program itself lies, as seen from its `code` command. */
const programsBesideCommand = [
  '../../code',
  '../../../../MacOS/Electron',
  '../../../../MacOS/Code',
  '../../Code.exe',
];

async function programOfCommand(command: string): Promise<string | undefined> {
  const file = await realpath(command).catch(() => command);
  for (const relativePath of programsBesideCommand) {
    const program = resolve(file, relativePath);
    const exists = await access(program).then(
      () => true,
      () => false,
    );
    if (exists) return program;
  }
  return undefined;
}

async function desktopProgram(): Promise<string | undefined> {
  const command = await findDesktopCode();
  const installed = command && (await programOfCommand(command));
  if (installed) return installed;
  return downloadAndUnzipVSCode({
    cachePath: join(projectRoot, '.vscode-test'),
    timeout: downloadIdleMs,
    reporter: { report: () => undefined, error: () => undefined },
  }).catch(() => undefined);
}

async function runOn(program: string): Promise<SuiteResult> {
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-desktop-'));
  const report = join(folder, 'report.json');
  try {
    await runTests({
      vscodeExecutablePath: program,
      extensionDevelopmentPath: projectRoot,
      extensionTestsPath: join(projectRoot, 'test', 'host', 'inside', 'index.cjs'),
      extensionTestsEnv: { OPENEMR_WORKBENCH_TEST_REPORT: report },
      launchArgs: [
        '--user-data-dir',
        join(folder, 'user-data'),
        '--disable-workspace-trust',
        '--disable-extensions',
      ],
    }).catch(() => undefined);
    return readMochaReport(await readFile(report, 'utf8'));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

/** Runs the suite of the extension host on desktop VS Code, where there is one or it can be downloaded. */
export async function runDesktopSuite(): Promise<SuiteResult> {
  if (!hasDisplay()) return skippedSuite('Skipped: desktop VS Code needs a display and there is none.');
  const program = await desktopProgram();
  if (!program) return skippedSuite('Skipped: there is no desktop VS Code here and it cannot be downloaded.');
  return runOn(program);
}
