import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const read = (path: string) => readFileSync(path, 'utf8');
const decisions = readdirSync('docs/decisions').map((name) => join('docs/decisions', name));
const documents = [
  ...['README.md', 'CHANGELOG.md', 'CONTRIBUTING.md'],
  ...[
    'docs/architecture.md',
    'docs/audit.md',
    'docs/fhir.md',
    'docs/performance.md',
    'docs/registration.md',
    'docs/security.md',
    'docs/troubleshooting.md',
  ],
  ...decisions,
];

/** As the forge makes them: lower case, blanks to hyphens, other signs dropped. */
const anchorOf = (heading: string) =>
  heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N} -]/gu, '')
    .replaceAll(' ', '-');
const anchorsOf = (path: string) =>
  [...read(path).matchAll(/^#+ (.+)$/gm)].map(([, heading = '']) => anchorOf(heading));

describe('The documents', () => {
  it('explain every error code, and none that does not exist', () => {
    const union = /export type ErrorCode =([^;]+);/.exec(read('src/core/base/errors.ts'))?.[1] ?? '';
    const codes = [...union.matchAll(/'([^']+)'/g)].map(([, code = '']) => code);
    assert.ok(codes.length > 70);
    const text = read('docs/troubleshooting.md');
    const explained = [...text.matchAll(/`([a-z-]+\/[a-z-]+)`\s+\|/g)].map(([, code = '']) => code);
    assert.deepEqual(explained.toSorted(), codes.toSorted());
  });

  for (const path of documents) {
    it(`have no dead link in ${path}`, () => {
      for (const [, target = ''] of read(path).matchAll(/\]\(([^)]+)\)/g)) {
        // The pictures of the panel are made by the tests that drive it.
        if (/^https:|^docs\/images\/.*\.png$/.test(target)) continue;
        const [file = '', anchor] = target.split('#');
        const linked = file ? join(dirname(path), file) : path;
        assert.ok(existsSync(linked), target);
        if (anchor) assert.ok(anchorsOf(linked).includes(anchor), target);
      }
    });
  }
});
