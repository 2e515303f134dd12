import assert from 'node:assert/strict';
import { join } from 'node:path';
import { projectRoot } from '../../../src/launch/paths.ts';
import { judgeBundle } from '../../runner/bundle.ts';
import { judge, thresholds } from '../../runner/coverage.ts';
import { readMochaReport } from '../../runner/mochaSuite.ts';
import { measured, sum, summaryLine } from '../../runner/tally.ts';

const covered = (lines: number, branches = 100) => ({
  lines: { total: 100, covered: lines },
  branches: { total: 100, covered: branches },
});
const threshold = (name: string) => thresholds.find((candidate) => candidate.name === name)!;

describe('the count over all suites', () => {
  it('is one line with what passed and what failed', () => {
    assert.equal(
      summaryLine(
        sum([
          { passed: 2, failed: 0, skipped: 0 },
          { passed: 1, failed: 1, skipped: 0 },
        ]),
      ),
      '3 passed, 1 failed',
    );
  });

  it('tells of skipped tests only where there are any', () => {
    assert.equal(summaryLine({ passed: 0, failed: 0, skipped: 1 }), '0 passed, 0 failed, 1 skipped');
  });

  it('counts a suite that breaks as failed', async () => {
    const { failed, details } = await measured('x', () => Promise.reject(new Error('no Chromium')));
    assert.deepEqual({ failed, details }, { failed: 1, details: 'no Chromium' });
  });

  it('shows a failing test with its title and its stack', () => {
    const report = {
      stats: { passes: 4, failures: 1, pending: 2 },
      failures: [{ fullTitle: 'login works', err: { message: 'boom', stack: 'Error: boom\n at x' } }],
    };
    assert.deepEqual(readMochaReport(JSON.stringify(report)), {
      passed: 4,
      failed: 1,
      skipped: 2,
      details: '✗ login works\nError: boom\n at x',
    });
  });
});

describe('the coverage thresholds', () => {
  const file = (path: string) => join(projectRoot, path);

  it('let a part pass that is covered well enough', () => {
    assert.equal(
      judge(threshold('core/oauth'), { [file('src/core/oauth/a.ts')]: covered(90, 90) }).failed,
      0,
    );
  });

  it('fail core/oauth for its branches alone', () => {
    assert.equal(
      judge(threshold('core/oauth'), { [file('src/core/oauth/a.ts')]: covered(100, 89) }).failed,
      1,
    );
  });

  it('weigh files by their size and leave those of other parts out', () => {
    const summary = {
      [file('src/core/connection/a.ts')]: covered(80),
      [file('src/core/connection/b.ts')]: covered(90),
      [file('src/vscode/c.ts')]: covered(0),
    };
    assert.equal(judge(threshold('core/connection'), summary).failed, 0);
    assert.equal(judge(threshold('the rest of src'), summary).failed, 1);
  });

  it('fail a part of which no file was seen', () => {
    assert.equal(judge(threshold('token modules'), {}).failed, 1);
  });
});

describe('the limits of what is loaded at start-up', () => {
  const output = (bytes: number, imports: { path: string; kind: string }[] = [], inputs: string[] = []) => ({
    bytes,
    imports,
    inputs: Object.fromEntries(inputs.map((input) => [input, {}])),
  });

  it('count static imports and leave those of a first use out', () => {
    const outputs = {
      'dist/extension.js': output(5_000, [
        { path: 'dist/a.js', kind: 'import-statement' },
        { path: 'dist/late.js', kind: 'dynamic-import' },
      ]),
      'dist/a.js': output(54_000),
      'dist/late.js': output(500_000, [], ['node_modules/zod/index.js']),
    };
    assert.equal(judgeBundle({ outputs }).failed, 0);
    const grown = { ...outputs, 'dist/a.js': output(56_000) };
    assert.equal(judgeBundle({ outputs: grown }).failed, 1);
  });

  it('do not let a heavy library in by way of a chunk', () => {
    const outputs = {
      'dist/extension.js': output(5_000, [{ path: 'dist/a.js', kind: 'import-statement' }]),
      'dist/a.js': output(100, [], ['node_modules/zod/mini.js']),
    };
    assert.equal(judgeBundle({ outputs }).failed, 1);
  });
});
