import { access, mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { runToEnd } from './childProcess.ts';
import { withInstallLock } from './installLock.ts';
import { cacheFolder } from './paths.ts';
import { MissingRequirement, say } from './progress.ts';
import { findProgram, installSystemPackages } from './systemPackages.ts';

const version = '4.139.1';
const purpose = 'code-server (VS Code in the browser)';

interface BuildRequirement {
  readonly debianPackage: string;
  readonly isPresent: () => Promise<boolean>;
}

const fileExists = (file: string) =>
  access(file).then(
    () => true,
    () => false,
  );
const program = (name: string) => async () => (await findProgram(name)) !== undefined;

/** What the native modules of code-server need while npm builds them. */
const buildRequirements: readonly BuildRequirement[] = [
  { debianPackage: 'libkrb5-dev', isPresent: () => fileExists('/usr/include/gssapi/gssapi.h') },
  { debianPackage: 'g++', isPresent: program('g++') },
  { debianPackage: 'make', isPresent: program('make') },
  { debianPackage: 'python3', isPresent: program('python3') },
];

async function installBuildRequirements(): Promise<void> {
  if (process.platform !== 'linux') return;
  const missing: string[] = [];
  for (const { debianPackage, isPresent } of buildRequirements) {
    if (!(await isPresent())) missing.push(debianPackage);
  }
  if (missing.length > 0) await installSystemPackages(missing, purpose);
}

/** The npm package that holds Node itself, with the headers native modules build against (`node` has none). */
function nodePackage(): string {
  const prefix = process.platform === 'darwin' && process.arch === 'arm64' ? 'node-bin' : 'node';
  const platform = process.platform === 'win32' ? 'win' : process.platform;
  return `${prefix}-${platform}-${process.arch}`;
}

/** What an outer `npm run` says about itself; an inner npm would take it for its own (code-server asks which Node runs it). */
const outerNpm = /^npm_(package_|lifecycle_|config_(local_prefix|prefix|user_agent|node_gyp|nodedir)$)/i;

/** npm shall run on this Node and build against its headers, whatever the user's own npm is set up for. */
function npmEnvironment(nodeFolder?: string): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !outerNpm.test(name));
  const nodeFirst = nodeFolder ? join(nodeFolder, 'bin') : dirname(process.execPath);
  return {
    ...Object.fromEntries(inherited),
    PATH: [nodeFirst, process.env['PATH']].join(delimiter),
    ...(nodeFolder ? { npm_config_nodedir: nodeFolder } : {}),
  };
}

async function npmInstall(folder: string, packageName: string, nodeFolder?: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, 'package.json'), '{"private":true}\n');
  const options = ['--prefix', folder, '--no-save', '--no-audit', '--no-fund', '--ignore-scripts=false'];
  const { status, output } = await runToEnd('npm', ['install', ...options, '--loglevel=error', packageName], {
    cwd: folder,
    env: npmEnvironment(nodeFolder),
  });
  if (status === 0) return;
  throw new MissingRequirement(`npm could not install ${packageName}:\n${lastLines(output, 12)}`);
}

const lastLines = (text: string, count: number) => text.trim().split('\n').slice(-count).join('\n');

const serverRoot = (folder: string) => join(folder, 'node_modules', 'code-server');
const entryPoint = (folder: string) => join(serverRoot(folder), 'out', 'node', 'entry.js');

async function isInstalled(folder: string): Promise<boolean> {
  const built = await readFile(join(folder, 'complete'), 'utf8').catch(() => '');
  return built === process.versions.modules && (await fileExists(entryPoint(folder)));
}

/** Builds aside and renames at the end, so that nobody ever sees half an installation. */
async function install(folder: string): Promise<void> {
  await installBuildRequirements();
  say(`Installing ${purpose} ${version}: about two minutes and 600 MB, once …`);
  const building = `${folder}.building`;
  await rm(building, { recursive: true, force: true });
  const nodeInstallation = join(building, 'node');
  await npmInstall(nodeInstallation, `${nodePackage()}@${process.versions.node}`);
  const nodeFolder = join(nodeInstallation, 'node_modules', nodePackage());
  await npmInstall(building, `code-server@${version}`, nodeFolder);
  await rm(nodeInstallation, { recursive: true, force: true });
  await writeFile(join(building, 'complete'), process.versions.modules);
  await rm(folder, { recursive: true, force: true });
  await rename(building, folder);
}

/**
 * The entry point of code-server, which is installed into the cache folder at the first call.
 * @throws MissingRequirement with one sentence where it cannot be installed.
 */
export async function codeServerEntry(): Promise<string> {
  const folder = join(cacheFolder(), `code-server-${version}`);
  if (await isInstalled(folder)) return entryPoint(folder);
  await withInstallLock(
    `${folder}.lock`,
    async () => {
      if (!(await isInstalled(folder))) await install(folder);
    },
    () => say(`Waiting for another process that installs ${purpose} …`),
  );
  return entryPoint(folder);
}
