import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';

const main = fileURLToPath(new URL('../../../src/sandbox/main.ts', import.meta.url));

function start(...args: string[]): ChildProcess {
  return spawn(process.execPath, [main, ...args], { stdio: ['pipe', 'pipe', 'pipe'] });
}

async function firstLine(child: ChildProcess): Promise<Record<string, unknown>> {
  const [line] = (await once(createInterface({ input: child.stdout! }), 'line')) as [string];
  return JSON.parse(line) as Record<string, unknown>;
}

describe('The sandbox’s command line', () => {
  it('tells its address in the first line, serves, and stops on SIGTERM', async () => {
    const child = start('--era', '7.0', '--data', 'recorded', '--host-name', 'localhost');
    const told = await firstLine(child);
    assert.match(String(told['baseUrl']), /^http:\/\/localhost:\d+$/);
    assert.equal(told['fhirBaseUrl'], `${String(told['baseUrl'])}/apis/default/fhir`);
    assert.deepEqual([told['username'], told['password'], told['era']], ['admin', 'pass', '7.0']);
    assert.equal((await fetch(String(told['baseUrl']).replace('localhost', '127.0.0.1'))).status, 200);
    child.kill('SIGTERM');
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('ends with its parent’s pipe where asked to', async () => {
    const child = start('--exit-with-parent');
    await firstLine(child);
    child.stdin!.end();
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('ends with its parent’s IPC channel, and then not with its stdin', async () => {
    const child = spawn(process.execPath, [main, '--exit-with-parent'], {
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
    });
    const told = await firstLine(child);
    assert.equal((await fetch(String(told['baseUrl']))).status, 200);
    child.disconnect();
    const [code] = (await once(child, 'exit')) as [number];
    assert.equal(code, 0);
  });

  it('refuses options it does not understand', async () => {
    for (const args of [['--era', '6.0'], ['--port', 'x'], ['--tls-key', 'only.pem'], ['--bogus']]) {
      const child = start(...args);
      const [code] = (await once(child, 'exit')) as [number];
      assert.equal(code, 1, args.join(' '));
    }
  });
});
