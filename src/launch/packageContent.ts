import { readFile, stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { ZipEntry } from './zipEntries.ts';

/** The only files that a VSIX of ours may hold; vsce renames those that the Marketplace shows. */
const allowed = [
  /^\[Content_Types\]\.xml$/,
  /^extension\.vsixmanifest$/,
  /^extension\/(package\.json|package\.nls(\.[\w-]+)?\.json|readme\.md|changelog\.md|LICENSE(\.txt)?)$/i,
  /^extension\/dist\/(webview\/)?(chunks\/)?[\w.-]+\.(js|css|ttf)$/,
  /^extension\/dist\/(sbom\.cdx\.json|third-party-licences\.txt)$/,
  /^extension\/media\/[\w./-]+\.(svg|png|md|json)$/,
];
const needed = [
  'extension/package.json',
  'extension/package.nls.json',
  'extension/readme.md',
  'extension/changelog.md',
  'extension/LICENSE.txt',
  'extension/dist/extension.js',
  'extension/dist/sandbox.js',
  'extension/dist/sbom.cdx.json',
  'extension/dist/third-party-licences.txt',
  'extension/dist/webview/connectionPanel.js',
];

const picture = /!\[[^\]]*\]\(([^)\s]+)\)/g;

/** Pictures that are not there would show as broken on the page of the extension. */
async function pictureProblems(packedReadme: string, root: string): Promise<string[]> {
  const written = await readFile(join(root, 'README.md'), 'utf8');
  const local = [...written.matchAll(picture)].flatMap(([, target = '']) =>
    /^https:/.test(target) ? [] : [target],
  );
  const missing: string[] = [];
  for (const target of local) {
    if (!(await stat(join(root, target)).catch(() => undefined))) {
      missing.push(`README.md shows ${target}, which does not exist.`);
    }
  }
  const relative = [...packedReadme.matchAll(picture)].filter(([, target = '']) => !/^https:/.test(target));
  return [
    ...missing,
    ...relative.map(([, target = '']) => `The packed README shows ${target} by a relative path.`),
  ];
}

/** What is wrong with the content of a VSIX, in sentences; empty when it may be shipped. */
export async function packageProblems(entries: readonly ZipEntry[], root: string): Promise<string[]> {
  const paths = entries.map(({ path }) => path);
  const foreign = paths.filter((path) => !allowed.some((pattern) => pattern.test(path)));
  const missing = needed.filter((path) => !paths.includes(path));
  const mapped = entries.filter(
    ({ path, read }) => path.endsWith('.js') && read().includes('sourceMappingURL=data:'),
  );
  const readme =
    entries
      .find(({ path }) => path === 'extension/readme.md')
      ?.read()
      .toString('utf8') ?? '';
  return [
    ...foreign.map((path) => `${path} does not belong there.`),
    ...missing.map((path) => `${path} is missing.`),
    ...mapped.map(({ path }) => `${path} has a source map in it: it was built for watching.`),
    ...(await pictureProblems(readme, root)),
  ];
}
