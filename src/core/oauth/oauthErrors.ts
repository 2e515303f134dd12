import * as z from 'zod/mini';
import { isWorkbenchError, WorkbenchError, type ErrorDetails } from '../base/errors.ts';
import { redact, redactUrl } from '../base/redact.ts';
import type { HttpResponse } from '../http/httpTransport.ts';

/** The error members of RFC 6749 §5.2 plus `hint`, often the only useful text of OpenEMR. */
export interface OAuthErrorBody {
  readonly error?: string;
  readonly description?: string;
  readonly hint?: string;
}

const errorBodySchema = z.object({
  error: z.catch(z.optional(z.string()), undefined),
  error_description: z.catch(z.optional(z.string()), undefined),
  message: z.catch(z.optional(z.string()), undefined),
  hint: z.catch(z.optional(z.string()), undefined),
});

/** Reads an error body whatever its Content-Type says; nothing in it where it is no JSON object. */
export function readErrorBody(text: string): OAuthErrorBody {
  const parsed = errorBodySchema.safeParse(parseJson(text));
  if (!parsed.success) return {};
  const { error, error_description, message, hint } = parsed.data;
  return errorBody(error, error_description ?? message, hint);
}

/** The error members, each cut to a readable length and rid of anything that looks like a secret. */
export function errorBody(error?: string, description?: string, hint?: string): OAuthErrorBody {
  return {
    ...(error ? { error: safeText(error) } : {}),
    ...(description ? { description: safeText(description) } : {}),
    ...(hint ? { hint: safeText(hint) } : {}),
  };
}

/** JSON of any type, or `undefined`. */
export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

/** The scope that OpenEMR names in a hint: "Check the `user/Bogus.read` scope". */
export function scopeFromHint(hint: string | undefined): string | undefined {
  return /`([\x21\x23-\x5b\x5d-\x5f\x61-\x7e]{1,200})` scope/.exec(hint ?? '')?.[1];
}

/** What an answer means that no endpoint means to give: redirects, rate limits, failures of the server. */
export function unexpectedAnswer(answer: HttpResponse, requestUrl: string): WorkbenchError {
  const { status } = answer;
  if (status >= 300 && status < 400) return redirectError(answer, requestUrl);
  if (status === 429) return new WorkbenchError('http/rate-limited', { details: retryAfter(answer.headers) });
  return new WorkbenchError(status >= 500 ? 'http/server-error' : 'http/unexpected-status', {
    details: { status },
  });
}

export function redirectError(answer: HttpResponse, requestUrl: string): WorkbenchError {
  const target = URL.parse(answer.headers.get('location') ?? '', requestUrl);
  return new WorkbenchError('http/unexpected-redirect', {
    details: { status: answer.status, ...(target ? { location: redactUrl(target.href) } : {}) },
  });
}

/** Whether the status belongs to {@link unexpectedAnswer} at every endpoint. */
export function isUnexpectedStatus(status: number): boolean {
  return (status >= 300 && status < 400) || status === 429 || status >= 500;
}

/** The refusal of an authorization code; statuses and texts as observed on OpenEMR 7.0.4 and 8.2. */
export function codeExchangeError(answer: HttpResponse, requestUrl: string): WorkbenchError {
  if (isUnexpectedStatus(answer.status)) return unexpectedAnswer(answer, requestUrl);
  const body = readErrorBody(answer.text);
  const details = hintDetails(answer, body);
  const text = `${body.hint ?? ''} ${body.description ?? ''}`;
  if (body.error === 'invalid_client') return new WorkbenchError('grant/client-refused', { details });
  if (/code_verifier|code verifier/i.test(text)) {
    return new WorkbenchError('grant/verifier-refused', { details });
  }
  if (/redirect.?uri/i.test(body.hint ?? ''))
    return new WorkbenchError('grant/redirect-mismatch', { details });
  if (/code has expired/i.test(text)) return new WorkbenchError('grant/code-expired', { details });
  if (isUnknownCode(body)) return new WorkbenchError('grant/code-unknown', { details });
  return new WorkbenchError(body.error ? 'grant/refused' : 'grant/invalid-response', { details });
}

/** OpenEMR says "Bad request" for an unknown code, a replaced one, and one that was asked for without state. */
function isUnknownCode({ error, description, hint }: OAuthErrorBody): boolean {
  if (error === 'invalid_grant') return true;
  return (
    error === 'invalid_request' &&
    (description === 'Bad request' ||
      /not issued to this client|decrypt the authorization code/i.test(hint ?? ''))
  );
}

/** The refusal of a refresh token. OpenEMR says 401 `invalid_request`, others 400 `invalid_grant` (RFC 6749 §5.2). */
export function refreshError(answer: HttpResponse, requestUrl: string): WorkbenchError {
  if (isUnexpectedStatus(answer.status)) return unexpectedAnswer(answer, requestUrl);
  const body = readErrorBody(answer.text);
  const details = hintDetails(answer, body);
  if (body.error === 'invalid_client') return new WorkbenchError('grant/client-refused', { details });
  const isRefused =
    body.error === 'invalid_grant' || (body.error === 'invalid_request' && answer.status === 401);
  if (isRefused) return new WorkbenchError('refresh/refused', { details });
  return new WorkbenchError(body.error ? 'grant/refused' : 'grant/invalid-response', { details });
}

/**
 * A refresh whose answer was lost may have spent the refresh token: that must not look like a plain network fault,
 * nor like a cancellation that undid everything.
 */
export function lostRefreshError(error: WorkbenchError, wasSent: boolean): WorkbenchError {
  const lost = ['network/timed-out', 'network/reset', 'http/too-large', 'operation/cancelled'] as const;
  if (!wasSent || !isWorkbenchError(error, ...lost)) return error;
  return new WorkbenchError('refresh/outcome-unknown', { details: { reason: error.code }, cause: error });
}

/** The refusal of a registration (RFC 7591 §3.2.2), in OpenEMR's dialect. */
export function registrationError(answer: HttpResponse, requestUrl: string): WorkbenchError {
  const { status } = answer;
  if ([401, 403, 404, 405, 501].includes(status)) {
    return new WorkbenchError('registration/unavailable', { details: { status } });
  }
  if (isUnexpectedStatus(status)) return unexpectedAnswer(answer, requestUrl);
  const { error, description, hint } = readErrorBody(answer.text);
  const scope = scopeFromHint(hint);
  const reason = hint ?? description;
  const details: ErrorDetails = { status, ...(reason ? { reason } : {}), ...(scope ? { scope } : {}) };
  if (error === 'invalid_scope') return new WorkbenchError('registration/scope-refused', { details });
  if (error === 'invalid_redirect_uri' || /(?<!logout_)redirect_uri/.test(description ?? '')) {
    return new WorkbenchError('registration/redirect-refused', { details });
  }
  return new WorkbenchError(error ? 'registration/metadata-refused' : 'registration/invalid-response', {
    details,
  });
}

/** What the authorization endpoint answers instead of its login page; it seldom tells the client (RFC 6749 §4.1.2.1). */
export function authorizationEndpointError(answer: HttpResponse, requestUrl: string): WorkbenchError {
  const { status } = answer;
  const body = readErrorBody(answer.text);
  if (status === 401 && body.error === 'invalid_client') {
    return new WorkbenchError('authorization/address-refused', { details: { status } });
  }
  if (status === 400) {
    return new WorkbenchError('authorization/request-refused', { details: hintDetails(answer, body) });
  }
  if (status === 404) return new WorkbenchError('discovery/api-disabled', { details: { status } });
  return unexpectedAnswer(answer, requestUrl);
}

/** The error that came back to the redirect URI. Anybody can send one: only known codes and tame texts go on. */
export function authorizationResponseError(body: OAuthErrorBody): WorkbenchError {
  const scope = scopeFromHint(body.hint);
  switch (body.error) {
    case 'invalid_scope':
      return new WorkbenchError('authorization/invalid-scope', { details: scope ? { scope } : {} });
    case 'access_denied':
      return new WorkbenchError('authorization/denied');
    case 'invalid_client':
      return new WorkbenchError('authorization/client-unknown');
    case 'invalid_request':
    case 'unauthorized_client':
    case 'unsupported_response_type':
      return new WorkbenchError('authorization/request-refused', {
        details: { error: body.error, ...(body.hint ? { hint: body.hint } : {}) },
      });
    default:
      return new WorkbenchError('authorization/server-error', {
        details: /^[a-z_]{1,40}$/.test(body.error ?? '') ? { error: body.error ?? '' } : {},
      });
  }
}

/** Says what openid-client found wrong. Its causes hold whole tokens and claims: only names and texts are kept. */
export function openIdClientError(error: unknown): WorkbenchError {
  const chain = causesOf(error);
  const ours = chain.find((link) => link instanceof WorkbenchError);
  if (ours) return ours;
  const errors = chain.filter((link) => link instanceof Error);
  const codes = errors.map((link) => ('code' in link ? link.code : undefined));
  const text = errors.at(-1)?.message ?? '';
  const cause = new Error(redact(text));
  // Keys that cannot be imported.
  if (errors.some((link) => link instanceof DOMException)) {
    return new WorkbenchError('id-token/invalid', { details: { claim: 'signature' }, cause });
  }
  if (!codes.some((code) => typeof code === 'string' && code.startsWith('OAUTH_'))) {
    return new WorkbenchError('internal/unexpected', { cause });
  }
  if (/"state"/.test(text)) return new WorkbenchError('authorization/unsolicited', { cause });
  if (/response parameter/.test(text)) {
    return new WorkbenchError('authorization/invalid-response', { details: { reason: 'issuer' }, cause });
  }
  const claim = idTokenProblem(text, chain);
  return claim
    ? new WorkbenchError('id-token/invalid', { details: { claim }, cause })
    : new WorkbenchError('grant/invalid-response', { cause });
}

/** Whether another key may make the id_token valid: OpenEMR's keys have no id, so a changed key fails as signature. */
export function isKeyProblem(error: WorkbenchError): boolean {
  return error.code === 'id-token/invalid' && error.details['claim'] === 'signature';
}

function idTokenProblem(text: string, chain: readonly unknown[]): string | undefined {
  if (/"id_token" property/.test(text)) return 'missing';
  if (/"response"|token_type/.test(text)) return undefined;
  if (/signature verification failed|verification key|modulusLength/.test(text)) return 'signature';
  const named = chain.map(claimOf).find((claim) => claim !== undefined);
  if (named) return named;
  return /"([a-z_]+)"/.exec(text)?.[1] ?? 'format';
}

function claimOf(link: unknown): string | undefined {
  const claim: unknown =
    typeof link === 'object' && link !== null && 'claim' in link ? link.claim : undefined;
  return typeof claim === 'string' ? claim : undefined;
}

function causesOf(error: unknown): unknown[] {
  const chain: unknown[] = [];
  let link = error;
  while (link !== undefined && link !== null && chain.length < 8) {
    chain.push(link);
    link = link instanceof Error ? link.cause : undefined;
  }
  return chain;
}

function hintDetails(answer: HttpResponse, { error, description, hint }: OAuthErrorBody): ErrorDetails {
  const text = hint ?? description;
  return { status: answer.status, ...(error ? { error } : {}), ...(text ? { hint: text } : {}) };
}

/** `Retry-After` (RFC 9110 §10.2.3) in seconds, from seconds or a date. */
function retryAfter(headers: Headers): ErrorDetails {
  const value = headers.get('retry-after') ?? '';
  if (/^\d{1,9}$/.test(value)) return { retryAfterSeconds: Number(value) };
  const until = Date.parse(value);
  if (Number.isNaN(until)) return {};
  const sent = Date.parse(headers.get('date') ?? '');
  const seconds = Math.ceil((until - (Number.isNaN(sent) ? Date.now() : sent)) / 1000);
  return { retryAfterSeconds: Math.max(0, seconds) };
}

function safeText(text: string): string {
  return redact(text).slice(0, 300);
}
