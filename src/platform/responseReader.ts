import type { Clock } from '../core/base/clock.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import { isLoopbackHost } from '../core/connection/address.ts';
import {
  oauthMaxBytes,
  oauthTimeoutMs,
  type HttpRequest,
  type HttpResponse,
  type StreamedHttpResponse,
} from '../core/http/httpTransport.ts';
import { toNetworkError, type ExchangeFacts } from '../core/http/networkErrors.ts';

/** What both fetches, the host's and undici's own, have in common. */
export type FetchLike = (
  url: string,
  init: {
    method: string;
    headers: Record<string, string>;
    body?: string;
    redirect: 'manual';
    signal: AbortSignal;
  },
) => Promise<FetchedResponse>;

interface FetchedResponse {
  readonly status: number;
  readonly headers: Iterable<[string, string]>;
  readonly body: { getReader(): ChunkReader } | null;
}

interface ChunkReader {
  read(): Promise<{ done: boolean; value?: Uint8Array | undefined }>;
  cancel(reason?: unknown): Promise<void>;
}

/** Sends a request and reads its whole body as UTF-8. Errors as in `HttpTransport`. */
export async function readResponse(
  fetchLike: FetchLike,
  request: HttpRequest,
  facts: Omit<ExchangeFacts, 'url'>,
  clock: Clock,
): Promise<HttpResponse> {
  const started = performance.now();
  const { chunks, ...head } = await openResponse(fetchLike, request, facts, clock);
  const decoder = new TextDecoder();
  let text = '';
  for await (const chunk of chunks) text += decoder.decode(chunk, { stream: true });
  text += decoder.decode();
  return { ...head, text, durationMs: performance.now() - started };
}

/** Sends a request and hands out its body as it arrives. Errors as in `HttpTransport`. */
export async function openResponse(
  fetchLike: FetchLike,
  request: HttpRequest,
  facts: Omit<ExchangeFacts, 'url'>,
  clock: Clock,
): Promise<StreamedHttpResponse> {
  const exchange = new Exchange(request, facts);
  const started = performance.now();
  const sentAt = clock.now();
  try {
    exchange.signal.throwIfAborted();
    refusePlainHttp(request.url);
    const response = await fetchLike(request.url, {
      method: request.method,
      headers: { ...request.headers },
      ...(request.body === undefined ? {} : { body: request.body }),
      redirect: 'manual',
      signal: exchange.signal,
    });
    const headers = new Headers([...response.headers]);
    const clockSkewMs = readClockSkew(headers, sentAt, clock.now());
    return {
      status: response.status,
      headers,
      durationMs: performance.now() - started,
      ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
      chunks: new LimitedBody(response.body?.getReader(), exchange, request.maxBytes ?? oauthMaxBytes),
    };
  } catch (error) {
    throw exchange.fail(error);
  }
}

/** Whatever a server's metadata name as its endpoints: no secret travels in the clear. */
function refusePlainHttp(address: string): void {
  const url = URL.parse(address);
  if (url?.protocol === 'http:' && !isLoopbackHost(url.hostname)) {
    throw new WorkbenchError('address/insecure-http', { details: { host: url.host } });
  }
}

/** The server's `Date` has whole seconds, cut off, so the middle of that second is the best guess. */
function readClockSkew(headers: Headers, sentAt: number, receivedAt: number): number | undefined {
  const serverTime = Date.parse(headers.get('date') ?? '');
  return Number.isNaN(serverTime) ? undefined : serverTime + 500 - (sentAt + receivedAt) / 2;
}

/** One exchange's end: by its time limit, its caller's signal, a failure or the last byte. */
class Exchange {
  readonly #controller = new AbortController();
  readonly #facts: ExchangeFacts;
  readonly #callerSignal: AbortSignal | undefined;
  readonly #timer: NodeJS.Timeout;
  readonly #onCallerAbort = (): void => this.#abort(new WorkbenchError('operation/cancelled'));

  constructor(request: HttpRequest, facts: Omit<ExchangeFacts, 'url'>) {
    this.#facts = { ...facts, url: request.url };
    this.#callerSignal = request.signal;
    const timeoutMs = request.timeoutMs ?? oauthTimeoutMs;
    this.#timer = setTimeout(() => {
      const details = { host: this.#host, timeoutMs };
      this.#abort(new WorkbenchError('network/timed-out', { details }));
    }, timeoutMs);
    if (request.signal?.aborted) this.#onCallerAbort();
    request.signal?.addEventListener('abort', this.#onCallerAbort, { once: true });
  }

  get signal(): AbortSignal {
    return this.#controller.signal;
  }

  /** Ends the exchange; the answer is the error to throw. */
  fail(error: unknown): WorkbenchError {
    const wasAborted = this.signal.aborted;
    const reason: unknown = wasAborted ? this.signal.reason : error;
    const failure = toNetworkError(reason, this.#facts);
    this.#abort(failure);
    return failure;
  }

  tooLarge(maxBytes: number): WorkbenchError {
    return this.fail(new WorkbenchError('http/too-large', { details: { host: this.#host, maxBytes } }));
  }

  end(): void {
    clearTimeout(this.#timer);
    this.#callerSignal?.removeEventListener('abort', this.#onCallerAbort);
  }

  get #host(): string {
    return URL.parse(this.#facts.url)?.host ?? '';
  }

  #abort(reason: WorkbenchError): void {
    this.end();
    this.#controller.abort(reason);
  }
}

/** A body that counts its decoded bytes and ends the transfer when nobody reads on. */
class LimitedBody implements AsyncIterable<Uint8Array> {
  readonly #reader: ChunkReader | undefined;
  readonly #exchange: Exchange;
  readonly #maxBytes: number;
  #received = 0;

  constructor(reader: ChunkReader | undefined, exchange: Exchange, maxBytes: number) {
    this.#reader = reader;
    this.#exchange = exchange;
    this.#maxBytes = maxBytes;
    if (!reader) exchange.end();
  }

  // Not a generator: leaving one before its first step would not run its `finally`.
  [Symbol.asyncIterator](): AsyncIterator<Uint8Array, undefined> {
    return {
      next: () => this.#next(),
      return: async () => {
        this.#exchange.end();
        await this.#reader?.cancel().catch(() => undefined);
        return { done: true, value: undefined };
      },
    };
  }

  async #next(): Promise<IteratorResult<Uint8Array, undefined>> {
    const { done, value } = await this.#read();
    if (done || !value) {
      this.#exchange.end();
      return { done: true, value: undefined };
    }
    this.#received += value.byteLength;
    if (this.#received > this.#maxBytes) throw this.#exchange.tooLarge(this.#maxBytes);
    return { done: false, value };
  }

  async #read(): Promise<{ done: boolean; value?: Uint8Array | undefined }> {
    if (!this.#reader) return { done: true };
    try {
      return await this.#reader.read();
    } catch (error) {
      throw this.#exchange.fail(error);
    }
  }
}
