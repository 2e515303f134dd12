import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { FileLock } from '../../../src/platform/fileLock.ts';
import { useTemporaryFolder } from './temporaryFolder.ts';

const child = fileURLToPath(new URL('fileLock.child.ts', import.meta.url));

describe('the file lock', () => {
  const folder = useTemporaryFolder();

  it('lets one at a time work under a name, and gives back what the work gives', async () => {
    const lock = new FileLock(join(folder(), 'locks'));
    let inside = 0;
    let most = 0;
    const work = async (value: number): Promise<number> => {
      most = Math.max(most, ++inside);
      await new Promise((resolve) => setTimeout(resolve, 5));
      inside--;
      return value;
    };
    const results = await Promise.all([1, 2, 3].map((value) => lock.withLock('same', () => work(value))));
    assert.deepEqual(results, [1, 2, 3]);
    assert.equal(most, 1);
  });

  it('keeps names apart, whatever characters they have', async () => {
    const lock = new FileLock(folder());
    const result = await lock.withLock('../a/b:c', () =>
      lock.withLock('../a/b:d', () => Promise.resolve('both')),
    );
    assert.equal(result, 'both');
  });

  it('is free again after work that failed, and leaves nothing behind', async () => {
    const lock = new FileLock(folder());
    await assert.rejects(
      lock.withLock('name', () => Promise.reject(new Error('work failed'))),
      /work failed/,
    );
    assert.equal(await lock.withLock('name', () => Promise.resolve('again')), 'again');
    assert.deepEqual(await readdir(folder()), []);
  });

  it('gives up after its time', async () => {
    const lock = new FileLock(folder(), { timeoutMs: 150 });
    await lock.withLock('name', async () => {
      const started = performance.now();
      await assert.rejects(
        lock.withLock('name', () => assert.fail('ran without the lock')),
        { code: 'storage/write-failed', details: { reason: 'locked' } },
      );
      const waited = performance.now() - started;
      assert.ok(waited >= 150 && waited < 1500, String(waited));
    });
  });

  it('says when its folder cannot be made', async () => {
    const file = join(folder(), 'file');
    await writeFile(file, '');
    await assert.rejects(
      new FileLock(join(file, 'locks')).withLock('name', () => Promise.resolve()),
      { code: 'storage/write-failed', details: { systemCode: 'ENOTDIR' } },
    );
  });

  it('loses no update among processes', async function () {
    this.timeout(30_000);
    const counter = join(folder(), 'counter');
    await writeFile(counter, '0');
    const exits = [1, 2, 3].map(async () => {
      const worker = spawn(process.execPath, [child, join(folder(), 'locks'), counter], { stdio: 'inherit' });
      const [status] = (await once(worker, 'exit')) as [number];
      return status;
    });
    assert.deepEqual(await Promise.all(exits), [0, 0, 0]);
    assert.equal(await readFile(counter, 'utf8'), '60');
  });

  it('takes over from a process that died with the lock', async function () {
    this.timeout(15_000);
    const holder = spawn(process.execPath, [child, folder(), '', 'hold'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    await once(holder.stdout, 'data');
    holder.kill('SIGKILL');
    const lock = new FileLock(folder(), { staleMs: 2000, timeoutMs: 8000 });
    assert.equal(await lock.withLock('counter', () => Promise.resolve('taken over')), 'taken over');
  });
});
