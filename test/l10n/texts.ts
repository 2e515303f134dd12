import { glob, readFile } from 'node:fs/promises';
import { getL10nJson } from '@vscode/l10n-dev';
import { rules } from '../../src/core/doctor/knowledgeBase.ts';

const rulesTexts = ['happened', 'why', 'remedy'] as const;

/** Every text of the extension by its English form: what the code passes to `l10n.t`, and the texts that are data. */
export async function extensionTexts(): Promise<string[]> {
  const files: { extension: '.ts'; contents: string }[] = [];
  for await (const path of glob('src/**/*.ts'))
    files.push({ extension: '.ts', contents: await readFile(path, 'utf8') });
  const fromCode = Object.keys(await getL10nJson(files));
  return [...new Set([...fromCode, ...textsOfRules()])].filter(Boolean).sort();
}

function textsOfRules(): string[] {
  return rules.flatMap((rule) => [
    ...rulesTexts.flatMap((name) => rule[name]),
    ...Object.values(rule.defaults ?? {}).map(String),
  ]);
}
