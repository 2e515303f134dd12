import { WorkbenchError } from '../base/errors.ts';
import {
  oauthMaxBytes,
  oauthTimeoutMs,
  type HttpResponse,
  type HttpTransport,
} from '../http/httpTransport.ts';
import { parseJson, readErrorBody, unexpectedAnswer } from './oauthErrors.ts';

export interface DiscoveryDocument {
  readonly json: Readonly<Record<string, unknown>>;
  readonly answer: HttpResponse;
}

/**
 * Fetches one of the documents by which a server describes itself, whatever Content-Type it gives.
 *
 * Throws WorkbenchError `discovery/api-disabled`, `discovery/site-unknown`, `discovery/not-openemr`,
 * `discovery/not-found`, `http/*` and the errors of the transport.
 */
export async function fetchDiscoveryDocument(
  transport: HttpTransport,
  url: string,
  signal?: AbortSignal,
  accept = 'application/json',
): Promise<DiscoveryDocument> {
  const answer = await transport.send({
    method: 'GET',
    url,
    headers: { accept },
    signal,
    timeoutMs: oauthTimeoutMs,
    maxBytes: oauthMaxBytes,
  });
  if (answer.status !== 200) throw refusal(answer, url);
  const json = parseJson(answer.text);
  if (typeof json !== 'object' || json === null || Array.isArray(json)) {
    throw new WorkbenchError('discovery/not-openemr', { details: { url } });
  }
  return { json: json as Record<string, unknown>, answer };
}

/** Recorded: API off is 404 (7.0: empty, 8.2: JSON); an unknown site is an empty 500 (7.0) or a 400 that names it. */
function refusal(answer: HttpResponse, url: string): WorkbenchError {
  const { status, text } = answer;
  const details = { url, status };
  if (status === 404) {
    const isDisabled = !text.trim() || /API is disabled/.test(readErrorBody(text).description ?? '');
    return new WorkbenchError(isDisabled ? 'discovery/api-disabled' : 'discovery/not-found', { details });
  }
  if (status === 501 && !text.trim()) return new WorkbenchError('discovery/api-disabled', { details });
  if ((status === 400 || status === 500) && (!text.trim() || /api site error/i.test(text))) {
    return new WorkbenchError('discovery/site-unknown', { details });
  }
  if (status === 400) return new WorkbenchError('discovery/not-openemr', { details });
  return unexpectedAnswer(answer, url);
}
