import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { closeServers, startHttp } from './servers.ts';

const run = promisify(execFile);
const root = fileURLToPath(new URL('../../..', import.meta.url));
const child = fileURLToPath(new URL('globalDispatcher.child.ts', import.meta.url));

interface Report {
  readonly nodeVersion: string;
  readonly changed: boolean;
  readonly ours: number;
  readonly hostFetch: string;
  readonly ownFetch: string;
}

/** VS Code's hosts run Node 22 too; installed on first use, as only this test needs it. */
async function findNode22(): Promise<string | undefined> {
  const folder = join(root, '.cache', 'node22');
  const node = join(
    folder,
    'node_modules',
    'node',
    'bin',
    process.platform === 'win32' ? 'node.exe' : 'node',
  );
  if (existsSync(node)) return node;
  try {
    const install = ['i', '--prefix', folder, '--no-audit', '--no-fund', 'node@22'];
    await run('npm', install, { cwd: root, shell: process.platform === 'win32', timeout: 120_000 });
  } catch {
    return undefined;
  }
  return existsSync(node) ? node : undefined;
}

async function report(node: string, temperature: string, containment: string): Promise<Report> {
  const server = await startHttp((_request, response) => response.end('answer'));
  const { stdout } = await run(node, ['--no-warnings', child, temperature, containment, server.url]);
  return JSON.parse(stdout) as Report;
}

function describeOn(major: number, find: () => Promise<string | undefined>): void {
  describe(`loading undici on Node ${major}`, function () {
    this.timeout(130_000);
    let node: string;
    afterEach(closeServers);

    before(async function () {
      const found = await find();
      if (found) node = found;
      else {
        console.log(`      skipped: Node ${major} cannot be installed here`);
        this.skip();
      }
    });

    for (const temperature of ['cold', 'warm']) {
      it(`leaves the dispatcher of the process's fetch as it was, ${temperature}`, async () => {
        const { nodeVersion, ...rest } = await report(node, temperature, 'contained');
        assert.equal(nodeVersion.split('.')[0], String(major));
        assert.deepEqual(rest, { changed: false, ours: 0, hostFetch: 'answer', ownFetch: 'answer' });
      });
    }

    it('would replace it when loaded plainly, so that this can fail', async () => {
      assert.notEqual((await report(node, 'cold', 'plain')).ours, 0);
    });
  });
}

describeOn(24, () => Promise.resolve(process.execPath));
describeOn(22, findNode22);
