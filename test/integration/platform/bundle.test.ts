import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { build } from 'esbuild';
import { useTemporaryFolder } from './temporaryFolder.ts';

const root = fileURLToPath(new URL('../../..', import.meta.url));

/** Prints what the two packages that are loaded on first use do when they come out of a split bundle. */
const program = `
import { FileLock } from './src/platform/fileLock.ts';
import { loadUndici } from './src/platform/undiciLoader.ts';
const { Agent, fetch } = await loadUndici();
const dispatcher = new Agent();
const answer = await (await fetch('data:,undici', { dispatcher })).text();
await dispatcher.destroy();
const locked = await new FileLock(process.argv[2]).withLock('name', () => Promise.resolve('lock'));
process.stdout.write(answer + ' ' + locked);
`;

describe('packages that are loaded on first use', () => {
  const folder = useTemporaryFolder();

  it('also work in a bundle, where a CommonJS module has a default export only', async function () {
    this.timeout(20_000);
    const { metafile } = await build({
      stdin: { contents: program, resolveDir: root, loader: 'ts' },
      outdir: folder(),
      outExtension: { '.js': '.mjs' },
      bundle: true,
      splitting: true,
      format: 'esm',
      platform: 'node',
      minify: true,
      banner: {
        js: "import { createRequire as make } from 'node:module'; const require = make(import.meta.url);",
      },
      metafile: true,
    });
    const { stdout } = await promisify(execFile)(process.execPath, [join(folder(), 'stdin.mjs'), folder()]);
    assert.equal(stdout, 'undici lock');
    const entry = Object.values(metafile.outputs).find((output) => output.entryPoint === '<stdin>');
    assert.ok(entry!.bytes < 20_000, 'undici or proper-lockfile is in the first chunk');
  });
});
