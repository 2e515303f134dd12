import assert from 'node:assert/strict';
import { WorkbenchError, type ErrorCode } from '../../../src/core/base/errors.ts';
import type {
  HttpRequest,
  HttpResponse,
  HttpTransport,
  StreamedHttpResponse,
} from '../../../src/core/http/httpTransport.ts';
import { defaultRetryPolicy, withRetry, type RetryPolicy } from '../../../src/core/http/retryPolicy.ts';

type Step = number | ErrorCode | { readonly status: number; readonly retryAfter: string };

const get: HttpRequest = { method: 'GET', url: 'https://emr.test/' };
const now = Date.parse('2026-01-01T12:00:00Z');

/** A server that behaves as told, step by step, and notes what it was asked and which bodies were let go. */
class ScriptedTransport implements HttpTransport {
  calls = 0;
  discarded: number[] = [];
  readonly #steps: Step[];

  constructor(...steps: Step[]) {
    this.#steps = steps;
  }

  async send(): Promise<HttpResponse> {
    return { ...(await this.#next()), text: `answer ${this.calls}` };
  }

  async stream(): Promise<StreamedHttpResponse> {
    const call = this.calls + 1;
    const chunks: AsyncIterable<Uint8Array> = {
      [Symbol.asyncIterator]: () => ({
        next: () => Promise.resolve({ done: true, value: undefined }),
        return: () => {
          this.discarded.push(call);
          return Promise.resolve({ done: true, value: undefined });
        },
      }),
    };
    return { ...(await this.#next()), chunks };
  }

  #next(): Promise<{ status: number; headers: Headers; durationMs: number }> {
    this.calls++;
    const step = this.#steps.shift() ?? 200;
    if (typeof step === 'string') return Promise.reject(new WorkbenchError(step));
    const { status, retryAfter } = typeof step === 'number' ? { status: step, retryAfter: '' } : step;
    const headers = new Headers(retryAfter ? { 'retry-after': retryAfter } : {});
    return Promise.resolve({ status, headers, durationMs: 1 });
  }
}

function policyWith(waits: number[]): RetryPolicy {
  return {
    ...defaultRetryPolicy,
    now: () => now,
    wait: (ms) => {
      waits.push(ms);
      return Promise.resolve();
    },
  };
}

async function run(...steps: Step[]) {
  const waits: number[] = [];
  const server = new ScriptedTransport(...steps);
  const result = await withRetry(server, policyWith(waits))
    .send(get)
    .then((response) => response.status)
    .catch((error: unknown) => (error as WorkbenchError).code);
  return { result, calls: server.calls, waits };
}

describe('withRetry', () => {
  for (const step of [
    'network/reset',
    'network/dns',
    'network/refused',
    'network/unreachable',
    502,
    503,
    504,
    429,
  ] as const) {
    it(`repeats a GET that failed with ${step}`, async () => {
      assert.deepEqual(await run(step), { result: 200, calls: 2, waits: [250] });
    });
  }

  for (const step of [
    'network/timed-out',
    'tls/untrusted',
    'http/too-large',
    400,
    401,
    404,
    500,
    501,
  ] as const) {
    it(`does not repeat after ${step}`, async () => {
      assert.deepEqual(await run(step), { result: step, calls: 1, waits: [] });
    });
  }

  it('gives the last answer or error when it gives up', async () => {
    assert.deepEqual(await run(503, 502, 504), { result: 504, calls: 3, waits: [250, 750] });
    assert.deepEqual(await run(503, 'network/reset', 'network/dns'), {
      result: 'network/dns',
      calls: 3,
      waits: [250, 750],
    });
  });

  it('waits as long as the server asks, in seconds or until a date', async () => {
    assert.deepEqual((await run({ status: 429, retryAfter: '2' })).waits, [2000]);
    assert.deepEqual((await run({ status: 503, retryAfter: 'Thu, 01 Jan 2026 12:00:03 GMT' })).waits, [3000]);
    assert.deepEqual((await run({ status: 503, retryAfter: 'Thu, 01 Jan 2026 11:00:00 GMT' })).waits, [250]);
    assert.deepEqual((await run({ status: 503, retryAfter: 'soon' })).waits, [250]);
  });

  it('hands on the refusal of a server that asks for a long wait', async () => {
    assert.deepEqual(await run({ status: 429, retryAfter: '3600' }), { result: 429, calls: 1, waits: [] });
  });

  it('sends a POST once, whatever happens', async () => {
    for (const step of ['network/reset', 503] as const) {
      const server = new ScriptedTransport(step);
      await withRetry(server, policyWith([]))
        .send({ ...get, method: 'POST' })
        .catch(() => undefined);
      assert.equal(server.calls, 1);
    }
  });

  it('lets go of a streamed answer before it asks again', async () => {
    const server = new ScriptedTransport(503, 503);
    const response = await withRetry(server, policyWith([])).stream(get);
    assert.equal(response.status, 200);
    assert.deepEqual(server.discarded, [1, 2]);
  });

  it('asks nothing when it was cancelled before', async () => {
    const server = new ScriptedTransport();
    const cancelled = withRetry(server).send({ ...get, signal: AbortSignal.abort() });
    await assert.rejects(cancelled, { code: 'operation/cancelled' });
    assert.equal(server.calls, 0);
  });

  it('stops waiting when it is cancelled', async () => {
    const server = new ScriptedTransport('network/reset');
    const controller = new AbortController();
    const policy = { ...defaultRetryPolicy, delaysMs: [60_000] };
    const cancelled = withRetry(server, policy).send({ ...get, signal: controller.signal });
    setTimeout(() => controller.abort(), 5);
    await assert.rejects(cancelled, { code: 'operation/cancelled' });
    assert.equal(server.calls, 1);
  });

  it('really waits between attempts', async () => {
    const server = new ScriptedTransport('network/reset');
    const started = performance.now();
    const controller = new AbortController();
    await withRetry(server, { ...defaultRetryPolicy, delaysMs: [30] }).send({
      ...get,
      signal: controller.signal,
    });
    assert.ok(performance.now() - started >= 25);
  });

  it('passes a defect on as one', async () => {
    const broken: HttpTransport = {
      send: () => Promise.reject(new TypeError('defect')),
      stream: () => Promise.reject(new TypeError('defect')),
    };
    await assert.rejects(withRetry(broken).send(get), { code: 'internal/unexpected' });
  });
});
