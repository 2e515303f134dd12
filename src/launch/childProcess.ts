import { spawn } from 'node:child_process';
import type { ChildProcess, SpawnOptions } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Finished {
  /** Exit status; 1 where a signal ended the process. */
  readonly status: number;
  /** What it wrote to stdout and stderr, in order of arrival. */
  readonly output: string;
}

/** What still runs; ended with this process, however it ends. */
const running = new Set<() => void>();
process.once('exit', () => {
  for (const end of running) end();
});

function endWithThisProcess(child: ChildProcess, end: () => void): void {
  running.add(end);
  child.once('exit', () => running.delete(end));
}

/**
 * Runs a program to its end and collects what it writes.
 * @throws Error (from spawn) when the program does not exist.
 */
export function runToEnd(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env' | 'shell' | 'timeout'> = {},
): Promise<Finished> {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { ...options, stdio: ['ignore', 'pipe', 'pipe'] });
    endWithThisProcess(child, () => child.kill());
    let output = '';
    const collect = (chunk: Buffer) => (output += chunk.toString());
    child.stdout.on('data', collect);
    child.stderr.on('data', collect);
    child.on('error', reject);
    child.on('close', (status) => resolve({ status: status ?? 1, output }));
  });
}

/** A long-running program that is stopped together with everything it started. */
export interface ProcessGroup {
  readonly child: ChildProcess;
  /** SIGTERM to the whole group, SIGKILL to what is left after `graceMs`. Resolves when all are gone. */
  stop(graceMs?: number): Promise<void>;
  /** The last lines it wrote, for an error message. */
  recentOutput(): string;
}

const detached = process.platform !== 'win32';

function signalGroup(pid: number, signal: NodeJS.Signals | 0): boolean {
  try {
    return process.kill(detached ? -pid : pid, signal);
  } catch {
    return false;
  }
}

async function stopGroup(pid: number, graceMs: number): Promise<void> {
  signalGroup(pid, 'SIGTERM');
  const end = Date.now() + graceMs;
  while (signalGroup(pid, 0)) {
    if (Date.now() > end) signalGroup(pid, 'SIGKILL');
    await sleep(25);
  }
}

/**
 * Ends a process group once this process is gone, even by SIGKILL, which nobody can handle: a shell waits for the end
 * of its input. What comes back calls it off.
 */
function guardGroup(pid: number): () => void {
  if (!detached) return () => undefined;
  const script = 'cat >/dev/null; kill -s KILL -- "-$0"';
  const guard = spawn('sh', ['-c', script, String(pid)], { detached, stdio: ['pipe', 'ignore', 'ignore'] });
  guard.on('error', () => undefined);
  guard.unref();
  return () => {
    guard.kill('SIGKILL');
  };
}

/** Starts a program in a process group of its own. Its output is kept, not shown. */
export function startGroup(
  command: string,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd' | 'env'> = {},
): ProcessGroup {
  // The open stdin tells a child that asks for it when this process is gone, however it went.
  const child = spawn(command, args, { ...options, detached, stdio: ['pipe', 'pipe', 'pipe'] });
  endWithThisProcess(child, () => child.pid !== undefined && signalGroup(child.pid, 'SIGKILL'));
  let recent = '';
  const keep = (chunk: Buffer) => (recent = (recent + chunk.toString()).slice(-4000));
  child.stdout.on('data', keep);
  child.stderr.on('data', keep);
  const failed = new Promise<void>((resolve) => child.once('error', () => resolve()));
  const { pid } = child;
  if (pid === undefined) return { child, stop: () => failed, recentOutput: () => recent };
  const callOffGuard = guardGroup(pid);
  let stopping: Promise<void> | undefined;
  return {
    child,
    stop: (graceMs = 1500) => (stopping ??= stopGroup(pid, graceMs).then(callOffGuard)),
    recentOutput: () => recent,
  };
}
