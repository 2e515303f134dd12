import * as z from 'zod/mini';
import type { ErrorCode, WorkbenchError } from '../base/errors.ts';
import { redact } from '../base/redact.ts';
import { parseJson } from '../http/json.ts';
import type { OpenEmrEra } from '../oauth/serverDiscovery.ts';

/** What was being done when the evidence turned up. */
export const steps = [
  'address',
  'dns',
  'tcp',
  'tls',
  'proxy',
  'http',
  'webroot',
  'site',
  'apis',
  'openid',
  'smart',
  'capability',
  'consistency',
  'version',
  'clock',
  'registration',
  'registrationRead',
  'authorize',
  'loginPage',
  'token',
  'refresh',
  'password',
  'clientCredentials',
  'introspect',
  'logout',
  'jwks',
  'notOffered',
  'client',
  'scopes',
  'session',
  'launch',
  'fhir',
  'fhirWrite',
  'api',
] as const;
export type Step = (typeof steps)[number];

/** The shape of an answer's body. */
export type BodyKind = 'empty' | 'html' | 'json' | 'list' | 'text';

export type EvidenceFacts = Readonly<Record<string, string | number | boolean>>;

/** What is known of a failure, from an answer, an error, or a check. Holds no secrets: texts are redacted. */
export interface Evidence {
  readonly step: Step;
  readonly code?: ErrorCode;
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: BodyKind;
  /** `error` of the body, as the server spells it. */
  readonly error?: string;
  /** Everything the server said in words: description, message, hint, or a plain text. */
  readonly said?: string;
  readonly era?: OpenEmrEra;
  readonly facts?: EvidenceFacts;
}

/** An exchange with the server, as it went over the wire. */
export interface ObservedAnswer {
  readonly method: string;
  readonly url: string;
  readonly requestBody?: string | undefined;
  readonly status: number;
  readonly headers: Headers;
  readonly text: string;
}

const text = z.catch(z.optional(z.string()), undefined);
const bodySchema = z.object({
  error: text,
  error_description: text,
  message: text,
  hint: text,
  code: z.catch(z.optional(z.number()), undefined),
  active: z.catch(z.optional(z.boolean()), undefined),
  status: text,
  resourceType: text,
  validationErrors: z.catch(z.optional(z.record(z.string(), z.unknown())), undefined),
  issue: z.catch(
    z.optional(z.array(z.object({ details: z.optional(z.object({ text: z.optional(z.string()) })) }))),
    undefined,
  ),
});

const maxSaid = 1000;

/** Reads an answer as evidence. The error that a redirect carries counts like one in a body. */
export function evidenceOfAnswer(
  answer: ObservedAnswer,
  era?: OpenEmrEra,
  body: ParsedBody = bodyOf(answer.text),
): Evidence {
  const step = stepOf(answer);
  const contentType = answer.headers.get('content-type');
  return {
    step,
    status: answer.status,
    ...(contentType ? { headers: { 'content-type': contentType } } : {}),
    body: body.kind,
    ...saidOf(answer, body.json),
    ...(era ? { era } : {}),
  };
}

function saidOf(answer: ObservedAnswer, json: unknown): Partial<Evidence> {
  const redirected = errorInRedirect(answer);
  const parsed = bodySchema.safeParse(json).data;
  if (redirected) return redirected;
  if (!parsed) {
    const plain = answer.text.trim();
    return plain ? { said: redact(plain).slice(0, maxSaid) } : {};
  }
  const { error, error_description, message, hint, issue, validationErrors } = parsed;
  const issues = (issue ?? []).map(({ details }) => details?.text);
  const words = said([
    error_description,
    message === error_description ? undefined : message,
    hint,
    ...issues,
  ]);
  const facts = factsOf(parsed, validationErrors);
  return {
    ...(error ? { error: redact(error).slice(0, 100) } : {}),
    ...(words ? { said: words } : {}),
    ...(Object.keys(facts).length > 0 ? { facts } : {}),
  };
}

function factsOf(
  { code, active, status, resourceType }: z.infer<typeof bodySchema>,
  validationErrors: Record<string, unknown> | undefined,
): EvidenceFacts {
  return {
    ...(code === undefined ? {} : { code }),
    ...(active === undefined ? {} : { active }),
    ...(active === undefined ? {} : { tokenStatus: status ?? 'none' }),
    ...(resourceType ? { resourceType } : {}),
    ...(validationErrors ? { invalidField: Object.keys(validationErrors).slice(0, 5).join(', ') } : {}),
  };
}

function errorInRedirect({ status, headers, url }: ObservedAnswer): Partial<Evidence> | undefined {
  if (status < 300 || status > 399) return undefined;
  const parameters = URL.parse(headers.get('location') ?? '', url)?.searchParams;
  const error = parameters?.get('error');
  if (!parameters || !error) return undefined;
  const words = said([parameters.get('error_description') ?? undefined, parameters.get('hint') ?? undefined]);
  return { error: redact(error).slice(0, 100), ...(words ? { said: words } : {}) };
}

function said(parts: readonly (string | undefined)[]): string | undefined {
  const words = parts.filter(Boolean).join(' ');
  return words ? redact(words).slice(0, maxSaid) : undefined;
}

export interface ParsedBody {
  readonly kind: BodyKind;
  readonly json?: unknown;
}

/** What kind of thing a body is, whatever its Content-Type says. */
export function bodyOf(source: string): ParsedBody {
  const parsed = parseJson(source);
  if ('value' in parsed) {
    if (Array.isArray(parsed.value)) return { kind: 'list', json: parsed.value };
    return typeof parsed.value === 'object' ? { kind: 'json', json: parsed.value } : { kind: 'text' };
  }
  if (parsed.reason === 'empty') return { kind: 'empty' };
  return { kind: parsed.reason === 'html' ? 'html' : 'text' };
}

const steplessPaths: readonly (readonly [RegExp, Step])[] = [
  [/\/oauth2\/[^/]+\/\.well-known\/openid-configuration$/, 'openid'],
  [/\/fhir\/\.well-known\/smart-configuration$/, 'smart'],
  [/\/fhir\/metadata$/, 'capability'],
  [/\/api\/(?:version|product)$/, 'version'],
  [/\/oauth2\/[^/]+\/registration$/, 'registration'],
  [/\/oauth2\/[^/]+\/client\//, 'registrationRead'],
  [/\/oauth2\/[^/]+\/authorize$/, 'authorize'],
  [/\/oauth2\/[^/]+\/(?:provider\/)?login$/, 'loginPage'],
  [/\/oauth2\/[^/]+\/introspect$/, 'introspect'],
  [/\/oauth2\/[^/]+\/logout$/, 'logout'],
  [/\/oauth2\/[^/]+\/jwk$/, 'jwks'],
  [/\/oauth2\/[^/]+\/(?:userinfo|revoke)$/, 'notOffered'],
  [/\.well-known\//, 'notOffered'],
  [/\/apis\/[^/]+\/api(?:\/|$)/, 'api'],
];

const grantSteps: Partial<Record<string, Step>> = {
  authorization_code: 'token',
  refresh_token: 'refresh',
  password: 'password',
  client_credentials: 'clientCredentials',
};

/** Which step a request belongs to, by its path and grant type. */
export function stepOf({
  method,
  url,
  requestBody,
}: Pick<ObservedAnswer, 'method' | 'url' | 'requestBody'>): Step {
  const path = URL.parse(url)?.pathname ?? url;
  if (/\/oauth2\/[^/]+\/token$/.test(path)) {
    return grantSteps[new URLSearchParams(requestBody ?? '').get('grant_type') ?? ''] ?? 'token';
  }
  const named = steplessPaths.find(([pattern]) => pattern.test(path))?.[1];
  if (named) return named;
  const isWrite = method !== 'GET' && !path.endsWith('/_search');
  if (/\/apis\/[^/]+\/fhir(?:\/|$)/.test(path)) return isWrite ? 'fhirWrite' : 'fhir';
  return 'http';
}

const stepsOfCodes: readonly (readonly [string, Step])[] = [
  ['registration/', 'registration'],
  ['authorization/', 'authorize'],
  ['grant/', 'token'],
  ['refresh/', 'refresh'],
  ['fhir/', 'fhir'],
  ['discovery/', 'openid'],
  ['tls/', 'tls'],
  ['network/dns', 'dns'],
  ['network/proxy', 'proxy'],
  ['network/', 'tcp'],
  ['address/', 'address'],
  ['token/', 'session'],
];

/** What one of our errors tells: its code and whatever the server said that the error kept. */
export function evidenceOfError(error: WorkbenchError, step?: Step): Evidence {
  const { code, details } = error;
  const words = said([textOf(details['hint']), textOf(details['reason'])]);
  const status = details['status'];
  const oauthError = textOf(details['error']);
  const facts = Object.fromEntries(
    Object.entries(details).filter((entry): entry is [string, string | number] => !Array.isArray(entry[1])),
  );
  return {
    step: step ?? stepsOfCodes.find(([prefix]) => code.startsWith(prefix))?.[1] ?? 'http',
    code,
    ...(typeof status === 'number' ? { status } : {}),
    ...(oauthError ? { error: oauthError } : {}),
    ...(words ? { said: words } : {}),
    facts,
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value ? value : undefined;
}
