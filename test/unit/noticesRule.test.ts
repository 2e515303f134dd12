import assert from 'node:assert/strict';
import { ESLint, Linter } from 'eslint';
import { projectRoot } from '../../src/launch/paths.ts';

const ruleName = 'no-restricted-syntax';

interface Configuration {
  readonly rules: Readonly<Record<string, Linter.RuleEntry>>;
}

describe('The rule about notifications', () => {
  let rule: Linter.RuleEntry | undefined;

  const ruleFor = async (file: string) =>
    ((await new ESLint({ cwd: projectRoot }).calculateConfigForFile(file)) as Configuration).rules[ruleName];
  const complaints = (line: string): number =>
    new Linter().verify(line, { rules: { [ruleName]: rule ?? 'off' } }).length;

  before(async () => {
    rule = await ruleFor('src/vscode/commands.ts');
  });

  it('holds everywhere but in the one place that they pass through', async () => {
    assert.deepEqual(await ruleFor('src/compositionRoot.ts'), rule);
    assert.equal(await ruleFor('src/vscode/quiet.ts'), undefined);
  });

  for (const line of [
    "window.showInformationMessage('Done.');",
    'void window.showErrorMessage(text, ...buttons);',
    "window.showWarningMessage(text, { detail }, 'Go on');",
    "window.setStatusBarMessage('Done.', 5000);",
  ])
    it(`refuses ${line}`, () => assert.equal(complaints(line), 1));

  for (const line of [
    "window.showWarningMessage('Remove it?', { modal: true, detail }, remove);",
    'window.showInformationMessage(headline, { modal: true, detail });',
    "tell('Done.', ['Test connection']);",
  ])
    it(`lets ${line} pass`, () => assert.equal(complaints(line), 0));
});
