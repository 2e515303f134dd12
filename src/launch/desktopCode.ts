import { homedir } from 'node:os';
import { join } from 'node:path';
import { access, constants } from 'node:fs/promises';
import { findProgram } from './systemPackages.ts';

function knownPlaces(): readonly string[] {
  const local = process.env['LOCALAPPDATA'] ?? join(homedir(), 'AppData', 'Local');
  const byPlatform: Partial<Record<NodeJS.Platform, readonly string[]>> = {
    darwin: ['/Applications/Visual Studio Code.app/Contents/Resources/app/bin/code'],
    win32: [
      join(local, 'Programs', 'Microsoft VS Code', 'bin', 'code.cmd'),
      'C:\\Program Files\\Microsoft VS Code\\bin\\code.cmd',
    ],
    linux: ['/usr/share/code/bin/code', '/snap/bin/code'],
  };
  return byPlatform[process.platform] ?? [];
}

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** `code` inside a remote window talks to that window and cannot open one of its own. */
const isRemoteHelper = (file: string) => file.includes('remote-cli');

/** The `code` command of a desktop VS Code: OPENEMR_WORKBENCH_CODE, PATH, the usual places; undefined without one. */
export async function findDesktopCode(): Promise<string | undefined> {
  const named = process.env['OPENEMR_WORKBENCH_CODE'];
  if (named) return named;
  const onPath = await findProgram(process.platform === 'win32' ? 'code.cmd' : 'code');
  if (onPath && !isRemoteHelper(onPath)) return onPath;
  for (const place of knownPlaces()) {
    if (await isExecutable(place)) return place;
  }
  return undefined;
}

/** Whether this machine can show windows at all. */
export function hasDisplay(): boolean {
  if (process.platform !== 'linux') return true;
  return Boolean(process.env['DISPLAY'] ?? process.env['WAYLAND_DISPLAY']);
}
