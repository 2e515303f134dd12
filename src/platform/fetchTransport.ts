import { systemClock, type Clock } from '../core/base/clock.ts';
import type { HttpTransport } from '../core/http/httpTransport.ts';
import { openResponse, readResponse, type FetchLike } from './responseReader.ts';

/**
 * The host's own `fetch`: in VS Code that one knows the proxy settings and the system's certificate authorities.
 * No dispatcher is passed, as the host would replace it, and the global is looked up at each call, as the host
 * patches it.
 */
export function createFetchTransport(clock: Clock = systemClock): HttpTransport {
  const hostFetch: FetchLike = (url, init) => globalThis.fetch(url, init);
  return {
    send: (request) => readResponse(hostFetch, request, {}, clock),
    stream: (request) => openResponse(hostFetch, request, {}, clock),
  };
}
