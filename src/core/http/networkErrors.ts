import { WorkbenchError, type ErrorCode, type ErrorDetails } from '../base/errors.ts';

/** What is known about the exchange that failed. */
export interface ExchangeFacts {
  readonly url: string;
  /** Host and port of the proxy that carried the exchange. */
  readonly proxyHost?: string | undefined;
  /** Only one certificate is accepted, so every other one means that it changed. */
  readonly isPinned?: boolean | undefined;
}

const codesBySystemCode = new Map<string, ErrorCode>([
  ['ENOTFOUND', 'network/dns'],
  ['EAI_AGAIN', 'network/dns'],
  ['EAI_FAIL', 'network/dns'],
  ['EAI_NODATA', 'network/dns'],
  ['EAI_NONAME', 'network/dns'],
  ['ECONNREFUSED', 'network/refused'],
  ['ECONNRESET', 'network/reset'],
  ['ECONNABORTED', 'network/reset'],
  ['EPIPE', 'network/reset'],
  ['ERR_STREAM_PREMATURE_CLOSE', 'network/reset'],
  ['UND_ERR_SOCKET', 'network/reset'],
  ['UND_ERR_CLOSED', 'network/reset'],
  ['UND_ERR_DESTROYED', 'network/reset'],
  ['UND_ERR_RES_CONTENT_LENGTH_MISMATCH', 'network/reset'],
  ['UND_ERR_REQ_CONTENT_LENGTH_MISMATCH', 'network/reset'],
  ['ETIMEDOUT', 'network/timed-out'],
  ['ESOCKETTIMEDOUT', 'network/timed-out'],
  ['UND_ERR_CONNECT_TIMEOUT', 'network/timed-out'],
  ['UND_ERR_HEADERS_TIMEOUT', 'network/timed-out'],
  ['UND_ERR_BODY_TIMEOUT', 'network/timed-out'],
  ['EHOSTUNREACH', 'network/unreachable'],
  ['ENETUNREACH', 'network/unreachable'],
  ['EHOSTDOWN', 'network/unreachable'],
  ['ENETDOWN', 'network/unreachable'],
  ['EADDRNOTAVAIL', 'network/unreachable'],
  ['EACCES', 'network/unreachable'],
  ['EPERM', 'network/unreachable'],
  ['UND_ERR_PRX_TLS', 'network/proxy'],
  ['UND_ERR_PRX_CONN', 'network/proxy'],
  ['UND_ERR_HEADERS_OVERFLOW', 'http/too-large'],
  ['UND_ERR_RES_EXCEEDED_MAX_SIZE', 'http/too-large'],
  ['HPE_HEADER_OVERFLOW', 'http/too-large'],
  ['ERR_INVALID_URL', 'address/invalid'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls/untrusted'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'tls/untrusted'],
  ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls/untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT', 'tls/untrusted'],
  ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls/untrusted'],
  ['CERT_UNTRUSTED', 'tls/untrusted'],
  ['CERT_REJECTED', 'tls/untrusted'],
  ['INVALID_CA', 'tls/untrusted'],
  ['CERT_HAS_EXPIRED', 'tls/certificate-expired'],
  ['CERT_NOT_YET_VALID', 'tls/certificate-expired'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls/name-mismatch'],
]);

const codesBySystemCodePrefix: readonly [RegExp, ErrorCode][] = [
  [/^UND_ERR_SOCKS5/, 'network/proxy'],
  [/^(?:ERR_TLS_|ERR_SSL_|CERT_|CRL_|UNABLE_TO_|EPROTO$|ERR_OSSL_)/, 'tls/failed'],
  // Something answered, but not in (whole) HTTP: a cut or garbled transfer.
  [/^(?:HPE_|Z_|ERR__ERROR_FORMAT|ERR_CONTENT_DECODING|ERR_BROTLI|ERR__)/, 'network/reset'],
];

/** With a proxy in between, the only address that we look up and dial is the proxy's. */
const proxyCodes: readonly ErrorCode[] = ['network/dns', 'network/refused', 'network/unreachable'];

/** The codes of a library or the system in an error and its causes, outermost first. */
function systemCodesOf(error: unknown): string[] {
  const codes: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if ('code' in current && typeof current.code === 'string') codes.push(current.code);
    current = current instanceof AggregateError ? (current.errors[0] as unknown) : current.cause;
  }
  return codes;
}

function messagesOf(error: unknown): string {
  const messages: string[] = [];
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    messages.push(current.message);
    current = current.cause;
  }
  return messages.join('\n');
}

function workbenchErrorIn(error: unknown): WorkbenchError | undefined {
  let current: unknown = error;
  for (let depth = 0; depth < 8 && current instanceof Error; depth++) {
    if (current instanceof WorkbenchError) return current;
    current = current.cause;
  }
  return undefined;
}

function codeFor(systemCode: string): ErrorCode | undefined {
  return (
    codesBySystemCode.get(systemCode) ??
    codesBySystemCodePrefix.find(([pattern]) => pattern.test(systemCode))?.[1]
  );
}

function codeFromMessages(messages: string): ErrorCode | undefined {
  if (/proxy/i.test(messages)) return 'network/proxy';
  // A port that the fetch standard blocks (https://fetch.spec.whatwg.org/#port-blocking).
  if (/^bad port$/m.test(messages)) return 'address/invalid';
  if (/^(?:fetch failed|terminated)$/m.test(messages)) return 'network/reset';
  return undefined;
}

function adjustedTo(code: ErrorCode, facts: ExchangeFacts): ErrorCode {
  if (facts.proxyHost && proxyCodes.includes(code)) return 'network/proxy';
  if (facts.isPinned && code === 'tls/untrusted') return 'tls/certificate-changed';
  return code;
}

function detailsFor(facts: ExchangeFacts, systemCode: string | undefined): ErrorDetails {
  return {
    host: URL.parse(facts.url)?.host ?? '',
    ...(systemCode ? { systemCode } : {}),
    ...(facts.proxyHost ? { proxyHost: facts.proxyHost } : {}),
  };
}

/**
 * What `fetch`, undici, `net` or `tls` threw, as ours: `network/*`, `tls/*`, `http/too-large`, `address/invalid`,
 * `operation/cancelled`; `internal/unexpected` for what is a defect. Details: host, systemCode, proxyHost.
 */
export function toNetworkError(error: unknown, facts: ExchangeFacts): WorkbenchError {
  const own = workbenchErrorIn(error);
  if (own) return own;
  const systemCodes = systemCodesOf(error);
  const known = systemCodes.find((code) => codeFor(code) !== undefined);
  const code =
    (known === undefined ? undefined : codeFor(known)) ??
    codeFromMessages(messagesOf(error)) ??
    codeFromName(error);
  const details = detailsFor(facts, known ?? systemCodes[0]);
  // The cause of an invalid address holds the whole of it, query included.
  if (code === 'address/invalid') return new WorkbenchError(code, { details });
  return new WorkbenchError(adjustedTo(code, facts), { details, cause: error });
}

function codeFromName(error: unknown): ErrorCode {
  if (!(error instanceof Error)) return 'internal/unexpected';
  if (error.name === 'AbortError') return 'operation/cancelled';
  return error.name === 'TimeoutError' ? 'network/timed-out' : 'internal/unexpected';
}
