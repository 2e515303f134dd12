import assert from 'node:assert/strict';
import { mkdir, mkdtemp, rm, utimes, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { isBuildStale } from '../../../src/launch/build.ts';

describe('the question whether to build', () => {
  let root: string;

  const write = async (file: string, second: number) => {
    const path = join(root, file);
    await mkdir(dirname(path), { recursive: true });
    await writeFile(path, '');
    for (const changed of [path, dirname(path)]) await utimes(changed, second, second);
  };

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'openemr-workbench-build-'));
    await write('src/core/a.ts', 1000);
    await write('src/b.ts', 1000);
    await write('dist/extension.js', 2000);
    await write('.cache/bundle-meta.json', 2000);
  });
  afterEach(() => rm(root, { recursive: true, force: true }));

  it('is answered no while nothing has changed since', async () => {
    assert.equal(await isBuildStale(root), false);
  });

  it('is answered yes where a source is newer', async () => {
    await write('src/core/a.ts', 3000);
    assert.equal(await isBuildStale(root), true);
  });

  it('is answered yes where a bundle is missing', async () => {
    await rm(join(root, 'dist'), { recursive: true });
    assert.equal(await isBuildStale(root), true);
  });

  it('is answered yes in a fresh clone', async () => {
    await rm(join(root, '.cache'), { recursive: true });
    assert.equal(await isBuildStale(root), true);
  });
});
