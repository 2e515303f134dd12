import type { Evidence } from './evidence.ts';
import { rules } from './knowledgeBase.ts';
import type { Rule, RuleCondition } from './rule.ts';

/** What a piece of evidence most likely means. */
export interface Diagnosis {
  readonly rule: Rule;
  /** The facts for the rule's sentences. */
  readonly facts: Readonly<Record<string, string>>;
}

/**
 * The rule that fits the evidence best: the one that asks for most and gets all of it; among equals the first.
 * `undefined` where nothing fits.
 */
export function translate(evidence: Evidence, known: readonly Rule[] = rules): Diagnosis | undefined {
  if (known !== rules) return search(evidence, known);
  const before = translations.get(evidence);
  if (before) return before.diagnosis;
  const diagnosis = search(evidence, known);
  translations.set(evidence, { diagnosis });
  return diagnosis;
}

/** Several checks ask about the same evidence. */
const translations = new WeakMap<Evidence, { diagnosis: Diagnosis | undefined }>();

function search(evidence: Evidence, known: readonly Rule[]): Diagnosis | undefined {
  let best: { rule: Rule; score: number } | undefined;
  for (const rule of known) {
    const score = Math.max(...rule.when.map((condition) => scoreOf(condition, evidence)));
    if (score > (best?.score ?? 0)) best = { rule, score };
  }
  return best && { rule: best.rule, facts: wordsFor(best.rule, evidence) };
}

type Test = (condition: RuleCondition, evidence: Evidence) => boolean;

/** What can be asked, the quickest first, with its weight: what was said or found out weighs more than where. */
const tests: readonly (readonly [asks: keyof RuleCondition, isSo: Test, weight: number])[] = [
  ['step', ({ step }, evidence) => includes(step, evidence.step), 2],
  ['status', ({ status }, evidence) => includes(status, evidence.status), 2],
  ['code', ({ code }, evidence) => includes(code, evidence.code), 2],
  ['body', ({ body }, evidence) => includes(body, evidence.body), 2],
  ['era', ({ era }, evidence) => era === evidence.era, 1],
  ['error', ({ error }, evidence) => includes(error, evidence.error), 3],
  ['facts', hasFacts, 4],
  ['header', hasHeader, 3],
  ['said', ({ said }, evidence) => said?.test(evidence.said ?? '') ?? true, 5],
];

/** Zero where the evidence lacks something that the condition asks for. */
function scoreOf(condition: RuleCondition, evidence: Evidence): number {
  let score = 0;
  for (const [asks, isSo, weight] of tests) {
    if (condition[asks] === undefined) continue;
    if (!isSo(condition, evidence)) return 0;
    score += asks === 'facts' ? weight * Object.keys(condition.facts ?? {}).length : weight;
  }
  return score;
}

function includes<T>(wanted: T | readonly T[] | undefined, found: T | undefined): boolean {
  return Array.isArray(wanted) ? wanted.includes(found) : wanted === found;
}

function hasHeader({ header }: RuleCondition, { headers }: Evidence): boolean {
  return header?.matches.test(headers?.[header.name] ?? '') ?? true;
}

function hasFacts({ facts = {} }: RuleCondition, evidence: Evidence): boolean {
  return Object.entries(facts).every(([name, wanted]) => {
    const found = evidence.facts?.[name];
    return wanted instanceof RegExp ? wanted.test(String(found ?? '')) : wanted === found;
  });
}

const maxFactLength = 200;

function wordsFor(rule: Rule, evidence: Evidence): Record<string, string> {
  const found: Record<string, string> = {
    ...(evidence.status === undefined ? {} : { status: String(evidence.status) }),
    ...scopeWord(evidence),
    ...Object.fromEntries(Object.entries(evidence.facts ?? {}).map(([name, value]) => [name, String(value)])),
  };
  const filled = Object.entries(found).filter(([, value]) => value.trim() !== '');
  const cut = filled.map(([name, value]): [string, string] => [
    name,
    value.length > maxFactLength ? `${value.slice(0, maxFactLength)}…` : value,
  ]);
  return { ...rule.defaults, ...Object.fromEntries(cut) };
}

/** The scope that OpenEMR names in a hint: "Check the `user/Bogus.read` scope". */
function scopeWord({ said = '' }: Evidence): Record<string, string> {
  const scope = /`([\x21\x23-\x5b\x5d-\x5f\x61-\x7e]{1,200})` scope/.exec(said)?.[1];
  return scope ? { scope } : {};
}

/** A sentence with its facts filled in. */
export function fillIn(sentence: string, facts: Readonly<Record<string, string>>): string {
  return sentence.replace(/\{(\w+)\}/g, (whole, name: string) => facts[name] ?? whole);
}
