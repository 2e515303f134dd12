import { mkdir, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startGroup } from './childProcess.ts';
import type { ProcessGroup } from './childProcess.ts';
import { codeServerEntry } from './codeServer.ts';
import { installExtension } from './extensionFolder.ts';

const startTimeoutMs = 30_000;

export interface WorkbenchServerOptions {
  /** Everything the server writes goes below this folder. */
  readonly dataFolder: string;
  /** User settings, beside those that keep the window quiet. */
  readonly settings?: Readonly<Record<string, unknown>>;
  /** Taken where it is free, so that the browser's storage for this origin survives a restart. */
  readonly preferredPort?: number;
  /** Installs the built extension. Off where a test loads it from its folder instead. */
  readonly withExtension?: boolean;
  /** Lets a page load an extension under development; only for tests. */
  readonly smokeTestDriver?: boolean;
  /** Beside this process's own environment. */
  readonly environment?: Readonly<Record<string, string>>;
}

export interface WorkbenchServer {
  readonly origin: string;
  readonly userDataFolder: string;
  readonly workspaceFolder: string;
  /** The address that shows VS Code with the workspace folder open. */
  readonly address: string;
  /** Resolves when the server ends by itself. */
  readonly ended: Promise<void>;
  stop(): Promise<void>;
}

/** Settings that keep advertisements, updates and assistants out of the window. */
export const quietSettings: Readonly<Record<string, unknown>> = {
  'workbench.startupEditor': 'none',
  'workbench.tips.enabled': false,
  'workbench.secondarySideBar.defaultVisibility': 'hidden',
  'telemetry.telemetryLevel': 'off',
  'extensions.autoCheckUpdates': false,
  'extensions.autoUpdate': false,
  'extensions.ignoreRecommendations': true,
  'update.mode': 'none',
  'chat.disableAIFeatures': true,
  'git.enabled': false,
};

/** A free TCP port of 127.0.0.1: `preferred` if nobody has it. */
export async function freePort(preferred = 0): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer();
    probe.once('error', (error) => {
      if (preferred === 0) reject(error);
      else resolve(freePort());
    });
    probe.listen(preferred, '127.0.0.1', () => {
      const { port } = probe.address() as AddressInfo;
      probe.close(() => resolve(port));
    });
  });
}

/** The environment without what a surrounding VS Code or npm would tell the server about itself. */
function cleanEnvironment(extra: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv {
  const foreign = /^(VSCODE_|ELECTRON_|npm_|NODE_OPTIONS$|NODE_V8_COVERAGE$)/;
  const kept = Object.entries(process.env).filter(([name]) => !foreign.test(name));
  // No extension gallery: nothing is looked up on the internet.
  return { ...Object.fromEntries(kept), EXTENSIONS_GALLERY: '{"serviceUrl":""}', ...extra };
}

/** A socket's path may be 107 characters long at most (unix(7)), and a clone may live deep. */
function sessionSocket(dataFolder: string, port: number): string {
  const inFolder = join(dataFolder, 'session.sock');
  return inFolder.length <= 100 ? inFolder : join(tmpdir(), `openemr-workbench-${port}.sock`);
}

function serverArguments(options: WorkbenchServerOptions, port: number): string[] {
  const { dataFolder } = options;
  const args = [
    '--config',
    join(dataFolder, 'config.yaml'),
    '--auth',
    'none',
    '--bind-addr',
    `127.0.0.1:${port}`,
  ];
  args.push(
    '--user-data-dir',
    join(dataFolder, 'user-data'),
    '--extensions-dir',
    join(dataFolder, 'extensions'),
  );
  args.push('--session-socket', sessionSocket(dataFolder, port));
  args.push(
    '--disable-workspace-trust',
    '--disable-telemetry',
    '--disable-update-check',
    '--ignore-last-opened',
  );
  // Extension hosts of closed pages would else live on for hours.
  args.push('--disable-getting-started-override', '--reconnection-grace-time', '3');
  if (options.smokeTestDriver) args.push('--vscode-option', 'enable-smoke-test-driver');
  return args;
}

async function prepareFolders(options: WorkbenchServerOptions): Promise<void> {
  const { dataFolder, withExtension = true } = options;
  const settingsFile = join(dataFolder, 'user-data', 'User', 'settings.json');
  await mkdir(dirname(settingsFile), { recursive: true });
  await mkdir(join(dataFolder, 'workspace'), { recursive: true });
  await writeFile(settingsFile, JSON.stringify({ ...quietSettings, ...options.settings }, undefined, 2));
  // Without a file of our own, code-server writes one into the user's home.
  await writeFile(join(dataFolder, 'config.yaml'), '{}\n');
  if (withExtension) await installExtension(join(dataFolder, 'extensions'));
}

async function untilHealthy(origin: string, group: ProcessGroup): Promise<void> {
  const end = Date.now() + startTimeoutMs;
  while (Date.now() < end && group.child.exitCode === null) {
    const answer = await fetch(`${origin}/healthz`).catch(() => undefined);
    if (answer?.ok) return;
    await sleep(50);
  }
  await group.stop();
  throw new Error(`code-server did not start:\n${group.recentOutput()}`);
}

/**
 * Starts VS Code for the browser on 127.0.0.1 with the extension in it.
 * @throws MissingRequirement where code-server cannot be installed; Error with its output where it does not start.
 */
export async function startWorkbenchServer(options: WorkbenchServerOptions): Promise<WorkbenchServer> {
  const entry = await codeServerEntry();
  await prepareFolders(options);
  const port = await freePort(options.preferredPort);
  const group = startGroup(process.execPath, [entry, ...serverArguments(options, port)], {
    env: cleanEnvironment(options.environment),
  });
  const origin = `http://127.0.0.1:${port}`;
  await untilHealthy(origin, group);
  const workspaceFolder = join(options.dataFolder, 'workspace');
  return {
    origin,
    userDataFolder: join(options.dataFolder, 'user-data'),
    workspaceFolder,
    address: `${origin}/?folder=${encodeURIComponent(workspaceFolder)}`,
    ended: new Promise((resolve) => group.child.once('exit', () => resolve())),
    stop: () => group.stop(),
  };
}
