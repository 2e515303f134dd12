import assert from 'node:assert/strict';
import { cpSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { importRules } from '../runner/checks.ts';

interface Violation {
  readonly from: string;
  readonly rule: { readonly name: string };
}

/** File that breaks a rule, the rule, and the line that breaks it. */
const violations: readonly (readonly [file: string, rule: string, line: string])[] = [
  ['src/core/a01.ts', 'core-stays-pure', "import 'vscode';"],
  ['src/core/a02.ts', 'core-stays-pure', "import type { Uri } from 'vscode'; export type A = Uri;"],
  ['src/core/a03.ts', 'core-stays-pure', "import '../platform/target.ts';"],
  ['src/core/a04.ts', 'core-stays-pure', "import type { T } from '../vscode/target.ts'; export type A = T;"],
  ['src/core/a05.ts', 'core-stays-pure', "import '../protocol/target.ts';"],
  ['src/core/a06.ts', 'core-stays-pure', "import '../compositionRoot.ts';"],
  ['src/core/a07.ts', 'core-packages', "import 'undici';"],
  ['src/core/a08.ts', 'undici-in-platform', "export const load = () => import('undici');"],
  ['src/core/a09.ts', 'core-packages', "import 'proper-lockfile';"],
  ['src/core/a10.ts', 'core-node-modules', "import 'node:fs';"],
  ['src/core/a11.ts', 'core-node-modules', "import { readFile } from 'node:fs/promises'; void readFile;"],
  ['src/core/a12.ts', 'core-node-modules', "import 'http';"],
  ['src/core/oauth/a13.ts', 'openid-client-in-one-file', "import 'openid-client';"],
  ['src/core/oauth/a14.ts', 'p-retry-in-core-http', "import 'p-retry';"],
  ['src/core/a15.ts', 'zod-mini-only', "import 'zod';"],
  ['src/core/a16.ts', 'no-cycles', "import './a17.ts';"],
  ['src/core/a18.ts', 'nothing-ships-tests', "import '../../test/target.ts';"],
  ['src/core/a19.ts', 'everything-resolves', "import './absent.ts';"],
  ['src/platform/b01.ts', 'platform-imports', "import 'vscode';"],
  ['src/platform/b02.ts', 'platform-imports', "import '../vscode/target.ts';"],
  ['src/platform/b03.ts', 'openid-client-in-one-file', "import 'openid-client';"],
  ['src/vscode/c01.ts', 'vscode-imports', "import '../platform/target.ts';"],
  ['src/vscode/c02.ts', 'vscode-imports', "import '../sandbox/target.ts';"],
  ['src/vscode/c03.ts', 'vscode-imports', "import '../compositionRoot.ts';"],
  ['src/vscode/c04.ts', 'undici-in-platform', "import type { Agent } from 'undici'; export type A = Agent;"],
  [
    'src/protocol/d01.ts',
    'protocol-imports',
    "import type { T } from '../core/target.ts'; export type A = T;",
  ],
  ['src/protocol/d02.ts', 'protocol-packages', "import 'openid-client';"],
  ['src/protocol/d03.ts', 'vscode-only-at-the-edge', "import 'vscode';"],
  ['src/sandbox/e01.ts', 'sandbox-is-independent', "import '../core/target.ts';"],
  ['src/sandbox/e02.ts', 'sandbox-is-independent', "import 'vscode';"],
  ['src/launch/f01.ts', 'launch-imports', "import '../core/target.ts';"],
  ['src/platform/f02.ts', 'nothing-imports-launch', "import '../launch/target.ts';"],
  [
    'webview-ui/g01.ts',
    'webview-imports',
    "import type { T } from '../src/core/target.ts'; export type A = T;",
  ],
  ['webview-ui/g02.ts', 'webview-takes-types-only-from-protocol', "import '../src/protocol/target.ts';"],
  ['webview-ui/g03.ts', 'webview-imports', "import 'vscode';"],
  ['webview-ui/g04.ts', 'webview-packages', "import 'zod/mini';"],
  ['webview-ui/g05.ts', 'webview-packages', "import 'node:fs';"],
];

/** What is allowed, so that a rule that forbids everything is found too. */
const allowed: Readonly<Record<string, string>> = {
  'src/core/target.ts':
    "import * as z from 'zod/mini'; import 'node:crypto'; export type T = z.infer<never>;",
  'src/core/a17.ts': "import './a16.ts';",
  'src/core/http/retry.ts': "import 'p-retry';",
  'src/core/oauth/openIdClient.ts': "import 'openid-client'; import '../target.ts';",
  'src/platform/target.ts':
    "import 'undici'; import 'proper-lockfile'; import 'node:fs'; import '../core/target.ts';",
  'src/protocol/target.ts': "import 'zod/mini'; export type T = string;",
  'src/vscode/target.ts':
    "import 'vscode'; import '../core/target.ts'; import '../protocol/target.ts'; export type T = 1;",
  'src/sandbox/target.ts': "import 'node:http'; import 'jose';",
  'src/launch/target.ts': "import 'node:http'; import '../sandbox/target.ts';",
  'src/compositionRoot.ts':
    "import 'vscode'; import './core/target.ts'; import './platform/target.ts'; import './vscode/target.ts';",
  'webview-ui/target.ts':
    "import { html } from 'lit'; import type { T } from '../src/protocol/target.ts'; export type A = T; void html;",
  'test/target.ts': '',
};

async function cruise(folder: string): Promise<Violation[]> {
  const [tool = '', ...rules] = importRules.command;
  const args = [join(projectRoot, tool), ...rules, '--output-type', 'json'];
  const { output } = await runToEnd(process.execPath, args, { cwd: folder });
  const { summary } = JSON.parse(output) as {
    summary: { violations: Violation[]; totalCruised: number };
  };
  assert.ok(summary.totalCruised > 10);
  return summary.violations;
}

/** A small house of files that is cruised under the same rules. */
function layOut(folder: string, files: Readonly<Record<string, string>>): void {
  for (const [path, content] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), content);
  }
  for (const file of ['tsconfig.json', 'package.json']) cpSync(join(projectRoot, file), join(folder, file));
  const rules = JSON.stringify(join(projectRoot, '.dependency-cruiser.cjs'));
  writeFileSync(
    join(folder, '.dependency-cruiser.cjs'),
    `const rules = require(${rules});
    module.exports = { ...rules, options: { ...rules.options, preserveSymlinks: true } };`,
  );
  symlinkSync(join(projectRoot, 'node_modules'), join(folder, 'node_modules'), 'junction');
}

// That the source itself keeps the rules is a check of its own in every run.
describe('The import rules', () => {
  let folder: string;
  let found: Violation[];

  before(async () => {
    folder = mkdtempSync(join(tmpdir(), 'import-rules-'));
    layOut(folder, { ...allowed, ...Object.fromEntries(violations.map(([file, , line]) => [file, line])) });
    found = await cruise(folder);
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  it('forbid nothing that the architecture allows', () => {
    assert.deepEqual(
      found.filter(({ from }) => from in allowed),
      [],
    );
  });

  for (const [file, rule, line] of violations) {
    it(`refuse ${line} in ${file}`, () => {
      const names = found.filter(({ from }) => from === file).map((violation) => violation.rule.name);
      assert.ok(names.includes(rule), `found: ${names.join(', ') || 'nothing'}`);
    });
  }
});
