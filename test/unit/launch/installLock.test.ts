import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { withInstallLock } from '../../../src/launch/installLock.ts';

describe('the lock around an installation', () => {
  let folder: string;
  beforeEach(async () => {
    folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-lock-'));
  });
  afterEach(() => rm(folder, { recursive: true, force: true }));

  it('lets one at a time work', async () => {
    let atWork = 0;
    let most = 0;
    const work = async () => {
      most = Math.max(most, ++atWork);
      await sleep(20);
      atWork--;
    };
    const lock = join(folder, 'lock');
    await Promise.all([
      withInstallLock(lock, work),
      withInstallLock(lock, work),
      withInstallLock(lock, work),
    ]);
    assert.equal(most, 1);
  });

  it('is free again after work that failed', async () => {
    const lock = join(folder, 'lock');
    await assert.rejects(
      withInstallLock(lock, () => Promise.reject(new Error('disk full'))),
      /disk full/,
    );
    assert.deepEqual(await readdir(folder), []);
  });

  it('is taken over from an owner that has died', async () => {
    const lock = join(folder, 'lock');
    const { pid } = spawnSync(process.execPath, ['--version']);
    await mkdir(lock);
    await writeFile(join(lock, 'pid'), String(pid));
    let told = 0;
    const result = await withInstallLock(
      lock,
      () => Promise.resolve('done'),
      () => told++,
    );
    assert.deepEqual({ result, told }, { result: 'done', told: 1 });
  });
});
