import { toWorkbenchError } from '../base/errors.ts';
import { redactUrl } from '../base/redact.ts';
import type { Log } from '../ports.ts';
import type { HttpRequest, HttpTransport } from './httpTransport.ts';

/** A transport that notes each exchange in one line: method, address without query, status or error, duration. */
export function withLog(transport: HttpTransport, log: Log): HttpTransport {
  return {
    send: (request) => logged(request, log, () => transport.send(request)),
    stream: (request) => logged(request, log, () => transport.stream(request)),
  };
}

async function logged<R extends { readonly status: number; readonly durationMs: number }>(
  request: HttpRequest,
  log: Log,
  exchange: () => Promise<R>,
): Promise<R> {
  const what = `${request.method} ${redactUrl(request.url)}`;
  try {
    const response = await exchange();
    log.debug(`${what}: ${response.status} in ${Math.round(response.durationMs)} ms`);
    return response;
  } catch (error) {
    const { code, details } = toWorkbenchError(error);
    const systemCode = 'systemCode' in details ? ` (${String(details['systemCode'])})` : '';
    log.debug(`${what}: ${code}${systemCode}`);
    throw error;
  }
}
