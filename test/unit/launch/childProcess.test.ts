import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { runToEnd, startGroup } from '../../../src/launch/childProcess.ts';
import { projectRoot } from '../../../src/launch/paths.ts';

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

async function untilGone(pid: number): Promise<boolean> {
  for (let waited = 0; waited < 3000; waited += 50) {
    if (!isAlive(pid)) return true;
    await sleep(50);
  }
  return false;
}

/** Starts a grandchild that ignores SIGTERM and tells its process id. */
const family = `
  const { spawn } = require('node:child_process');
  const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log(process.pid); setInterval(() => {}, 1000)']);
  child.stdout.pipe(process.stdout);
`;

describe('programs that the launcher starts', () => {
  it('tell their exit status and what they wrote', async () => {
    const result = await runToEnd(process.execPath, ['-e', 'console.error("no"); process.exit(3)']);
    assert.deepEqual(result, { status: 3, output: 'no\n' });
  });

  it('are stopped with everything that they started, also what ignores SIGTERM', async function () {
    if (process.platform === 'win32') this.skip();
    const group = startGroup(process.execPath, ['-e', family]);
    const [line] = (await once(group.child.stdout!, 'data')) as [Buffer];
    const grandchild = Number(line.toString());
    assert.equal(isAlive(grandchild), true);
    await group.stop(200);
    assert.equal(await untilGone(grandchild), true);
  });

  it('do not outlive the launcher, even when it is killed', async function () {
    if (process.platform === 'win32') this.skip();
    const launcher = `
      import { startGroup } from ${JSON.stringify(join(projectRoot, 'src/launch/childProcess.ts'))};
      startGroup(process.execPath, ['-e', ${JSON.stringify(family)}]).child.stdout.pipe(process.stdout);
    `;
    const child = spawn(process.execPath, ['--input-type=module', '-e', launcher]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    child.kill('SIGKILL');
    assert.equal(await untilGone(Number(line.toString())), true);
  });
});
