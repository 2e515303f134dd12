import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { copyFile, mkdir, mkdtemp, readFile, rm, symlink, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { projectRoot } from '../../../src/launch/paths.ts';

const stamp = 'node_modules/.openemr-workbench-stamp';

/** Stands in for npm, which would need a network: notes how it was called and installs what is asked for. */
const recordingNpm = `
  const fs = require('node:fs');
  fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
  fs.cpSync('prepared_modules', 'node_modules', { recursive: true, verbatimSymlinks: true });
`;

describe('the bootstrap', () => {
  let root: string;

  const lockfile = (version: string) =>
    JSON.stringify({ packages: { '': {}, 'node_modules/a': { version } } });
  const write = (file: string, text: string) => writeFile(join(root, file), text);
  const run = (script: string, ...args: string[]) =>
    spawnSync(process.execPath, [join(root, 'src/launch/bootstrap.mjs'), join(root, script), ...args], {
      cwd: root,
      encoding: 'utf8',
      env: { ...process.env, npm_execpath: join(root, 'npm-cli.js'), NODE_V8_COVERAGE: '' },
    });
  const npmCalls = () => readFile(join(root, 'npm-calls'), 'utf8').catch(() => '');

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'openemr-workbench-bootstrap-'));
    await mkdir(join(root, 'src/launch'), { recursive: true });
    await copyFile(join(projectRoot, 'src/launch/bootstrap.mjs'), join(root, 'src/launch/bootstrap.mjs'));
    await mkdir(join(root, 'prepared_modules/node/bin'), { recursive: true });
    await symlink(process.execPath, join(root, 'prepared_modules/node/bin/node'));
    await write('prepared_modules/.package-lock.json', lockfile('1.0.0'));
    await write('package-lock.json', lockfile('1.0.0'));
    await write('npm-cli.js', recordingNpm);
    await write('args.mjs', 'console.log(JSON.stringify(process.argv.slice(2))); process.exitCode = 5;');
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('installs once, and keeps arguments, output and exit status of what it runs', async () => {
    const first = run('args.mjs', 'one', 'two words', '--three');
    assert.equal(first.stdout, '["one","two words","--three"]\n');
    assert.equal(first.status, 5);
    assert.match(first.stderr, /Installing the npm packages/);
    const second = run('args.mjs');
    assert.equal(second.stderr, '');
    assert.equal(await npmCalls(), 'ci --include=dev --loglevel=error\n');
  });

  it('installs again when the lock file has changed', async () => {
    run('args.mjs');
    await write('package-lock.json', lockfile('2.0.0'));
    await write('prepared_modules/.package-lock.json', lockfile('2.0.0'));
    run('args.mjs');
    assert.equal((await npmCalls()).split('\n').length - 1, 2);
  });

  it('leaves packages alone that somebody installed by hand', async () => {
    run('args.mjs');
    await rm(join(root, stamp));
    await rm(join(root, 'npm-calls'));
    assert.equal(run('args.mjs').status, 5);
    assert.equal(await npmCalls(), '');
  });

  it('installs once where two are started at the same time', async () => {
    const start = () =>
      spawn(process.execPath, [join(root, 'src/launch/bootstrap.mjs'), join(root, 'args.mjs')], {
        cwd: root,
        stdio: 'ignore',
        env: { ...process.env, npm_execpath: join(root, 'npm-cli.js'), NODE_V8_COVERAGE: '' },
      });
    const statuses = await Promise.all([once(start(), 'exit'), once(start(), 'exit')]);
    assert.deepEqual(
      statuses.map(([status]) => status as number),
      [5, 5],
    );
    assert.equal((await npmCalls()).split('\n').length - 1, 1);
  });

  it('takes over a lock that a crash has left', async () => {
    await mkdir(join(root, '.cache/npm-install.lock'), { recursive: true });
    const longAgo = Date.now() / 1000 - 60;
    await utimes(join(root, '.cache/npm-install.lock'), longAgo, longAgo);
    assert.equal(run('args.mjs').status, 5);
  });

  it('says in one sentence that npm failed, and leaves no lock', async () => {
    await write('npm-cli.js', 'process.exit(1)');
    const { status, stderr, stdout } = run('args.mjs');
    assert.equal(status, 1);
    assert.equal(stdout, '');
    assert.match(stderr, /npm ci did not succeed/);
    assert.doesNotMatch(stderr, /^\s+at /m);
    await assert.rejects(readFile(join(root, '.cache/npm-install.lock/pid')));
  });

  it('ends when npm and its shell are gone', async function () {
    if (process.platform === 'win32') this.skip();
    await write(
      'wait.mjs',
      "process.on('SIGTERM', () => process.exit(0)); console.log(process.pid); setInterval(() => {}, 1000);",
    );
    const command = `"${process.execPath}" "${join(root, 'src/launch/bootstrap.mjs')}" "${join(root, 'wait.mjs')}"; true`;
    const env = {
      ...process.env,
      npm_execpath: join(root, 'npm-cli.js'),
      npm_lifecycle_event: 'start',
      NODE_V8_COVERAGE: '',
    };
    const shell = spawn('sh', ['-c', command], { cwd: root, env });
    const [line] = (await once(shell.stdout, 'data')) as [Buffer];
    shell.kill('SIGTERM');
    const isAlive = () => spawnSync('sh', ['-c', `kill -0 ${line.toString().trim()}`]).status === 0;
    for (let waited = 0; isAlive() && waited < 5000; waited += 100) await sleep(100);
    assert.equal(isAlive(), false);
  });

  it('passes signals on', async () => {
    await write(
      'wait.mjs',
      "process.on('SIGTERM', () => process.exit(7)); console.log('up'); setInterval(() => {}, 1000);",
    );
    const child = spawn(process.execPath, [join(root, 'src/launch/bootstrap.mjs'), join(root, 'wait.mjs')], {
      cwd: root,
      env: { ...process.env, npm_execpath: join(root, 'npm-cli.js'), NODE_V8_COVERAGE: '' },
    });
    await once(child.stdout, 'data');
    child.kill('SIGTERM');
    const [status] = (await once(child, 'exit')) as [number];
    assert.equal(status, 7);
  });
});
