import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { packageProblems } from '../../../src/launch/packageContent.ts';
import { zipEntries, type ZipEntry } from '../../../src/launch/zipEntries.ts';
import { zip } from '../../fakes/zip.ts';

const entry = (path: string, content = ''): ZipEntry => ({
  path,
  size: content.length,
  read: () => Buffer.from(content),
});

const goodPaths = [
  '[Content_Types].xml',
  'extension.vsixmanifest',
  'extension/package.json',
  'extension/package.nls.json',
  'extension/changelog.md',
  'extension/LICENSE.txt',
  'extension/media/icons/openemr.svg',
  'extension/dist/extension.js',
  'extension/dist/sandbox.js',
  'extension/dist/sbom.cdx.json',
  'extension/dist/third-party-licences.txt',
  'extension/dist/chunks/compositionRoot-ABC.js',
  'extension/dist/webview/connectionPanel.js',
  'extension/dist/webview/codicon.ttf',
];
const readme = (content: string) => entry('extension/readme.md', content);
const good = goodPaths.map((path) => entry(path));

describe('The content check of the VSIX', () => {
  let root: string;

  beforeEach(() => {
    root = mkdtempSync(join(tmpdir(), 'package-'));
    mkdirSync(join(root, 'docs'));
    writeFileSync(join(root, 'README.md'), 'Text ![The panel](docs/panel.png)');
    writeFileSync(join(root, 'docs', 'panel.png'), '');
  });
  afterEach(() => rmSync(root, { recursive: true, force: true }));

  const shown = readme('Text ![The panel](https://example.org/docs/panel.png)');
  const problemsWith = (...added: ZipEntry[]) => packageProblems([...good, ...added], root);

  it('reads packed and stored files of an archive', () => {
    const entries = zipEntries(
      zip([
        ['a.txt', 'stored', 0],
        ['folder/', '', 0],
        ['folder/b.txt', 'packed '.repeat(50), 8],
      ]),
    );
    assert.deepEqual(
      entries.map(({ path, size }) => [path, size]),
      [
        ['a.txt', 6],
        ['folder/b.txt', 350],
      ],
    );
    assert.deepEqual(
      entries.map(({ read }) => read().toString()),
      ['stored', 'packed '.repeat(50)],
    );
  });

  it('refuses what is no archive', () => {
    assert.throws(() => zipEntries(Buffer.from('no archive at all, but long enough')), /no ZIP archive/);
  });

  it('finds nothing wrong with bundles, media, texts and licence', async () => {
    assert.deepEqual(await problemsWith(shown), []);
  });

  for (const path of [
    'extension/src/extension.ts',
    'extension/dist/extension.js.map',
    'extension/test/runAll.ts',
    'extension/.cache/bundle-meta.json',
    'extension/node_modules/undici/index.js',
    'extension/.env',
    'extension/media/notes.psd',
  ]) {
    it(`refuses ${path}`, async () => {
      assert.deepEqual(await problemsWith(shown, entry(path)), [`${path} does not belong there.`]);
    });
  }

  it('misses what the extension needs', async () => {
    const problems = await packageProblems([shown], root);
    assert.ok(problems.includes('extension/dist/sandbox.js is missing.'));
  });

  it('refuses a bundle that was built for watching', async () => {
    const bundle = entry(
      'extension/dist/chunks/a.js',
      'x\n//# sourceMappingURL=data:application/json;base64,e30=',
    );
    assert.match((await problemsWith(shown, bundle)).join(), /a\.js has a source map/);
  });

  it('refuses pictures that nobody could see', async () => {
    rmSync(join(root, 'docs', 'panel.png'));
    assert.deepEqual(await problemsWith(readme('![The panel](docs/panel.png)')), [
      'README.md shows docs/panel.png, which does not exist.',
      'The packed README shows docs/panel.png by a relative path.',
    ]);
  });
});
