import assert from 'node:assert/strict';
import nock from 'nock';
import { createFetchTransport } from '../../../src/platform/fetchTransport.ts';
import { createUndiciTransport } from '../../../src/platform/undiciTransport.ts';

// Importing nock puts it between every test of this process and its sockets.
nock.restore();

const undiciTransport = createUndiciTransport({ trust: {} });
const transports = [
  { name: 'the fetch transport', transport: createFetchTransport() },
  { name: 'the undici transport', transport: undiciTransport },
];

describe('transports towards hosts that are not there', () => {
  before(() => {
    nock.activate();
    nock.disableNetConnect();
  });
  afterEach(() => nock.cleanAll());
  after(() => {
    nock.enableNetConnect();
    nock.restore();
    undiciTransport.dispose();
  });

  for (const { name, transport } of transports) {
    it(`${name} asks an https host`, async () => {
      nock('https://emr.test')
        .get('/oauth2/default/.well-known/openid-configuration')
        .matchHeader('accept', 'application/json')
        .reply(200, '{"issuer":"https://emr.test/oauth2/default"}', {
          Date: 'Thu, 01 Jan 2026 12:00:00 GMT',
        });
      const response = await transport.send({
        method: 'GET',
        url: 'https://emr.test/oauth2/default/.well-known/openid-configuration',
        headers: { Accept: 'application/json' },
      });
      assert.equal(response.text, '{"issuer":"https://emr.test/oauth2/default"}');
      assert.equal(typeof response.clockSkewMs, 'number');
    });

    it(`${name} posts a form`, async () => {
      nock('https://emr.test')
        .post('/token', { grant_type: 'refresh_token' })
        .reply(401, '{"error":"invalid_request"}');
      const response = await transport.send({
        method: 'POST',
        url: 'https://emr.test/token',
        headers: { 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=refresh_token',
      });
      assert.equal(response.status, 401);
    });

    it(`${name} tells a name that nobody knows`, async () => {
      nock('https://emr.test')
        .get('/')
        .replyWithError(Object.assign(new Error('getaddrinfo'), { code: 'ENOTFOUND' }));
      await assert.rejects(transport.send({ method: 'GET', url: 'https://emr.test/' }), {
        code: 'network/dns',
        details: { host: 'emr.test', systemCode: 'ENOTFOUND' },
      });
    });
  }
});

describe('the fetch transport', () => {
  it("looks the host's fetch up at each call, as the host may replace it", async () => {
    const transport = createFetchTransport();
    const original = globalThis.fetch;
    globalThis.fetch = () => Promise.resolve(new Response('replaced'));
    try {
      assert.equal((await transport.send({ method: 'GET', url: 'https://emr.test/' })).text, 'replaced');
    } finally {
      globalThis.fetch = original;
    }
  });

  it('passes no dispatcher and follows no redirect', async () => {
    const original = globalThis.fetch;
    let seen: object = {};
    globalThis.fetch = (_url, init) => {
      seen = init ?? {};
      return Promise.resolve(new Response(null, { status: 204 }));
    };
    try {
      await createFetchTransport().send({ method: 'GET', url: 'https://emr.test/' });
    } finally {
      globalThis.fetch = original;
    }
    assert.deepEqual(Object.keys(seen).sort(), ['headers', 'method', 'redirect', 'signal']);
    assert.equal((seen as RequestInit).redirect, 'manual');
  });

  it("ends in time even where the host's fetch reports its abort in its own words", async () => {
    const original = globalThis.fetch;
    globalThis.fetch = (_url, init) =>
      new Promise((_resolve, reject) => {
        init?.signal?.addEventListener('abort', () => reject(new DOMException('aborted', 'AbortError')));
      });
    try {
      const sent = createFetchTransport().send({ method: 'GET', url: 'https://emr.test/', timeoutMs: 10 });
      await assert.rejects(sent, { code: 'network/timed-out', details: { host: 'emr.test', timeoutMs: 10 } });
    } finally {
      globalThis.fetch = original;
    }
  });
});
