import pRetry from 'p-retry';
import { isWorkbenchError, toWorkbenchError, WorkbenchError } from '../base/errors.ts';
import type { HttpRequest, HttpTransport } from './httpTransport.ts';

export interface RetryPolicy {
  /** Milliseconds to wait before each retry; their number is the number of retries. */
  readonly delaysMs: readonly number[];
  /** A server that asks by `Retry-After` for a longer wait than this, in milliseconds, gets no retry. */
  readonly maxRetryAfterMs: number;
  /** Rejects when the signal is aborted. */
  readonly wait: (ms: number, signal: AbortSignal | undefined) => Promise<void>;
  /** Milliseconds since the epoch, for a `Retry-After` that names a date. */
  readonly now: () => number;
}

export const defaultRetryPolicy: RetryPolicy = {
  delaysMs: [250, 750],
  maxRetryAfterMs: 5_000,
  wait: waitFor,
  now: () => Date.now(),
};

const retriedStatuses = [429, 502, 503, 504];
// A time-out is not among them: who waited ten seconds in vain must not wait thirty.
const retriedErrors = ['network/dns', 'network/refused', 'network/reset', 'network/unreachable'] as const;

interface ResponseHead {
  readonly status: number;
  readonly headers: Headers;
}

class RetriedStatus extends Error {
  readonly response: ResponseHead;

  constructor(response: ResponseHead) {
    super(`status ${response.status}`);
    this.response = response;
  }
}

/**
 * A transport that repeats GETs which failed for a passing reason: a network fault or 429, 502, 503, 504. After
 * the last attempt the caller gets the last answer or error. POSTs are sent once: a token request whose answer
 * was lost must not be repeated.
 */
export function withRetry(transport: HttpTransport, policy: RetryPolicy = defaultRetryPolicy): HttpTransport {
  return {
    send: (request) => attempt(request, policy, () => transport.send(request)),
    stream: (request) =>
      attempt(
        request,
        policy,
        () => transport.stream(request),
        async (response) => {
          await response.chunks[Symbol.asyncIterator]().return?.();
        },
      ),
  };
}

async function attempt<R extends ResponseHead>(
  request: HttpRequest,
  policy: RetryPolicy,
  send: () => Promise<R>,
  discard: (response: R) => Promise<void> = () => Promise.resolve(),
): Promise<R> {
  if (request.method !== 'GET') return send();
  const retries = policy.delaysMs.length;
  try {
    return await pRetry(
      async (attemptNumber) => {
        const response = await send();
        if (attemptNumber > retries || !retriedStatuses.includes(response.status)) return response;
        if (retryAfterMs(response.headers, policy.now()) > policy.maxRetryAfterMs) return response;
        await discard(response);
        throw new RetriedStatus(response);
      },
      {
        retries,
        minTimeout: 0,
        signal: request.signal,
        shouldRetry: async ({ error, attemptNumber }) => {
          if (!(error instanceof RetriedStatus) && !isWorkbenchError(error, ...retriedErrors)) return false;
          await policy.wait(delayFor(error, attemptNumber, policy), request.signal);
          return true;
        },
      },
    );
  } catch (error) {
    if (request.signal?.aborted) throw new WorkbenchError('operation/cancelled', { cause: error });
    throw toWorkbenchError(error);
  }
}

function delayFor(error: Error, attemptNumber: number, policy: RetryPolicy): number {
  const planned = policy.delaysMs[attemptNumber - 1] ?? 0;
  return error instanceof RetriedStatus
    ? Math.max(planned, retryAfterMs(error.response.headers, policy.now()))
    : planned;
}

/** Milliseconds that `Retry-After` asks for (RFC 9110 §10.2.3); 0 without it. */
function retryAfterMs(headers: Headers, now: number): number {
  const value = headers.get('retry-after')?.trim() ?? '';
  if (/^\d+$/.test(value)) return Number(value) * 1000;
  const date = Date.parse(value);
  return Number.isNaN(date) ? 0 : Math.max(0, date - now);
}

function waitFor(ms: number, signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const cancel = (): void => {
      clearTimeout(timer);
      reject(new WorkbenchError('operation/cancelled'));
    };
    if (signal?.aborted) {
      reject(new WorkbenchError('operation/cancelled'));
      return;
    }
    const timer = setTimeout(() => {
      signal?.removeEventListener('abort', cancel);
      resolve();
    }, ms);
    signal?.addEventListener('abort', cancel, { once: true });
  });
}
