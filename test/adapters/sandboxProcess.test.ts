import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { systemClock } from '../../src/core/base/clock.ts';
import { isWorkbenchError } from '../../src/core/base/errors.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import { SandboxProcess } from '../../src/vscode/sandboxProcess.ts';
import { FakeClock } from '../fakes/clock.ts';

const address = {
  baseUrl: 'http://127.0.0.1:4711',
  fhirBaseUrl: 'http://127.0.0.1:4711/apis/default/fhir',
  username: 'admin',
  password: 'pass',
};
const printAddress = `console.log(JSON.stringify({ ...${JSON.stringify(address)}, extra: process.argv.slice(2) }));`;
const runOn = 'setInterval(() => undefined, 1000);';

describe('The sandbox process', function () {
  this.timeout(20_000);
  let folder: string;
  let clock: FakeClock;
  let lines: string[];
  let sandbox: SandboxProcess;
  let changes: number;

  async function sandboxRunning(code: string): Promise<SandboxProcess> {
    const script = join(folder, 'sandbox.mjs');
    await writeFile(script, code);
    const write = (line: string): void => void lines.push(line);
    const log = { debug: write, info: write, warn: write, error: write };
    sandbox = new SandboxProcess({ script, clock, log });
    sandbox.onDidChange(() => changes++);
    return sandbox;
  }

  const failsBecause =
    (reason: RegExp) =>
    (error: unknown): boolean =>
      isWorkbenchError(error, 'sandbox/failed') && reason.test(String(error.details['reason']));

  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'sandbox-process-'));
    clock = new FakeClock();
    lines = [];
    changes = 0;
  });
  afterEach(async () => {
    await sandbox.stop();
    sandbox.dispose();
    await rm(folder, { recursive: true });
  });

  it('gives the address of its first line, and keeps it while it runs', async () => {
    await sandboxRunning(printAddress + runOn);
    assert.equal(sandbox.address, undefined);
    assert.deepEqual(await sandbox.start(), address);
    assert.deepEqual(sandbox.address, address);
    assert.equal(changes, 1);
    assert.equal(clock.pending, 0);
    await sandbox.stop();
    assert.equal(sandbox.address, undefined);
    assert.equal(changes, 2);
  });

  it('runs the real sandbox', async () => {
    const script = fileURLToPath(new URL('../../src/sandbox/main.ts', import.meta.url));
    const log = { debug: () => 0, info: () => 0, warn: () => 0, error: () => 0 };
    sandbox = new SandboxProcess({ script, clock: systemClock, log });
    const { fhirBaseUrl } = await sandbox.start({ era: '7.0' });
    assert.equal((await fetch(`${fhirBaseUrl}/metadata`)).status, 200);
    await sandbox.stop();
    await assert.rejects(fetch(`${fhirBaseUrl}/metadata`));
  });

  it('is asked for the era, a port and to end with its parent, as Node', async () => {
    await sandboxRunning(
      `console.error(process.argv.slice(2).join(' '), process.env.ELECTRON_RUN_AS_NODE);${printAddress}${runOn}`,
    );
    await sandbox.start({ era: '7.0', port: 8300 });
    await sandbox.stop();
    assert.deepEqual(lines, ['Sandbox: --era 7.0 --port 8300 --exit-with-parent 1']);
  });

  it('starts once, however often it is asked', async () => {
    await sandboxRunning(`console.error('started');${printAddress}${runOn}`);
    const [first, second] = await Promise.all([sandbox.start(), sandbox.start()]);
    assert.equal(first, second);
    assert.equal(await sandbox.start(), first);
    await sandbox.stop();
    assert.deepEqual(lines, ['Sandbox: started']);
  });

  it('can be started again after it was stopped', async () => {
    await sandboxRunning(printAddress + runOn);
    await sandbox.start();
    await sandbox.stop();
    assert.deepEqual(await sandbox.start(), address);
  });

  it('tells when it ends by itself', async () => {
    await sandboxRunning(`${printAddress} setTimeout(() => process.exit(0), 50);`);
    await sandbox.start();
    await new Promise<void>((resolve) => sandbox.onDidChange(resolve));
    assert.equal(sandbox.address, undefined);
  });

  it('fails with the status where it ends before it says its address', async () => {
    await sandboxRunning('process.exit(3);');
    await assert.rejects(sandbox.start(), failsBecause(/status 3/));
    assert.equal(changes, 0);
  });

  it('fails where its first line is not an address', async () => {
    for (const line of ['hello', '{}', '{"baseUrl":1}', 'null']) {
      await sandboxRunning(`console.log(${JSON.stringify(line)});${runOn}`);
      await assert.rejects(sandbox.start(), failsBecause(/first line/));
      await sandbox.stop();
    }
  });

  it('fails where it says nothing for fifteen seconds, and can be started anew', async () => {
    await sandboxRunning(runOn);
    const started = sandbox.start();
    clock.advance(15_000);
    await assert.rejects(started, failsBecause(/15 s/));
    await sandbox.stop();
    await writeFile(join(folder, 'sandbox.mjs'), printAddress + runOn);
    assert.deepEqual(await sandbox.start(), address);
  });

  it('is killed where it does not stop when asked', async function () {
    if (process.platform === 'win32') this.skip();
    await sandboxRunning(`process.on('SIGTERM', () => undefined);${printAddress}${runOn}`);
    await sandbox.start();
    const stopped = sandbox.stop();
    clock.advance(2_000);
    await stopped;
    assert.equal(sandbox.address, undefined);
  });

  describe('is recognised by its start nonce', () => {
    const main = new URL('../../src/sandbox/main.ts', import.meta.url).href;
    const ask = async (url: string): Promise<string> => (await fetch(url)).text();

    it('where this process started it, under its own address alone', async () => {
      await sandboxRunning(`import ${JSON.stringify(main)};`);
      const { baseUrl } = await sandbox.start();
      assert.equal(await sandbox.isBehind(baseUrl, ask), true);
      assert.equal(await sandbox.isBehind(`${baseUrl}/`, ask), false);
      assert.equal(await sandbox.isBehind('https://emr.example.org', ask), false);
    });

    it('and not where another one took its place, or somebody repeats what it said before', async () => {
      await sandboxRunning(`import ${JSON.stringify(main)};`);
      const { baseUrl } = await sandbox.start();
      const other = await startSandbox({ startNonce: 'a nonce of its own' });
      const without = await startSandbox();
      const elsewhere =
        (target: string) =>
        (url: string): Promise<string> =>
          ask(url.replace(baseUrl, target));
      assert.equal(await sandbox.isBehind(baseUrl, elsewhere(other.baseUrl)), false);
      assert.equal(await sandbox.isBehind(baseUrl, elsewhere(without.baseUrl)), false);
      const heard = await ask(`${baseUrl}/sandbox/proof?challenge=${'x'.repeat(32)}`);
      assert.equal(await sandbox.isBehind(baseUrl, () => Promise.resolve(heard)), false);
      for (const answer of ['', '{}', 'null', '{"proof":7}', '<html>']) {
        assert.equal(await sandbox.isBehind(baseUrl, () => Promise.resolve(answer)), false, answer);
      }
      await other.stop();
      await without.stop();
    });

    it('and no longer once it has stopped', async () => {
      await sandboxRunning(`import ${JSON.stringify(main)};`);
      const { baseUrl } = await sandbox.start();
      await sandbox.stop();
      assert.equal(await sandbox.isBehind(baseUrl, ask), false);
    });
  });

  it('ends with its disposal', async () => {
    await sandboxRunning(printAddress + runOn);
    await sandbox.start();
    sandbox.dispose();
    await sandbox.stop();
    assert.equal(sandbox.address, undefined);
  });
});
