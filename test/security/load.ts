import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';

export interface LoadFigures {
  readonly connections: number;
  readonly commands: number;
  readonly entries: number;
  readonly heapBeforeMb: number;
  readonly heapAfterMb: number;
  readonly heapRatio: number;
  readonly secondsOfCommands: number;
  /** The newest entries, some from the middle, and one at the log's beginning that only a filter finds. */
  readonly firstPageMs: number;
  readonly oldPageMs: number;
  readonly rareFilterMs: number;
  readonly verificationSeconds: number;
  /** How long a verification lets nothing else of the extension host run, but for one time in a hundred. */
  readonly holdMs: number;
  readonly isVerified: boolean;
}

export interface Load {
  readonly connections: number;
  readonly commands: number;
  readonly entries: number;
}

/** Uses a workbench in a process of its own; the server is in this one, so that its memory does not count. */
export async function measureLoad({ connections, commands, entries }: Load): Promise<LoadFigures> {
  const sandbox = await startSandbox({ era: '8.2' });
  try {
    const file = new URL('./load.child.ts', import.meta.url).pathname;
    const register = new URL('../fakes/register.mjs', import.meta.url).href;
    const size = [connections, commands, entries].map(String);
    const { status, output } = await runToEnd(
      process.execPath,
      // Code that the engine throws away while it is not needed is no matter of ours.
      ['--expose-gc', '--no-flush-bytecode', '--import', register, file, sandbox.baseUrl, ...size],
      { cwd: projectRoot },
    );
    if (status !== 0) throw new Error(output);
    return JSON.parse(output.trim().split('\n').at(-1) ?? '') as LoadFigures;
  } finally {
    await sandbox.stop();
  }
}

/** What is not as it should be, in sentences. Times are for people who wait, on a busy machine. */
export function loadProblems(figures: LoadFigures): string[] {
  const { heapRatio, firstPageMs, oldPageMs, rareFilterMs, holdMs, isVerified } = figures;
  return [
    ...(Math.abs(heapRatio - 1) > 0.1 ? [`The heap went to ${(heapRatio * 100).toFixed(0)} %.`] : []),
    ...(isVerified ? [] : ['The log is not proved.']),
    ...([firstPageMs, oldPageMs].some((ms) => ms > 1_000) ? ['A page of the log takes over a second.'] : []),
    ...(rareFilterMs > 30_000 ? ['A filter takes over half a minute.'] : []),
    ...(holdMs > 250 ? ['A verification holds everything else up.'] : []),
  ];
}
