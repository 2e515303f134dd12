/**
 * Everything that can go wrong, as a closed set. The part before the slash says where; each code has a text in
 * `vscode/errorTexts.ts`, and a missing text is a compile error.
 */
export type ErrorCode =
  | 'address/invalid'
  | 'address/insecure-http'
  | 'address/has-credentials'
  | 'authorization/address-refused'
  | 'authorization/cancelled'
  | 'authorization/client-unknown'
  | 'authorization/denied'
  | 'authorization/expired'
  | 'authorization/invalid-response'
  | 'authorization/invalid-scope'
  | 'authorization/no-channel'
  | 'authorization/paste-invalid'
  | 'authorization/request-refused'
  | 'authorization/server-error'
  | 'authorization/timed-out'
  | 'authorization/unsolicited'
  | 'connection/client-missing'
  | 'connection/invalid-settings'
  | 'connection/not-found'
  | 'connection/secret-missing'
  | 'connection/would-lose-settings'
  | 'discovery/api-disabled'
  | 'discovery/invalid-metadata'
  | 'discovery/issuer-mismatch'
  | 'discovery/not-found'
  | 'discovery/not-openemr'
  | 'discovery/site-unknown'
  | 'fhir/access-refused'
  | 'fhir/api-disabled'
  | 'fhir/invalid-response'
  | 'fhir/not-found'
  | 'fhir/signed-out'
  | 'fhir/token-refused'
  | 'grant/client-refused'
  | 'grant/code-expired'
  | 'grant/code-unknown'
  | 'grant/invalid-response'
  | 'grant/redirect-mismatch'
  | 'grant/refused'
  | 'grant/verifier-refused'
  | 'http/not-json'
  | 'http/rate-limited'
  | 'http/server-error'
  | 'http/too-large'
  | 'http/unexpected-redirect'
  | 'http/unexpected-status'
  | 'id-token/invalid'
  | 'internal/unexpected'
  | 'limit/reached'
  | 'network/dns'
  | 'network/proxy'
  | 'network/refused'
  | 'network/reset'
  | 'network/timed-out'
  | 'network/unreachable'
  | 'operation/busy'
  | 'operation/cancelled'
  | 'protocol/invalid-message'
  | 'refresh/answer-lost'
  | 'refresh/no-refresh-token'
  | 'refresh/outcome-unknown'
  | 'refresh/refused'
  | 'registration/invalid-response'
  | 'registration/metadata-refused'
  | 'registration/redirect-refused'
  | 'registration/scope-refused'
  | 'registration/unavailable'
  | 'sandbox/failed'
  | 'storage/behind'
  | 'storage/secret-lost'
  | 'storage/secret-unreadable'
  | 'storage/write-failed'
  | 'tls/authority-file'
  | 'tls/certificate-changed'
  | 'tls/certificate-expired'
  | 'tls/failed'
  | 'tls/name-mismatch'
  | 'tls/untrusted'
  | 'token/none'
  | 'token/other-server';

/** Facts for the texts. Never a token, secret, code, verifier or patient value. */
export type ErrorDetails = Readonly<Record<string, string | number | readonly string[]>>;

/** The one error class of the workbench: a code for people's texts, facts for Details, the cause for the log. */
export class WorkbenchError extends Error {
  readonly code: ErrorCode;
  readonly details: ErrorDetails;

  constructor(code: ErrorCode, options: { details?: ErrorDetails; cause?: unknown } = {}) {
    super(code, 'cause' in options ? { cause: options.cause } : undefined);
    // Minified class names would otherwise reach logs.
    this.name = 'WorkbenchError';
    this.code = code;
    this.details = options.details ?? {};
  }
}

export function isWorkbenchError<C extends ErrorCode>(
  error: unknown,
  ...codes: C[]
): error is WorkbenchError & { code: C } {
  return (
    error instanceof WorkbenchError && (codes.length === 0 || (codes as ErrorCode[]).includes(error.code))
  );
}

/** Anything thrown, as ours: what is not a WorkbenchError is a defect and says so. */
export function toWorkbenchError(error: unknown): WorkbenchError {
  if (error instanceof WorkbenchError) return error;
  if (error instanceof Error && error.name === 'AbortError') {
    return new WorkbenchError('operation/cancelled', { cause: error });
  }
  return new WorkbenchError('internal/unexpected', { cause: error });
}
