// Runs a file of this project on the project's own Node 24 and installs the npm packages first where they are
// missing. Plain JavaScript without dependencies, because it has to run on whatever Node (>= 18) the machine has.
//   node src/launch/bootstrap.mjs <file> [arguments]
import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { delimiter, join } from 'node:path';
import { clearInterval, setInterval } from 'node:timers';
import { fileURLToPath } from 'node:url';

const windows = process.platform === 'win32';
const root = fileURLToPath(new URL('../../', import.meta.url));
const modules = join(root, 'node_modules');
const stampFile = join(modules, '.openemr-workbench-stamp');
const lockDir = join(root, '.cache', 'npm-install.lock');
const projectNode = join(modules, 'node', 'bin', windows ? 'node.exe' : 'node');

const say = (text) => process.stderr.write(`${text}\n`);

/** Something that the person has to change: said in one sentence, without a stack. */
class Missing extends Error {}

function fail(sentence) {
  throw new Missing(sentence);
}

const lockfileText = () => readFileSync(join(root, 'package-lock.json'), 'utf8');
const expectedStamp = () =>
  `${createHash('sha256').update(lockfileText()).digest('hex')} ${process.platform}-${process.arch}`;

function readJson(file) {
  try {
    return JSON.parse(readFileSync(file, 'utf8'));
  } catch {
    return undefined;
  }
}

/** Whether npm's own record of node_modules holds every package of the lock file, in its version. */
function installedMatchesLockfile() {
  const installed = readJson(join(modules, '.package-lock.json'))?.packages;
  if (!installed) return false;
  return Object.entries(JSON.parse(lockfileText()).packages).every(
    ([path, entry]) => path === '' || entry.optional || installed[path]?.version === entry.version,
  );
}

function isReady() {
  if (!existsSync(projectNode)) return false;
  const stamp = expectedStamp();
  if (existsSync(stampFile) && readFileSync(stampFile, 'utf8') === stamp) return true;
  if (!installedMatchesLockfile()) return false;
  writeFileSync(stampFile, stamp);
  return true;
}

function isAlive(pid) {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

function lockIsAbandoned() {
  const owner = Number(readJson(join(lockDir, 'pid')));
  if (owner) return !isAlive(owner);
  try {
    return Date.now() - statSync(lockDir).mtimeMs > 10_000;
  } catch {
    return false;
  }
}

/** Takes the installation lock. Another process that holds it may do the work meanwhile. */
async function takeLock() {
  mkdirSync(join(root, '.cache'), { recursive: true });
  for (let told = false; ; told = true) {
    try {
      mkdirSync(lockDir);
      writeFileSync(join(lockDir, 'pid'), String(process.pid));
      return;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (lockIsAbandoned()) rmSync(lockDir, { recursive: true, force: true });
    else if (!told) say('Waiting for another process that installs the npm packages …');
    await new Promise((resolve) => setTimeout(resolve, 500));
  }
}

function npmCommand() {
  const cli = process.env.npm_execpath;
  if (cli && /npm-cli\.c?js$/.test(cli) && existsSync(cli))
    return { command: process.execPath, prefix: [cli] };
  return { command: windows ? 'npm.cmd' : 'npm', prefix: [] };
}

function runNpmCi() {
  say('Installing the npm packages (npm ci). This takes about a minute, once.');
  const { command, prefix } = npmCommand();
  const result = spawnSync(command, [...prefix, 'ci', '--include=dev', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 2, 2],
    shell: windows && prefix.length === 0,
  });
  if (result.error?.code === 'ENOENT')
    fail('npm is missing on this machine: install Node.js 18 or newer with npm.');
  if (result.status !== 0) fail('npm ci did not succeed: its messages above say what is missing.');
  if (!existsSync(projectNode)) {
    fail('npm ci left out Node 24 (package "node"): allow npm to run install scripts and try again.');
  }
  writeFileSync(stampFile, expectedStamp());
}

async function installPackages() {
  await takeLock();
  try {
    if (!isReady()) runNpmCi();
  } finally {
    rmSync(lockDir, { recursive: true, force: true });
  }
}

/** npm passes a signal to its shell alone, which dies of it and leaves us behind. */
function endWithNpm(child) {
  if (!process.env.npm_lifecycle_event) return;
  const shell = process.ppid;
  const timer = setInterval(() => {
    if (process.ppid === shell) return;
    clearInterval(timer);
    child.kill('SIGTERM');
  }, 500);
  timer.unref();
}

function runOnProjectNode(file, args) {
  const path = [join(modules, 'node', 'bin'), join(modules, '.bin'), process.env.PATH].join(delimiter);
  const child = spawn(projectNode, [file, ...args], {
    stdio: 'inherit',
    env: { ...process.env, PATH: path },
  });
  const signals = ['SIGINT', 'SIGTERM', 'SIGHUP'];
  for (const signal of signals) process.on(signal, () => child.kill(signal));
  endWithNpm(child);
  child.on('error', (error) => {
    say(`Node 24 of this project does not start: ${error.message}.`);
    process.exit(1);
  });
  child.on('exit', (status, signal) => {
    process.exit(signal ? 128 + (constants.signals[signal] ?? 0) : (status ?? 1));
  });
}

async function main([file, ...args]) {
  if (!file) fail('Usage: node src/launch/bootstrap.mjs <file> [arguments]');
  if (Number(process.versions.node.split('.')[0]) < 18) {
    fail(`Node.js 18 or newer is needed to begin; this is ${process.version}.`);
  }
  if (!isReady()) await installPackages();
  runOnProjectNode(file, args);
}

try {
  await main(process.argv.slice(2));
} catch (error) {
  if (!(error instanceof Missing)) throw error;
  say(error.message);
  process.exitCode = 1;
}
