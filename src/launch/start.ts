// npm start: VS Code with OpenEMR Workbench and a sandbox connection in it, until it is stopped.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buildWhenStale } from './build.ts';
import { findDesktopCode, hasDisplay } from './desktopCode.ts';
import { projectRoot } from './paths.ts';
import { MissingRequirement, say, sentenceOf } from './progress.ts';
import { withSandboxConnection } from './sandboxConnection.ts';
import { startSandbox } from './sandboxServer.ts';
import { Cleanup, stopRequested } from './shutdown.ts';
import { parseStartOptions } from './startOptions.ts';
import { freePort, quietSettings, startWorkbenchServer } from './workbenchServer.ts';

/** Fixed where free: the browser keeps its secrets by address, so a restart finds them again. */
const workbenchPort = 18_480;
const sandboxPort = 18_482;
const usualDataFolder = join(projectRoot, '.cache', 'start');

type Settings = Record<string, unknown>;

/** The settings of the last run. Unreadable ones (VS Code lets people write comments) start afresh. */
async function settingsOfLastRun(userDataFolder: string): Promise<Settings> {
  const text = await readFile(join(userDataFolder, 'User', 'settings.json'), 'utf8').catch(() => '{}');
  try {
    return JSON.parse(text) as Settings;
  } catch {
    say(`${join(userDataFolder, 'User', 'settings.json')} is not plain JSON and is written anew.`);
    return {};
  }
}

async function runDesktop(code: string, desktopFolder: string, baseUrl: string): Promise<void> {
  const userData = join(desktopFolder, 'user-data');
  const workspace = join(desktopFolder, 'workspace');
  const settings = withSandboxConnection(
    { ...quietSettings, ...(await settingsOfLastRun(userData)) },
    baseUrl,
  );
  await mkdir(join(userData, 'User'), { recursive: true });
  await mkdir(workspace, { recursive: true });
  await writeFile(join(userData, 'User', 'settings.json'), JSON.stringify(settings, undefined, 2));
  const args = ['--user-data-dir', userData, '--extensions-dir', join(desktopFolder, 'extensions')];
  args.push(
    `--extensionDevelopmentPath=${projectRoot}`,
    '--disable-workspace-trust',
    '--new-window',
    '--wait',
  );
  say('Opening VS Code. Close its window, or press Ctrl+C here, to stop.');
  const shell = process.platform === 'win32';
  const window = spawn(code, [...args, workspace], { stdio: ['ignore', 2, 2], shell });
  await once(window, 'exit');
}

function openInBrowser(address: string): void {
  const openers: Partial<Record<NodeJS.Platform, readonly [string, ...string[]]>> = {
    darwin: ['open'],
    win32: ['cmd', '/c', 'start', ''],
  };
  const [command, ...args] = openers[process.platform] ?? ['xdg-open'];
  const opener = spawn(command, [...args, address], { stdio: 'ignore', detached: true });
  opener.on('error', () => say('No browser could be opened: open the address yourself.'));
  opener.unref();
}

async function runInBrowser(
  browserFolder: string,
  baseUrl: string,
  open: boolean,
  cleanup: Cleanup,
): Promise<void> {
  const settings = await settingsOfLastRun(join(browserFolder, 'user-data'));
  const server = await startWorkbenchServer({
    dataFolder: browserFolder,
    settings: withSandboxConnection(settings, baseUrl),
    preferredPort: workbenchPort,
  });
  cleanup.add(() => server.stop());
  process.stdout.write(`OPEN ${server.address}\n`);
  say('VS Code with OpenEMR Workbench is at the address above. Ctrl+C stops it.');
  if (open && hasDisplay()) openInBrowser(server.address);
  await server.ended;
  throw new MissingRequirement('code-server ended by itself.');
}

async function start(args: readonly string[], cleanup: Cleanup): Promise<void> {
  const { era, open, dataFolder = usualDataFolder } = parseStartOptions(args);
  const desktop = open && hasDisplay() ? await findDesktopCode() : undefined;
  await buildWhenStale();
  const sandbox = await startSandbox({ era, port: await freePort(sandboxPort) });
  cleanup.add(() => sandbox.stop());
  say(
    `The sandbox (OpenEMR ${era}) is at ${sandbox.baseUrl}: user ${sandbox.username}, password ${sandbox.password}.`,
  );
  if (desktop) await runDesktop(desktop, join(dataFolder, 'desktop'), sandbox.baseUrl);
  else await runInBrowser(join(dataFolder, 'browser'), sandbox.baseUrl, open, cleanup);
}

const cleanup = new Cleanup();
const stopped = stopRequested().then(() => 0);
const started = start(process.argv.slice(2), cleanup).then(
  () => 0,
  (error: unknown) => sentenceOf(error),
);
const outcome = await Promise.race([started, stopped]);
if (typeof outcome === 'string') say(outcome);
await cleanup.run();
process.exit(outcome === 0 ? 0 : 1);
