import assert from 'node:assert/strict';
import { mkdir, readdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { writeFileAtomically } from '../../../src/platform/atomicWrite.ts';
import { FileDocument } from '../../../src/platform/fileDocument.ts';
import { FileLock } from '../../../src/platform/fileLock.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { useTemporaryFolder } from './temporaryFolder.ts';

describe('the file document', () => {
  const folder = useTemporaryFolder();
  const path = () => join(folder(), 'deep', 'index.json');
  const open = () => new FileDocument(path(), new FileLock(join(folder(), 'locks')), new FakeClock(1234));
  const increment = (current: unknown) => ({
    count: ((current as { count: number } | undefined)?.count ?? 0) + 1,
  });

  async function write(text: string): Promise<void> {
    await mkdir(join(folder(), 'deep'));
    await writeFile(path(), text);
  }

  it('is empty before its first update, then holds what was written', async () => {
    assert.equal(await open().read(), undefined);
    await open().update(increment);
    assert.deepEqual(await open().read(), { count: 1 });
    await open().update(increment);
    assert.deepEqual(await open().read(), { count: 2 });
  });

  it('is for its owner only and leaves no other file behind', async function () {
    if (process.platform === 'win32') this.skip();
    await open().update(increment);
    assert.equal((await stat(path())).mode & 0o777, 0o600);
    assert.deepEqual(await readdir(join(folder(), 'deep')), ['index.json']);
  });

  it('loses no update when several come at once', async () => {
    await Promise.all(Array.from({ length: 10 }, () => open().update(increment)));
    assert.deepEqual(await open().read(), { count: 10 });
  });

  it('is never seen half written', async () => {
    await open().update(() => ({ text: 'a'.repeat(200_000) }));
    const state = { isOver: false };
    const writing = (async () => {
      for (let round = 0; round < 10; round++) await open().update(() => ({ text: 'b'.repeat(200_000) }));
      state.isOver = true;
    })();
    while (!state.isOver) assert.equal(((await open().read()) as { text: string }).text.length, 200_000);
    await writing;
  });

  it('disappears when it is changed to nothing', async () => {
    await open().update(increment);
    await open().update(() => undefined);
    assert.deepEqual(await readdir(join(folder(), 'deep')), []);
  });

  for (const text of ['', '{"count":', 'hello', '\0\0\0']) {
    it(`starts anew from ${JSON.stringify(text)} and keeps that aside`, async () => {
      await write(text);
      assert.equal(await open().read(), undefined);
      assert.equal(await readFile(`${path()}.corrupt-1234`, 'utf8'), text);
      await open().update(increment);
      assert.deepEqual(await open().read(), { count: 1 });
    });
  }

  it('keeps a broken file aside in an update too', async () => {
    await write('broken');
    await open().update(increment);
    assert.deepEqual(await open().read(), { count: 1 });
    assert.equal(await readFile(`${path()}.corrupt-1234`, 'utf8'), 'broken');
  });

  it('is left alone when the change fails', async () => {
    await open().update(increment);
    const failing = open().update(() => {
      throw new Error('no change');
    });
    await assert.rejects(failing, /no change/);
    assert.deepEqual(await open().read(), { count: 1 });
  });

  it('writes nothing over what it cannot read', async () => {
    await mkdir(path(), { recursive: true });
    assert.equal(await open().read(), undefined);
    await assert.rejects(open().update(increment), {
      code: 'storage/write-failed',
      details: { systemCode: 'EISDIR' },
    });
    assert.ok((await stat(path())).isDirectory());
  });

  it('says when it cannot be written', async () => {
    const longName = join(folder(), 'x'.repeat(250));
    const document = new FileDocument(longName, new FileLock(join(folder(), 'locks')));
    await assert.rejects(document.update(increment), {
      code: 'storage/write-failed',
      details: { systemCode: 'ENAMETOOLONG' },
    });
  });

  it('says when its folder cannot be made', async () => {
    await writeFile(join(folder(), 'deep'), 'a file where the folder should be');
    await assert.rejects(open().update(increment), {
      code: 'storage/write-failed',
      details: { systemCode: 'ENOTDIR' },
    });
  });
});

describe('writing a file atomically', () => {
  const folder = useTemporaryFolder();

  it('leaves no half file when the old one cannot be replaced', async () => {
    const target = join(folder(), 'target');
    await mkdir(join(target, 'full'), { recursive: true });
    await assert.rejects(writeFileAtomically(target, 'text'));
    assert.deepEqual(await readdir(folder()), ['target']);
  });
});
