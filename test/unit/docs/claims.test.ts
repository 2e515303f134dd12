import assert from 'node:assert/strict';
import { existsSync, globSync, readFileSync } from 'node:fs';

const read = (path: string) => readFileSync(path, 'utf8');
const documents = ['docs/security.md', 'docs/audit.md'];

/** Test files that a document names, by whole path or by file name. */
function filesOf(text: string): string[] {
  const named = [...text.matchAll(/`((?:test\/)?[\w/.-]+\.ts)`/g)].map(([, path = '']) => path);
  return [
    ...new Set(
      named.flatMap((path) =>
        path.startsWith('test/') ? [path] : path.includes('.test.') ? globSync(`test/**/${path}`) : [],
      ),
    ),
  ];
}

/** Whether the title of one of the file's tests holds this; "…" stands for what a document leaves out. */
function hasTest(file: string, name: string): boolean {
  const text = read(file);
  const wanted = name.replace(/^…|…$/g, '');
  const titles = [...text.matchAll(/\bit\(\s*(['"`])((?:(?!\1).)*)\1/g)].map(([, , title = '']) => title);
  return titles.some((title) => {
    if (title.includes(wanted)) return true;
    // A title with a gap: what stands in it comes from a list of the same file.
    const [before = '', after = ''] = title.split(/\$\{[^}]*\}/);
    if (!title.includes('${') || !wanted.startsWith(before) || !wanted.endsWith(after)) return false;
    return text.includes(`'${wanted.slice(before.length, wanted.length - after.length)}'`);
  });
}

/** The last cell of each row of the tables that have a column for tests. */
function rowsWithTests(text: string): { claim: string; test: string }[] {
  return text.split(/\n\n/).flatMap((block) => {
    const [head = '', , ...rows] = block.split('\n').filter((line) => line.startsWith('|'));
    const cells = (line: string) =>
      line
        .slice(1, -1)
        .split('|')
        .map((cell) => cell.trim());
    if (!/^Test/.test(cells(head).at(-1) ?? '')) return [];
    return rows.map((row) => ({ claim: cells(row)[0] ?? '', test: cells(row).at(-1) ?? '' }));
  });
}

describe('The claims about security', () => {
  for (const path of documents) {
    const text = read(path);

    it(`name test files that exist: ${path}`, () => {
      const files = filesOf(text);
      assert.ok(files.length > 3);
      assert.deepEqual(
        files.filter((file) => !existsSync(file)),
        [],
      );
    });

    it(`name tests that exist: ${path}`, () => {
      const files = filesOf(text);
      const names = [...text.matchAll(/"([^"\n]{12,})"/g)].map(([, name = '']) => name);
      assert.ok(names.length > 10);
      assert.deepEqual(
        names.filter((name) => !files.some((file) => hasTest(file, name))),
        [],
      );
    });

    it(`have a test each, or say why there is nothing to test: ${path}`, () => {
      const rows = rowsWithTests(text);
      assert.ok(rows.length > 4);
      assert.deepEqual(
        rows.filter(({ test }) => !/"|`[\w/.-]+\.(ts|cjs)`/.test(test)).map(({ claim }) => claim),
        [],
      );
    });
  }
});
