import { parsePartialJson } from './partialJson.ts';
import type { RecordedBody, RecordedResponse } from './recordings.ts';

/** What the sandbox answered. */
export interface ReplayedResponse {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly body: string;
}

/** Puts the sandbox's address and identifiers in place of the recorded ones. */
export type Translate = (recorded: string) => string;

/** Every difference between a recorded and a replayed answer, in words; none if they agree. */
export function differences(
  recorded: RecordedResponse,
  replayed: ReplayedResponse,
  translate: Translate,
): string[] {
  return [
    ...unequal('status', recorded.status, replayed.status),
    ...unequal('content-type', headerOf(recorded, 'content-type'), replayed.headers['content-type']),
    ...unequal(
      'www-authenticate',
      headerOf(recorded, 'www-authenticate'),
      replayed.headers['www-authenticate'],
    ),
    ...compareLocation(headerOf(recorded, 'location'), replayed.headers['location'], translate),
    ...compareBody(recorded.body, replayed.body, translate),
  ];
}

function headerOf(response: RecordedResponse, name: string): string | undefined {
  return response.headers.find(([candidate]) => candidate.toLowerCase() === name)?.[1];
}

function unequal(what: string, recorded: unknown, replayed: unknown): string[] {
  return recorded === replayed ? [] : [`${what}: recorded ${show(recorded)}, replayed ${show(replayed)}`];
}

function show(value: unknown): string {
  const text = JSON.stringify(value) as string | undefined;
  return text === undefined ? 'nothing' : text.length > 400 ? `${text.slice(0, 400)}…` : text;
}

const textParameters = ['error', 'error_description', 'hint', 'message', 'state'];

function compareLocation(
  recorded: string | undefined,
  replayed: string | string[] | undefined,
  translate: Translate,
): string[] {
  if (recorded === undefined || typeof replayed !== 'string') return unequal('location', recorded, replayed);
  const [expected, actual] = [splitLocation(recorded), splitLocation(replayed)];
  return [
    ...unequal('location address', translate(expected.address), actual.address),
    ...unequal('location parameters', [...expected.query.keys()].join(), [...actual.query.keys()].join()),
    ...textParameters.flatMap((name) =>
      unequal(`location ${name}`, expected.query.get(name), actual.query.get(name)),
    ),
  ];
}

function splitLocation(location: string): { address: string; query: URLSearchParams } {
  const mark = location.indexOf('?');
  return mark < 0
    ? { address: location, query: new URLSearchParams() }
    : { address: location.slice(0, mark), query: new URLSearchParams(location.slice(mark + 1)) };
}

function compareBody(recorded: RecordedBody | undefined, replayed: string, translate: Translate): string[] {
  if (recorded === undefined) return unequal('body', '', replayed);
  if ('html' in recorded) return compareHtml(recorded, replayed);
  if ('json' in recorded) return compareParsed(recorded.json, noneIncomplete, replayed, translate);
  return compareText(recorded.text, replayed, translate);
}

const noneIncomplete: ReadonlySet<object> = new Set();
const cutMark = /\n?…\[\d+ chars in all\]$/;

function compareText(recorded: string, replayed: string, translate: Translate): string[] {
  if (!cutMark.test(recorded)) return unequal('text', translate(recorded), replayed);
  const upToTheCut = recorded.replace(cutMark, '');
  const { value, incomplete } = parsePartialJson(upToTheCut);
  return compareParsed(value, incomplete, replayed, translate);
}

function compareHtml(recorded: { title: string; fields: readonly string[] }, replayed: string): string[] {
  const title = /<title>([^<]*)<\/title>/.exec(replayed)?.[1];
  const names = [...replayed.matchAll(/<[a-z]+\b[^>]*?\sname="([^"]*)"/gi)].map((match) => match[1] ?? '');
  return [
    ...unequal('title', recorded.title, title),
    ...unequal('fields', recorded.fields.toSorted(), [...new Set(names)].toSorted()).filter(
      () => recorded.fields.toSorted().join() !== [...new Set(names)].toSorted().join(),
    ),
  ];
}

function compareParsed(
  recorded: unknown,
  incomplete: ReadonlySet<object>,
  replayed: string,
  translate: Translate,
): string[] {
  let parsed: unknown;
  try {
    parsed = JSON.parse(replayed);
  } catch {
    return [`body: recorded JSON, replayed ${show(replayed)}`];
  }
  return compareJson({ incomplete, translate }, '', recorded, parsed);
}

/** Every difference between two parsed values, as in the body of an answer. */
export function jsonDifferences(recorded: unknown, replayed: unknown, translate: Translate): string[] {
  return compareJson({ incomplete: noneIncomplete, translate }, '', recorded, replayed);
}

interface JsonComparison {
  readonly incomplete: ReadonlySet<object>;
  readonly translate: Translate;
}

function compareJson(
  comparison: JsonComparison,
  path: string,
  recorded: unknown,
  replayed: unknown,
): string[] {
  if (typeName(recorded) !== typeName(replayed)) {
    return [`${path}: recorded ${show(recorded)}, replayed ${show(replayed)}`];
  }
  if (Array.isArray(recorded) && Array.isArray(replayed))
    return compareLists(comparison, path, recorded, replayed);
  if (isObject(recorded) && isObject(replayed)) return compareObjects(comparison, path, recorded, replayed);
  return compareScalars(comparison, path, recorded, replayed);
}

function compareLists(
  comparison: JsonComparison,
  path: string,
  recorded: readonly unknown[],
  replayed: readonly unknown[],
): string[] {
  const cut = comparison.incomplete.has(recorded);
  const lengthsAgree = cut ? recorded.length <= replayed.length : recorded.length === replayed.length;
  if (!lengthsAgree) return [`${path}: recorded ${recorded.length} items, replayed ${replayed.length}`];
  return recorded.flatMap((item, index) =>
    compareJson(comparison, `${path}[${index}]`, item, replayed[index]),
  );
}

function compareObjects(
  comparison: JsonComparison,
  path: string,
  recorded: Readonly<Record<string, unknown>>,
  replayed: Readonly<Record<string, unknown>>,
): string[] {
  const missing = Object.keys(recorded).filter((key) => !Object.hasOwn(replayed, key));
  const added = Object.keys(replayed).filter((key) => !Object.hasOwn(recorded, key));
  return [
    ...missing.map((key) => `${path}.${key}: missing in the replay`),
    ...(comparison.incomplete.has(recorded) ? [] : added.map((key) => `${path}.${key}: not recorded`)),
    ...Object.keys(recorded)
      .filter((key) => Object.hasOwn(replayed, key))
      .flatMap((key) => compareJson(comparison, `${path}.${key}`, recorded[key], replayed[key])),
  ];
}

/** Values that must be the same to the letter; of all others only the type counts. */
const exactKeys =
  /\.(?:error|error_description|hint|message|scope|resourceType|status|token_type|scopes\[\d+\]|alg|typ|iss|aud|nonce|fhirUser)$/;

function compareScalars(
  comparison: JsonComparison,
  path: string,
  recorded: unknown,
  replayed: unknown,
): string[] {
  if (path === '.total') return unequal('total is zero', recorded === 0, replayed === 0);
  if (!exactKeys.test(path)) return [];
  const expected = typeof recorded === 'string' ? comparison.translate(recorded) : recorded;
  return unequal(path, expected, replayed);
}

function typeName(value: unknown): string {
  if (value === null) return 'null';
  return Array.isArray(value) ? 'list' : typeof value;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeName(value) === 'object';
}
