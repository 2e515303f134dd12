import * as z from 'zod/mini';
import type { HttpResponse, HttpTransport } from '../http/httpTransport.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { formRequest } from './formRequest.ts';
import { isUnexpectedStatus, parseJson, unexpectedAnswer } from './oauthErrors.ts';

export interface ClientCredentials {
  readonly clientId: string;
  readonly clientSecret?: string | undefined;
}

/** What the server says about a token (RFC 7662 §2.2). */
export interface Introspection {
  /** `undefined` where the server did not tell: no endpoint, or it refused the client. */
  readonly active: boolean | undefined;
  /** OpenEMR's own word: active, revoked, expired, failed_verification. */
  readonly status?: string;
  readonly scopes?: readonly string[];
  /** Milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly subject?: string;
  readonly clientId?: string;
}

/** 7.0 writes a PHP date where the standard has seconds. */
const phpDate = z.object({ date: z.string(), timezone: z.string() });
const optionalText = z.catch(z.optional(z.string()), undefined);

const introspectionSchema = z.object({
  active: z.boolean(),
  status: optionalText,
  scope: z.catch(z.optional(z.union([z.string(), z.array(z.string())])), undefined),
  exp: z.catch(z.optional(z.union([z.number(), phpDate])), undefined),
  sub: optionalText,
  client_id: optionalText,
});

/**
 * Asks about a token. Throws WorkbenchError `http/*` and the errors of the transport; a refusal is no error, since
 * OpenEMR refuses in so many ways.
 */
export async function introspect(
  transport: HttpTransport,
  metadata: AuthorizationServerMetadata,
  client: ClientCredentials,
  token: string,
  hint?: 'access_token' | 'refresh_token',
  signal?: AbortSignal,
): Promise<Introspection> {
  const url = metadata.introspectionEndpoint;
  if (!url) return { active: undefined };
  const answer = await requestIntrospection(transport, url, client, token, hint, signal);
  if (isUnexpectedStatus(answer.status)) throw unexpectedAnswer(answer, url);
  if (answer.status === 200) return readIntrospection(answer.text);
  // 7.0 answers a token that it cannot read with 400 and the library's plain sentence.
  const isUnreadable = answer.status === 400 && parseJson(answer.text) === undefined && answer.text !== '';
  return { active: isUnreadable ? false : undefined };
}

/** The bare exchange; credentials in the body, because OpenEMR does not read HTTP Basic here. */
export function requestIntrospection(
  transport: HttpTransport,
  url: string,
  client: ClientCredentials,
  token: string,
  hint?: string,
  signal?: AbortSignal,
): Promise<HttpResponse> {
  const { clientId, clientSecret } = client;
  const fields = { token, token_type_hint: hint, client_id: clientId, client_secret: clientSecret };
  return transport.send(formRequest(url, fields, signal));
}

function readIntrospection(text: string): Introspection {
  const parsed = introspectionSchema.safeParse(parseJson(text));
  if (!parsed.success) return { active: undefined };
  const { active, status, scope, exp, sub, client_id } = parsed.data;
  const expiresAt = exp === undefined ? undefined : typeof exp === 'number' ? exp * 1000 : phpTime(exp);
  return {
    active,
    ...(status ? { status } : {}),
    ...(scope ? { scopes: typeof scope === 'string' ? scope.split(/\s+/).filter(Boolean) : scope } : {}),
    ...(expiresAt === undefined ? {} : { expiresAt }),
    ...(sub ? { subject: sub } : {}),
    ...(client_id ? { clientId: client_id } : {}),
  };
}

function phpTime({ date, timezone }: z.infer<typeof phpDate>): number | undefined {
  const offset = /^[+-]\d\d:\d\d$/.test(timezone) ? timezone : timezone === 'UTC' ? 'Z' : undefined;
  const time = offset ? Date.parse(`${date.slice(0, 23).replace(' ', 'T')}${offset}`) : NaN;
  return Number.isNaN(time) ? undefined : time;
}
