import { once } from 'node:events';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { startGroup } from './childProcess.ts';
import { projectRoot } from './paths.ts';

const startTimeoutMs = 15_000;

export type Era = '7.0' | '8.2';

export interface SandboxOptions {
  readonly era: Era;
  readonly redirectMatching?: 'ignore-query';
  readonly port?: number;
}

/** What the sandbox says of itself on its first line. */
export interface SandboxAddress {
  readonly baseUrl: string;
  readonly fhirBaseUrl: string;
  readonly username: string;
  readonly password: string;
}

export interface RunningSandbox extends SandboxAddress {
  stop(): Promise<void>;
}

function sandboxArguments({ era, redirectMatching, port = 0 }: SandboxOptions): string[] {
  const args = [join(projectRoot, 'dist', 'sandbox.js'), '--era', era, '--port', String(port)];
  args.push('--exit-with-parent');
  return redirectMatching ? [...args, '--redirect-matching', redirectMatching] : args;
}

/**
 * Starts the built sandbox in a process of its own.
 * @throws Error with its output where it does not report an address in time.
 */
export async function startSandbox(options: SandboxOptions): Promise<RunningSandbox> {
  const group = startGroup(process.execPath, sandboxArguments(options));
  const { stdout } = group.child;
  if (!stdout) throw new Error('The sandbox has no output to read its address from.');
  const lines = createInterface({ input: stdout });
  const signal = AbortSignal.timeout(startTimeoutMs);
  try {
    const [line] = (await Promise.race([
      once(lines, 'line', { signal }),
      once(group.child, 'exit', { signal }).then(() => Promise.reject(new Error('it ended'))),
    ])) as [string];
    const address = JSON.parse(line) as SandboxAddress;
    return { ...address, stop: () => group.stop() };
  } catch (error) {
    await group.stop();
    throw new Error(`The sandbox did not start:\n${group.recentOutput()}`, { cause: error });
  }
}
