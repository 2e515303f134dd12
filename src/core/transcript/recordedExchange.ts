import { toWorkbenchError, type ErrorCode } from '../base/errors.ts';
import { redact } from '../base/redact.ts';
import { evidenceOfAnswer, type Evidence } from '../doctor/evidence.ts';
import type { HttpRequest, HttpResponse } from '../http/httpTransport.ts';

/** One exchange as people may see it: redacted, and without anything of a patient. */
export interface RecordedExchange {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly durationMs: number;
  readonly method: string;
  /** With its query, the values of secrets left out. */
  readonly url: string;
  readonly requestHeaders: readonly (readonly [name: string, value: string])[];
  readonly requestBody?: string;
  readonly status?: number;
  readonly responseHeaders: readonly (readonly [name: string, value: string])[];
  readonly responseBody?: string;
  /** Why there was no answer. */
  readonly errorCode?: ErrorCode;
  /** What an answer that refuses tells. */
  readonly evidence?: Evidence;
}

/** Response headers that help to understand an exchange and can hold no secret but in what redact() removes. */
const tellingHeaders = [
  'content-type',
  'location',
  'www-authenticate',
  'retry-after',
  'date',
  'server',
  'via',
];
const maxBody = 2000;

const personalMembers =
  /("(?:patient|fhirUser|sub|username|email|name|given_name|family_name)"\s*:\s*)"(?:[^"\\]|\\.)*"/g;

export function recordAnswer(
  request: HttpRequest,
  answer: Omit<HttpResponse, 'text'> & { readonly text?: string },
  at: number,
): RecordedExchange {
  const evidence = refusalEvidence(request, answer);
  const body = shownBody(request, answer);
  return {
    ...requestParts(request),
    at,
    durationMs: answer.durationMs,
    status: answer.status,
    responseHeaders: tellingHeaders.flatMap((name) => {
      const value = answer.headers.get(name);
      return value ? [[name, cleaned(value)] as const] : [];
    }),
    ...(body === undefined ? {} : { responseBody: body }),
    ...(evidence ? { evidence } : {}),
  };
}

export function recordFailure(
  request: HttpRequest,
  error: unknown,
  at: number,
  durationMs: number,
): RecordedExchange {
  return {
    ...requestParts(request),
    at,
    durationMs,
    responseHeaders: [],
    errorCode: toWorkbenchError(error).code,
  };
}

function requestParts(request: HttpRequest) {
  const { method, url, headers = {}, body } = request;
  return {
    method,
    url: redact(url),
    requestHeaders: Object.entries(headers).map(([name, value]) => [name, cleaned(value)] as const),
    ...(body === undefined ? {} : { requestBody: cleaned(body).slice(0, maxBody) }),
  };
}

/** Records of patients are never kept: of FHIR only refusals, which hold none, and what describes the server. */
function shownBody(
  request: HttpRequest,
  { status, text }: { status: number; text?: string },
): string | undefined {
  const path = URL.parse(request.url)?.pathname ?? '';
  const isOfRecords =
    /\/apis\/[^/]+\/(?:fhir|api|portal)\//.test(path) && !/\/(?:metadata|version)$|\.well-known/.test(path);
  if (text === undefined || (isOfRecords && status < 400)) return undefined;
  const shown = cleaned(text.slice(0, 20 * maxBody).trim());
  return shown.length > maxBody ? `${shown.slice(0, maxBody)}… (${text.length} characters)` : shown;
}

function refusalEvidence(
  request: HttpRequest,
  answer: { status: number; headers: Headers; text?: string },
): Evidence | undefined {
  const { status, headers, text = '' } = answer;
  const isRefused = status >= 400 || /[?&]error=/.test(headers.get('location') ?? '');
  if (!isRefused) return undefined;
  const { method, url, body: requestBody } = request;
  return evidenceOfAnswer({ method, url, requestBody, status, headers, text });
}

function cleaned(text: string): string {
  return redact(text).replace(personalMembers, '$1"<redacted>"');
}
