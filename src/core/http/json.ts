import type * as z from 'zod/mini';
import { safeParse } from 'zod/mini';
import { WorkbenchError, type ErrorCode, type ErrorDetails } from '../base/errors.ts';
import type { HttpResponse } from './httpTransport.ts';

/** Deeper than any metadata or FHIR resource; recursion over the value stays far from the stack's end. */
const maxDepth = 200;
const maxReportedIssues = 5;

/** Why a body is no JSON that we take. */
export type NotJsonReason = 'empty' | 'html' | 'malformed' | 'too-deep';

export interface ExpectedJson {
  /** Where the response came from; only its host and path reach the error. */
  readonly url: string;
  /** The code for JSON of another shape, for example `discovery/invalid-metadata`. */
  readonly invalidShape: ErrorCode;
}

/**
 * The body as JSON of the shape that `schema` asks for. The status is the caller's to judge.
 *
 * Throws WorkbenchError `http/not-json` (details: host, path, status, reason, contentType) for HTML, nothing or
 * broken JSON, and `expected.invalidShape` (details: host, path, status, issues).
 */
export function parseJsonResponse<T>(
  response: Pick<HttpResponse, 'status' | 'headers' | 'text'>,
  schema: z.ZodMiniType<T>,
  expected: ExpectedJson,
): T {
  const url = URL.parse(expected.url);
  const facts = { host: url?.host ?? '', path: url?.pathname ?? '', status: response.status };
  const parsed = parseJson(response.text);
  if ('reason' in parsed) {
    const contentType = (response.headers.get('content-type') ?? '').slice(0, 100);
    const details: ErrorDetails = { ...facts, reason: parsed.reason, contentType };
    throw new WorkbenchError('http/not-json', { details });
  }
  const checked = safeParse(schema, parsed.value);
  if (checked.success) return checked.data;
  const issues = checked.error.issues
    .slice(0, maxReportedIssues)
    .map((issue) => `${issue.path.map(String).join('.').slice(0, 100) || '(whole)'}: ${issue.code}`);
  throw new WorkbenchError(expected.invalidShape, { details: { ...facts, issues } });
}

/** JSON from a stranger as plain data: without `__proto__` members, of bounded depth. */
export function parseJson(text: string): { readonly value: unknown } | { readonly reason: NotJsonReason } {
  const start = text.slice(0, 1000).trimStart();
  if (start === '' && text.trim() === '') return { reason: 'empty' };
  if (start.startsWith('<')) return { reason: 'html' };
  if (isTooDeep(text)) return { reason: 'too-deep' };
  try {
    const value: unknown = JSON.parse(text);
    // Any spelling of the name either holds "proto" or an escape; most documents have neither.
    if (text.includes('proto') || text.includes('\\u')) removePrototypeMembers(value);
    return { value };
  } catch {
    return { reason: 'malformed' };
  }
}

function isTooDeep(text: string): boolean {
  let depth = 0;
  let isInString = false;
  for (let index = 0; index < text.length; index++) {
    const character = text.charCodeAt(index);
    if (isInString) {
      if (character === 0x5c) index++;
      else if (character === 0x22) isInString = false;
    } else if (character === 0x22) isInString = true;
    else if (character === 0x7b || character === 0x5b) {
      if (++depth > maxDepth) return true;
    } else if (character === 0x7d || character === 0x5d) depth--;
  }
  return false;
}

/** JSON.parse makes `__proto__` an ordinary member, which a later copy by assignment would turn into a prototype. */
function removePrototypeMembers(value: unknown): void {
  if (typeof value !== 'object' || value === null) return;
  Reflect.deleteProperty(value, '__proto__');
  for (const member of Object.values(value)) removePrototypeMembers(member);
}
