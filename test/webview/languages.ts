import { readFileSync } from 'node:fs';
import { env, l10n } from 'vscode';
import { explainScope } from '../../src/vscode/scopeTexts.ts';

const read = (path: string) => JSON.parse(readFileSync(path, 'utf8')) as Record<string, string>;

export interface Language {
  /** For dates and numbers. */
  readonly code: string;
  readonly bundle: Record<string, string> | undefined;
}

export const english: Language = { code: 'en', bundle: undefined };

export const spanish: Language = {
  code: 'es',
  bundle: { ...read('test/webview/samples.es.json'), ...read('media/l10n/bundle.l10n.es.json') },
};

/** Every text in a form that shows it went through translation. Dates are in a language that writes them in digits. */
export const pseudo: Language = {
  code: 'ja',
  bundle: new Proxy<Record<string, string>>({}, { get: (_, text) => pseudoText(String(text)) }),
};

const lookalikes: Record<string, string> = { a: 'å', e: 'ë', i: 'ï', o: 'ø', u: 'ü', n: 'ñ', t: 'ţ', s: 'š' };

function pseudoText(text: string): string {
  if (text === '' || text.startsWith('⟦')) return text;
  const dressed = text
    .split(/(\{[^}]+\})/)
    .map((part) =>
      part.startsWith('{') ? part : part.replace(/[aeiounts]/g, (letter) => lookalikes[letter] ?? letter),
    );
  return `⟦${dressed.join('')}⟧`;
}

/** What the editor and the extension's texts speak from now on. */
export function speak({ code, bundle }: Language): void {
  Object.assign(env, { language: code });
  Object.assign(l10n, { bundle });
}

/** Keys of messages under which the extension sends sentences and names for people. */
const textKeys = new Set([
  'action',
  'check',
  'contradictions',
  'diagnosis',
  'failure',
  'happened',
  'headline',
  'label',
  'lines',
  'meaning',
  'message',
  'missing',
  'note',
  'notes',
  'notices',
  'outcomeText',
  'problems',
  'remedy',
  'says',
  'summary',
  'text',
  'title',
  'why',
]);

const namedKeys = new Set(['documents.name', 'facts.name', 'facts.value', 'checks.name', 'pictures.title']);

/** A message of samples as the extension would send it in the language that is spoken. */
export function localized(value: unknown, key = '', within = ''): unknown {
  if (typeof value === 'string') {
    return textKeys.has(key) || namedKeys.has(`${within}.${key}`) ? l10n.t(value) : value;
  }
  if (Array.isArray(value)) return value.map((one) => localized(one, key, key));
  if (typeof value !== 'object' || value === null) return value;
  const entries = Object.entries(value).map(([name, one]) => [name, localized(one, name, key)] as const);
  const copy: Record<string, unknown> = Object.fromEntries(entries);
  if (typeof copy['explanation'] === 'string') copy['explanation'] = explainScope(String(copy['scope']));
  return copy;
}
