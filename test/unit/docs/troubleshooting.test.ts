import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { format } from 'prettier';
import { rules } from '../../../src/core/doctor/knowledgeBase.ts';
import { troubleshootingDocument } from '../../docs/troubleshooting.ts';

const file = 'docs/troubleshooting.md';
const written = readFileSync(file, 'utf8');

describe('docs/troubleshooting.md', () => {
  it('is what the rules and error texts say (else run npm run docs:troubleshooting)', async () => {
    const current = await format(troubleshootingDocument(), { filepath: file, printWidth: 110 });
    assert.ok(written === current, 'docs/troubleshooting.md is out of date');
  });

  it('has one row for each rule, where its link leads', () => {
    const anchors = [...written.matchAll(/^\| <a id="([^"]+)"><\/a>\S/gm)].map(([, id]) => id);
    assert.deepEqual(anchors.toSorted(), rules.map(({ id }) => id).toSorted());
  });

  it('leaves no gap for a fact in any sentence', () => {
    assert.doesNotMatch(written, /\{\w+\}/);
  });
});
