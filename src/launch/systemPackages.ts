import { access, constants } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { runToEnd } from './childProcess.ts';
import { MissingRequirement, say } from './progress.ts';

/** The full path of a program on PATH, or undefined. */
export async function findProgram(name: string): Promise<string | undefined> {
  for (const folder of (process.env['PATH'] ?? '').split(delimiter)) {
    const file = join(folder, name);
    const usable = await access(file, constants.X_OK).then(
      () => true,
      () => false,
    );
    if (folder && usable) return file;
  }
  return undefined;
}

async function canInstall(): Promise<boolean> {
  return process.getuid?.() === 0 && (await findProgram('apt-get')) !== undefined;
}

async function aptGet(args: readonly string[]): Promise<string | undefined> {
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' };
  const { status, output } = await runToEnd('apt-get', args, { env });
  return status === 0 ? undefined : output.trim().split('\n').slice(-3).join(' ');
}

/**
 * Installs Debian packages where this process may do so.
 * @throws MissingRequirement that names the packages, where it may not or apt refuses.
 */
export async function installSystemPackages(packages: readonly string[], purpose: string): Promise<void> {
  const command = `apt-get install -y ${packages.join(' ')}`;
  if (!(await canInstall())) {
    throw new MissingRequirement(
      `${purpose} needs ${packages.join(', ')}: run "${command}" as root and try again.`,
    );
  }
  say(`Installing ${packages.join(', ')} through apt, for ${purpose} …`);
  await aptGet(['update', '-q']);
  const problem = await aptGet(['install', '-y', '-q', '--no-install-recommends', ...packages]);
  if (problem) throw new MissingRequirement(`"${command}" failed, which ${purpose} needs: ${problem}`);
}
