import { evidenceOfAnswer, type Evidence } from '../../../src/core/doctor/evidence.ts';
import { fillIn, translate, type Diagnosis } from '../../../src/core/doctor/translator.ts';
import { readRecordings, type RecordedBody, type RecordedStep } from '../../wire/recordings.ts';

export interface RecordedError {
  readonly era: '7.0' | '8.2';
  /** One of the recorded sections in which it turned up. */
  readonly where: string;
  readonly count: number;
  readonly evidence: Evidence;
  readonly diagnosis: Diagnosis | undefined;
}

/** Every error answer of the recordings, once a step, status and body. */
export function recordedErrors(folder: string): RecordedError[] {
  const found = new Map<string, RecordedError>();
  for (const { era, sections } of readRecordings(folder)) {
    for (const { name, steps = [] } of sections) {
      for (const step of steps.filter(isError)) {
        const evidence = evidenceOf(step, era);
        const key = JSON.stringify([
          era,
          evidence.step,
          evidence.status,
          evidence.error,
          evidence.said,
          evidence.facts,
        ]);
        const former = found.get(key);
        const error = { era, where: former?.where ?? name, evidence, diagnosis: translate(evidence) };
        found.set(key, { ...error, count: (former?.count ?? 0) + 1 });
      }
    }
  }
  return [...found.values()];
}

function isError({ response }: RecordedStep): boolean {
  const location = headerOf(response.headers, 'location');
  return response.status >= 400 || /[?&]error=/.test(location) || isInactive(response.body);
}

function isInactive(body: RecordedBody | undefined): boolean {
  return body !== undefined && 'json' in body && (body.json as { active?: unknown } | null)?.active === false;
}

function evidenceOf({ request, response }: RecordedStep, era: '7.0' | '8.2'): Evidence {
  const headers = new Headers();
  for (const [name, value] of response.headers) headers.append(name, value);
  const { method, url, body: requestBody } = request;
  const evidence = evidenceOfAnswer(
    { method, url, requestBody, status: response.status, headers, text: textOf(response.body) },
    era,
  );
  return method === 'OPTIONS' ? { ...evidence, facts: { ...evidence.facts, method } } : evidence;
}

function textOf(body: RecordedBody | undefined): string {
  if (!body) return '';
  if ('json' in body) return JSON.stringify(body.json);
  return 'text' in body ? body.text : `<html><title>${body.title}</title></html>`;
}

function headerOf(headers: readonly (readonly [string, string])[], wanted: string): string {
  return headers.find(([name]) => name.toLowerCase() === wanted)?.[1] ?? '';
}

/** The errors as a table that a person can read and judge. */
export function goldenTable(errors: readonly RecordedError[]): string {
  const lines = [
    '# What recorded error answers are taken for',
    '',
    'Every distinct error answer of two running OpenEMR servers, and the cause that the workbench names.',
    'Made by `test/unit/doctor/recordedErrors.test.ts`; set `UPDATE_GOLDEN=1` to write it anew.',
  ];
  for (const era of ['7.0', '8.2'] as const) {
    lines.push(
      '',
      `## OpenEMR ${era}`,
      '',
      '| Asked for | Answer | Rule | What happened |',
      '| --- | --- | --- | --- |',
    );
    const rows = errors.filter((error) => error.era === era).map(row);
    lines.push(...rows.toSorted());
  }
  return `${lines.join('\n')}\n`;
}

function row({ evidence, diagnosis }: RecordedError): string {
  const { step, status, error, said, body, facts } = evidence;
  const shortFacts = Object.entries(facts ?? {}).filter(([name]) =>
    ['active', 'tokenStatus', 'code'].includes(name),
  );
  const answer = [status, error && `\`${error}\``, said && `"${cut(said)}"`, !error && !said && body]
    .filter(Boolean)
    .concat(shortFacts.map(([name, value]) => `${name} ${value}`));
  return `| ${step} | ${cell(answer.join(' '))} | ${diagnosis?.rule.id ?? '(none)'} | ${cell(diagnosis ? fillIn(diagnosis.rule.happened, diagnosis.facts) : '')} |`;
}

const boilerplate =
  /^(The (?:request is missing|provided authorization grant|requested scope)[^.]*?(?:malformed\.?|client\.)) (?=.)/;

function cut(words: string): string {
  const telling = words.replace(boilerplate, '… ');
  return telling.length > 90 ? `${telling.slice(0, 90)}…` : telling;
}

function cell(text: string): string {
  return text.replaceAll('|', '\\|').replaceAll('\n', ' ');
}
