import { WorkbenchError } from '../../../src/core/base/errors.ts';
import type {
  HttpRequest,
  HttpResponse,
  HttpTransport,
  StreamedHttpResponse,
} from '../../../src/core/http/httpTransport.ts';

export interface CannedAnswer {
  readonly status?: number;
  readonly headers?: Record<string, string>;
  /** A string as it is; anything else as JSON. */
  readonly body?: unknown;
  readonly clockSkewMs?: number;
}

type Answer = CannedAnswer | Error | Promise<CannedAnswer>;

/** Answers each request by what `answer` makes of it; keeps what was asked and how much ran at once. */
export class CannedTransport implements HttpTransport {
  readonly requests: HttpRequest[] = [];
  mostAtOnce = 0;
  running = 0;
  readonly #answer: (request: HttpRequest) => Answer;

  constructor(answer: (request: HttpRequest) => Answer) {
    this.#answer = answer;
  }

  get urls(): string[] {
    return this.requests.map(({ url }) => url);
  }

  async send(request: HttpRequest): Promise<HttpResponse> {
    const { text, ...head } = await this.#exchange(request);
    return { ...head, text };
  }

  async stream(request: HttpRequest): Promise<StreamedHttpResponse> {
    const { text, ...head } = await this.#exchange(request);
    return { ...head, chunks: inChunks(Buffer.from(text), 100) };
  }

  async #exchange(request: HttpRequest): Promise<HttpResponse> {
    this.requests.push(request);
    this.running += 1;
    this.mostAtOnce = Math.max(this.mostAtOnce, this.running);
    try {
      const answer = await untilAborted(this.#answer(request), request.signal);
      if (answer instanceof Error) throw answer;
      const {
        status = 200,
        headers = { 'content-type': 'application/json' },
        body = '',
        clockSkewMs,
      } = answer;
      return {
        status,
        headers: new Headers(headers),
        durationMs: 3,
        text: typeof body === 'string' ? body : JSON.stringify(body),
        ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
      };
    } finally {
      this.running -= 1;
    }
  }
}

export async function* inChunks(bytes: Uint8Array, size: number): AsyncGenerator<Uint8Array> {
  for (let start = 0; start < bytes.length; start += size) {
    await Promise.resolve();
    yield bytes.subarray(start, start + size);
  }
}

async function untilAborted<T>(answer: T | Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  await new Promise((resolve) => setImmediate(resolve));
  return new Promise<T>((resolve, reject) => {
    const cancel = (): void => reject(new WorkbenchError('operation/cancelled'));
    if (signal?.aborted) cancel();
    signal?.addEventListener('abort', cancel, { once: true });
    Promise.resolve(answer).then(resolve, reject);
  });
}
