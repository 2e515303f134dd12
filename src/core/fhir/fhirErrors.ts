import * as z from 'zod/mini';
import { WorkbenchError, type ErrorCode } from '../base/errors.ts';
import { redact, redactUrl } from '../base/redact.ts';
import { parseJson } from '../http/json.ts';

/** What a refusal is judged by: the answer's head and (the beginning of) its body. */
export interface RefusedAnswer {
  readonly url: string;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

/** OpenEMR 7.0 says `{error, error_description, hint, message}`, 8.2 `{error, message, code}`. */
const errorBodySchema = z.looseObject({
  error: z.optional(z.string()),
  error_description: z.optional(z.string()),
  hint: z.optional(z.string()),
  message: z.optional(z.string()),
});
type ErrorBody = z.infer<typeof errorBodySchema>;

const resourceInUrl = /\/fhir\/([A-Z][A-Za-z]{0,63})(?=[/?]|$)/;
const tokenProblem = /authorization server denied the request|invalid token or expired token/i;
const signedOut = /refresh token revoked or logged out/i;
const unknownSite = /api site error/i;
const apiDisabled = /API is disabled/i;
const foreignPatient = /patient id invalid/i;

/**
 * The one reading of every answer that is not a success. OpenEMR never sends an OperationOutcome for a refusal and
 * uses 401 for three different things; recorded bodies tell them apart.
 */
export function fhirRefusal(answer: RefusedAnswer): WorkbenchError {
  const body = readErrorBody(answer.text);
  const said = [body.error_description, body.message].filter(Boolean).join(' ');
  const resource = resourceInUrl.exec(answer.url)?.[1];
  const retryAfter = answer.headers.get('retry-after');
  return new WorkbenchError(refusalCode(answer, body, said), {
    details: {
      status: answer.status,
      url: redactUrl(answer.url),
      ...(resource ? { resource } : {}),
      ...(body.hint ? { hint: redact(body.hint).slice(0, 200) } : {}),
      ...(retryAfter && answer.status === 429 ? { retryAfter } : {}),
      // What OpenEMR says of a record that is not there; a route that is not there says something else.
      ...(answer.status === 404 && answer.text.trim() === '[]' ? { body: 'empty-list' } : {}),
    },
  });
}

function refusalCode(answer: RefusedAnswer, body: ErrorBody, said: string): ErrorCode {
  switch (answer.status) {
    case 400:
      if (signedOut.test(said)) return 'fhir/signed-out';
      // 8.2 answers with two JSON objects one after another, which no parser reads.
      return unknownSite.test(answer.text) ? 'discovery/site-unknown' : 'http/unexpected-status';
    case 401:
      if (body.error === 'access_denied' || tokenProblem.test(said)) return 'fhir/token-refused';
      return isPage(answer.text) ? 'http/unexpected-status' : 'fhir/access-refused';
    case 403:
      return isPage(answer.text) ? 'http/unexpected-status' : 'fhir/access-refused';
    case 404:
      return apiDisabled.test(said) ? 'fhir/api-disabled' : 'fhir/not-found';
    case 500:
      return foreignPatient.test(said) ? 'fhir/access-refused' : 'http/server-error';
    case 501:
      return 'fhir/api-disabled';
    default:
      return codeByStatus(answer.status);
  }
}

function codeByStatus(status: number): ErrorCode {
  if (status === 429) return 'http/rate-limited';
  if (status >= 500) return 'http/server-error';
  return status >= 300 && status < 400 ? 'http/unexpected-redirect' : 'http/unexpected-status';
}

/** A page comes from something in front of OpenEMR (a proxy, a firewall) and says nothing about scopes. */
function isPage(text: string): boolean {
  return text.trimStart().startsWith('<');
}

function readErrorBody(text: string): ErrorBody {
  const parsed = parseJson(text);
  return 'value' in parsed ? (errorBodySchema.safeParse(parsed.value).data ?? {}) : {};
}
