import { oauthMaxBytes, oauthTimeoutMs, type HttpRequest } from '../http/httpTransport.ts';

/** A form for one of the authorization server's endpoints (RFC 6749 §3.2); fields without a value are left out. */
export function formRequest(
  url: string,
  fields: URLSearchParams | Readonly<Record<string, string | undefined>>,
  signal?: AbortSignal,
): HttpRequest {
  return {
    method: 'POST',
    url,
    headers: { 'content-type': 'application/x-www-form-urlencoded', accept: 'application/json' },
    body: (fields instanceof URLSearchParams ? fields : given(fields)).toString(),
    signal,
    timeoutMs: oauthTimeoutMs,
    maxBytes: oauthMaxBytes,
  };
}

function given(fields: Readonly<Record<string, string | undefined>>): URLSearchParams {
  return new URLSearchParams(Object.entries(fields).filter((field): field is [string, string] => !!field[1]));
}
