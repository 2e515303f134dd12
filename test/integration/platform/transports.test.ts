import assert from 'node:assert/strict';
import { gzipSync } from 'node:zlib';
import type { HttpTransport } from '../../../src/core/http/httpTransport.ts';
import { createFetchTransport } from '../../../src/platform/fetchTransport.ts';
import { freePort } from '../../../src/platform/freePort.ts';
import { createUndiciTransport } from '../../../src/platform/undiciTransport.ts';
import { makeCertificate } from '../../fakes/certificates.ts';
import { closeServers, eventually, startHttp, startHttps, startTcp } from './servers.ts';

const undiciTransport = createUndiciTransport({ trust: {} });
const transports: readonly [string, HttpTransport][] = [
  ['the fetch transport', createFetchTransport()],
  ['the undici transport', undiciTransport],
];

afterEach(closeServers);
after(() => undiciTransport.dispose());

for (const [name, transport] of transports) {
  describe(`${name}: an exchange`, () => {
    it('gives status, headers, text and duration', async () => {
      const server = await startHttp((_request, response) => {
        setTimeout(() => response.writeHead(404, { 'X-Note': 'a' }).end('nothing there'), 30);
      });
      const response = await transport.send({ method: 'GET', url: `${server.url}/a?b=c` });
      assert.equal(response.status, 404);
      assert.equal(response.headers.get('x-note'), 'a');
      assert.equal(response.text, 'nothing there');
      assert.ok(response.durationMs >= 25 && response.durationMs < 5000, String(response.durationMs));
    });

    it('sends method, headers and body as given', async () => {
      const server = await startHttp((request, response) => {
        let body = '';
        request.on('data', (chunk: Buffer) => (body += chunk.toString()));
        request.on('end', () => {
          response.end(JSON.stringify([request.method, request.url, request.headers['x-test'], body]));
        });
      });
      const response = await transport.send({
        method: 'POST',
        url: `${server.url}/token`,
        headers: { 'X-Test': 'yes', 'Content-Type': 'application/x-www-form-urlencoded' },
        body: 'grant_type=refresh_token',
      });
      assert.deepEqual(JSON.parse(response.text), ['POST', '/token', 'yes', 'grant_type=refresh_token']);
    });

    it('reads the clock skew from Date', async () => {
      const server = await startHttp((request, response) => {
        const offset = Number(new URL(request.url ?? '', 'http://x').searchParams.get('offset'));
        response.setHeader('Date', new Date(Date.now() + offset).toUTCString()).end();
      });
      for (const offset of [0, 3_600_000, -90_000]) {
        const response = await transport.send({ method: 'GET', url: `${server.url}/?offset=${offset}` });
        assert.ok(Math.abs(response.clockSkewMs! - offset) <= 1000, `${response.clockSkewMs} for ${offset}`);
      }
    });

    it('claims no clock skew without a Date that can be read', async () => {
      const server = await startHttp((request, response) => {
        response.sendDate = false;
        if (request.url === '/nonsense') response.setHeader('Date', 'yesterday');
        response.end();
      });
      for (const path of ['/', '/nonsense']) {
        const response = await transport.send({ method: 'GET', url: server.url + path });
        assert.equal('clockSkewMs' in response, false);
      }
    });

    it('follows no redirect', async () => {
      let requests = 0;
      const server = await startHttp((_request, response) => {
        requests++;
        response.writeHead(302, { Location: '/again' }).end();
      });
      const response = await transport.send({ method: 'GET', url: server.url });
      assert.equal(response.status, 302);
      assert.equal(response.headers.get('location'), '/again');
      assert.equal(requests, 1);
    });

    it('keeps several cookies apart and sends none back', async () => {
      const cookies: (string | undefined)[] = [];
      const server = await startHttp((request, response) => {
        cookies.push(request.headers.cookie);
        response.setHeader('Set-Cookie', ['a=1', 'b=2']).end();
      });
      const response = await transport.send({ method: 'GET', url: server.url });
      await transport.send({ method: 'GET', url: server.url });
      assert.deepEqual(response.headers.getSetCookie(), ['a=1', 'b=2']);
      assert.deepEqual(cookies, [undefined, undefined]);
    });

    it('decodes UTF-8 that is split in the middle of a character, and drops a byte order mark', async () => {
      const bytes = Buffer.from('\uFEFF{"name":"Jürgen 患者"}');
      const server = await startHttp((_request, response) => {
        let sent = 0;
        const timer = setInterval(() => {
          response.write(bytes.subarray(sent, ++sent));
          if (sent === bytes.length) {
            clearInterval(timer);
            response.end();
          }
        }, 1);
      });
      const response = await transport.send({ method: 'GET', url: server.url });
      assert.equal(response.text, '{"name":"Jürgen 患者"}');
    });

    it('reads compressed and empty answers', async () => {
      const server = await startHttp((request, response) => {
        if (request.url === '/empty') response.writeHead(204).end();
        else response.setHeader('Content-Encoding', 'gzip').end(gzipSync('small'));
      });
      assert.equal((await transport.send({ method: 'GET', url: server.url })).text, 'small');
      assert.equal((await transport.send({ method: 'GET', url: `${server.url}/empty` })).text, '');
    });
  });

  describe(`${name}: limits`, () => {
    it('takes a body of exactly the limit and refuses one more byte', async () => {
      const server = await startHttp((request, response) =>
        response.end('x'.repeat(Number(request.url!.slice(1)))),
      );
      const send = (bytes: number) =>
        transport.send({ method: 'GET', url: `${server.url}/${bytes}`, maxBytes: 1000 });
      assert.equal((await send(1000)).text.length, 1000);
      await assert.rejects(send(1001), {
        code: 'http/too-large',
        details: { host: `127.0.0.1:${server.port}`, maxBytes: 1000 },
      });
    });

    it('ends an endless body at the limit of 5 MB', async () => {
      const server = await startHttp((_request, response) => {
        const block = Buffer.alloc(64 * 1024);
        const pour = (): void => {
          while (!response.destroyed && response.write(block));
        };
        response.on('drain', pour);
        pour();
      });
      await assert.rejects(transport.send({ method: 'GET', url: server.url }), { code: 'http/too-large' });
      await eventually(() => server.openSockets.size === 0);
    });

    it('counts what a gzip bomb unpacks to', async () => {
      const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));
      assert.ok(bomb.length < 100_000);
      const server = await startHttp((_request, response) => {
        response.setHeader('Content-Encoding', 'gzip').end(bomb);
      });
      await assert.rejects(transport.send({ method: 'GET', url: server.url }), { code: 'http/too-large' });
    });

    it('refuses headers beyond measure', async () => {
      const server = await startTcp((socket) => {
        socket.end(`HTTP/1.1 200 OK\r\nX-Long: ${'x'.repeat(100_000)}\r\nContent-Length: 0\r\n\r\n`);
      });
      await assert.rejects(transport.send({ method: 'GET', url: server.url }), { code: 'http/too-large' });
    });

    it('gives up on a server that never answers', async () => {
      const server = await startTcp((socket) => void socket.resume());
      await assert.rejects(transport.send({ method: 'GET', url: server.url, timeoutMs: 50 }), {
        code: 'network/timed-out',
        details: { host: `127.0.0.1:${server.port}`, timeoutMs: 50 },
      });
      await eventually(() => server.openSockets.size === 0);
    });

    it('gives up on a body that drips', async () => {
      const server = await startHttp((_request, response) => {
        const timer = setInterval(() => response.write('.'), 5);
        response.on('close', () => clearInterval(timer));
      });
      await assert.rejects(transport.send({ method: 'GET', url: server.url, timeoutMs: 100 }), {
        code: 'network/timed-out',
      });
      await eventually(() => server.openSockets.size === 0);
    });
  });

  describe(`${name}: cancelling`, () => {
    it('asks nothing when it was cancelled before', async () => {
      const server = await startHttp((_request, response) => response.end());
      const request = { method: 'GET', url: server.url, signal: AbortSignal.abort() } as const;
      await assert.rejects(transport.send(request), { code: 'operation/cancelled' });
      assert.equal(server.connections(), 0);
    });

    for (const phase of ['headers', 'body'] as const) {
      it(`ends the wait for the ${phase}`, async () => {
        const controller = new AbortController();
        const server = await startHttp((_request, response) => {
          if (phase === 'body') response.write('begun');
          setTimeout(() => controller.abort(), 20);
        });
        await assert.rejects(transport.send({ method: 'GET', url: server.url, signal: controller.signal }), {
          code: 'operation/cancelled',
        });
        await eventually(() => server.openSockets.size === 0);
      });
    }
  });

  describe(`${name}: faults`, () => {
    it('tells a refused connection', async () => {
      const port = await freePort();
      await assert.rejects(transport.send({ method: 'GET', url: `http://127.0.0.1:${port}/?code=secret` }), {
        code: 'network/refused',
        details: { host: `127.0.0.1:${port}`, systemCode: 'ECONNREFUSED' },
      });
    });

    it('sends nothing in the clear to another machine', async () => {
      for (const host of ['emr.test', '192.0.2.1', '127.0.0.1.emr.test', '[2001:db8::1]']) {
        await assert.rejects(transport.send({ method: 'GET', url: `http://${host}/?code=secret` }), {
          code: 'address/insecure-http',
          details: { host },
        });
      }
    });

    it('tells an address that is none', async () => {
      await assert.rejects(transport.send({ method: 'GET', url: 'nonsense' }), { code: 'address/invalid' });
    });

    const brokenAnswers: readonly [string, string | Buffer][] = [
      ['nothing', ''],
      ['no HTTP', 'SSH-2.0-OpenSSH_9.6\r\n'],
      ['half of the headers', 'HTTP/1.1 200 OK\r\nContent-'],
      ['half of the body', 'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"half":'],
      ['half of a chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n{"half":'],
      ['broken gzip', 'HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 8\r\n\r\nnot gzip'],
    ];
    for (const [what, bytes] of brokenAnswers) {
      it(`takes ${what} for a broken connection`, async () => {
        const server = await startTcp((socket) => void socket.once('data', () => socket.end(bytes)));
        await assert.rejects(transport.send({ method: 'GET', url: server.url }), { code: 'network/reset' });
      });
    }

    it('tells a certificate that nobody vouches for', async () => {
      const server = await startHttps(await makeCertificate(), (_request, response) => response.end());
      await assert.rejects(transport.send({ method: 'GET', url: server.url }), {
        code: 'tls/untrusted',
        details: { host: `127.0.0.1:${server.port}`, systemCode: 'DEPTH_ZERO_SELF_SIGNED_CERT' },
      });
    });

    it('tells that no TLS is spoken', async () => {
      const server = await startHttp((_request, response) => response.end());
      const url = server.url.replace('http:', 'https:');
      await assert.rejects(transport.send({ method: 'GET', url }), { code: 'tls/failed' });
    });
  });

  describe(`${name}: streaming`, () => {
    it('hands out the body while it arrives', async () => {
      let sendRest: () => void = () => assert.fail('too early');
      const server = await startHttp((_request, response) => {
        response.write('first');
        sendRest = () => response.end('second');
      });
      const { status, chunks } = await transport.stream({ method: 'GET', url: server.url });
      const heard: string[] = [];
      for await (const chunk of chunks) {
        heard.push(Buffer.from(chunk).toString());
        if (heard.length === 1) sendRest();
      }
      assert.equal(status, 200);
      assert.deepEqual(heard, ['first', 'second']);
    });

    it('ends the transfer when the reader leaves, even before it began to read', async () => {
      const server = await startHttp((_request, response) => {
        response.write('x'.repeat(1000));
      });
      const left = await transport.stream({ method: 'GET', url: server.url });
      for await (const chunk of left.chunks) {
        assert.ok(chunk.byteLength > 0);
        break;
      }
      const untouched = await transport.stream({ method: 'GET', url: server.url });
      await untouched.chunks[Symbol.asyncIterator]().return?.();
      await eventually(() => server.openSockets.size === 0);
    });

    it('ends a transfer that nobody reads when its time is over', async () => {
      const server = await startHttp((_request, response) => {
        response.write('x'.repeat(1000));
      });
      await transport.stream({ method: 'GET', url: server.url, timeoutMs: 100 });
      await eventually(() => server.openSockets.size === 0);
    });

    it('fails in the middle by time, size and cut', async () => {
      const read = async (url: string, limits: { timeoutMs?: number; maxBytes?: number }): Promise<void> => {
        const { chunks } = await transport.stream({ method: 'GET', url, ...limits });
        for await (const chunk of chunks) assert.ok(chunk);
      };
      const server = await startHttp((request, response) => {
        response.setHeader('Content-Length', '5000');
        response.write('x'.repeat(1000));
        if (request.url === '/cut') setTimeout(() => response.destroy(), 10);
      });
      await assert.rejects(read(server.url, { timeoutMs: 100 }), { code: 'network/timed-out' });
      await assert.rejects(read(server.url, { maxBytes: 500 }), { code: 'http/too-large' });
      await assert.rejects(read(`${server.url}/cut`, {}), { code: 'network/reset' });
    });
  });
}
