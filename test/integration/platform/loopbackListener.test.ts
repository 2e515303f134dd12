import assert from 'node:assert/strict';
import { request as httpRequest, type IncomingHttpHeaders } from 'node:http';
import { connect } from 'node:net';
import { freePort } from '../../../src/platform/freePort.ts';
import {
  listenOnLoopback,
  type LoopbackListener,
  type LoopbackListenerOptions,
} from '../../../src/platform/loopbackListener.ts';

interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: string;
}

interface Asking {
  readonly method?: string;
  readonly headers?: Record<string, string>;
}

const donePage = { language: 'en', title: 'Signed in <here>', text: 'Go back to "VS Code" & close this.' };

describe('the loopback listener', () => {
  const listeners: LoopbackListener[] = [];
  let callbacks: string[];

  beforeEach(() => (callbacks = []));
  afterEach(() => {
    for (const listener of listeners.splice(0)) listener.dispose();
  });

  async function listen(options: Partial<LoopbackListenerOptions> = {}): Promise<LoopbackListener> {
    const listener = await listenOnLoopback({
      servesCallback: true,
      onCallback: (url) => callbacks.push(url),
      donePage,
      ...options,
    });
    listeners.push(listener);
    return listener;
  }

  function ask(port: number, path: string, { method = 'GET', headers = {} }: Asking = {}): Promise<Answer> {
    return new Promise((resolve, reject) => {
      const request = httpRequest({ host: '127.0.0.1', port, path, method, headers }, (response) => {
        let body = '';
        response.on('data', (chunk: Buffer) => (body += chunk.toString()));
        response.on('end', () =>
          resolve({ status: response.statusCode ?? 0, headers: response.headers, body }),
        );
      });
      request.on('error', reject);
      request.end();
    });
  }

  function isRefused(host: string, port: number): Promise<boolean> {
    return new Promise((resolve) => {
      const socket = connect({ host, port }, () => {
        socket.destroy();
        resolve(false);
      });
      socket.on('error', () => resolve(true));
    });
  }

  describe('taking a callback', () => {
    it('hands over the address as it came and leads the browser to a clean page', async () => {
      const { port } = await listen();
      const query = 'code=def50200ab&state=a-b_c&iss=https%3A%2F%2Femr.test%2Fx&odd=%zz+1';
      const answer = await ask(port, `/callback?${query}`);
      assert.deepEqual(callbacks, [`http://127.0.0.1:${port}/callback?${query}`]);
      assert.equal(answer.status, 302);
      assert.equal(answer.headers.location, `http://127.0.0.1:${port}/done`);
      assert.equal(answer.headers['cache-control'], 'no-store');
      assert.equal(answer.headers['referrer-policy'], 'no-referrer');
      assert.equal(answer.body, '');
    });

    it('shows the page without anything that could run or be loaded', async () => {
      const { port } = await listen();
      const page = await ask(port, '/done');
      assert.equal(page.status, 200);
      assert.equal(page.headers['content-type'], 'text/html; charset=utf-8');
      assert.match(String(page.headers['content-security-policy']), /default-src 'none'/);
      assert.match(page.body, /<html lang="en">/);
      assert.match(page.body, /<h1>Signed in &lt;here&gt;<\/h1>/);
      assert.match(page.body, /<p>Go back to &quot;VS Code&quot; &amp; close this\.<\/p>/);
      assert.doesNotMatch(page.body, /<script|<style|<link|<img|\son\w+=/i);
    });

    it('hands over every callback, as judging them is not its business', async () => {
      const { port } = await listen();
      await ask(port, '/callback?state=1');
      await ask(port, '/callback');
      assert.deepEqual(callbacks, [
        `http://127.0.0.1:${port}/callback?state=1`,
        `http://127.0.0.1:${port}/callback`,
      ]);
    });

    it('stays for the browser on its way to the page, but takes no further callback', async () => {
      const listener = await listen();
      await ask(listener.port, '/callback?state=1');
      listener.dispose();
      assert.equal((await ask(listener.port, '/callback?state=2')).status, 404);
      assert.equal((await ask(listener.port, '/done')).status, 200);
      assert.equal(callbacks.length, 1);
      assert.equal(await isRefused('127.0.0.1', listener.port), true);
    });
  });

  describe('the way out', () => {
    const target = 'https://emr.test/oauth2/default/authorize?state=a%2Bb&scope=openid%20fhirUser';

    it('leads on once, by nothing but a redirect', async () => {
      const listener = await listen();
      const page = listener.addGoPage(target);
      assert.match(page.url, new RegExp(`^http://127\\.0\\.0\\.1:${listener.port}/go/[\\w-]{32}$`));
      const first = await ask(listener.port, new URL(page.url).pathname);
      assert.equal(first.status, 302);
      assert.equal(first.headers.location, target);
      assert.equal(first.headers['cache-control'], 'no-store');
      assert.equal(first.headers['referrer-policy'], 'no-referrer');
      assert.equal(first.headers['content-type'], undefined);
      assert.equal(first.body, '');
      const second = await ask(listener.port, new URL(page.url).pathname);
      assert.equal(second.status, 404);
      assert.equal(second.body, '');
    });

    it('tells when a browser came', async () => {
      const listener = await listen();
      const first = listener.addGoPage(target);
      const second = listener.addGoPage(target);
      assert.notEqual(first.url, second.url);
      const opened: string[] = [];
      void first.opened.then(() => opened.push('first'));
      void second.opened.then(() => opened.push('second'));
      await ask(listener.port, '/go/unknown');
      await ask(listener.port, new URL(second.url).pathname, { method: 'HEAD' });
      await new Promise((resolve) => setImmediate(resolve));
      assert.deepEqual(opened, []);
      await ask(listener.port, new URL(second.url).pathname);
      await second.opened;
      assert.deepEqual(opened, ['second']);
    });

    it('also works through a forwarding server, which keeps its own Host', async () => {
      const listener = await listen();
      const page = listener.addGoPage(target);
      const answer = await ask(listener.port, new URL(page.url).pathname, {
        headers: { Host: 'localhost:8080' },
      });
      assert.equal(answer.headers.location, target);
    });

    it('is all there is where the callback is pasted', async () => {
      const listener = await listen({ servesCallback: false });
      assert.equal((await ask(listener.port, '/callback?code=1')).status, 404);
      assert.equal((await ask(listener.port, '/done')).status, 404);
      assert.deepEqual(callbacks, []);
      assert.equal((await ask(listener.port, new URL(listener.addGoPage(target).url).pathname)).status, 302);
    });
  });

  describe('what it refuses', () => {
    for (const host of [
      'evil.test',
      'localhost:PORT',
      '127.0.0.1',
      '127.0.0.1:1',
      '127.0.0.1:PORT.evil.test',
      '[::1]:PORT',
    ]) {
      it(`refuses a callback for the host ${host}`, async () => {
        const { port } = await listen();
        const headers = { Host: host.replace('PORT', String(port)) };
        assert.equal((await ask(port, '/callback?code=1', { headers })).status, 404);
        assert.equal((await ask(port, '/done', { headers })).status, 404);
        assert.deepEqual(callbacks, []);
      });
    }

    for (const method of ['POST', 'HEAD', 'OPTIONS', 'PUT', 'DELETE']) {
      it(`refuses ${method}`, async () => {
        const { port } = await listen();
        assert.equal((await ask(port, '/callback?code=1', { method })).status, 404);
        assert.deepEqual(callbacks, []);
      });
    }

    for (const path of [
      '/',
      '/favicon.ico',
      '/callback/',
      '/callbacks',
      '/Callback',
      '//callback',
      '/go/',
      '/go',
      '/done/x',
      'http://evil.test/callback',
    ]) {
      it(`knows no ${path}`, async () => {
        const { port } = await listen();
        const answer = await ask(port, path);
        assert.equal(answer.status, 404);
        assert.equal(answer.body, '');
        assert.deepEqual(callbacks, []);
      });
    }

    it('refuses an address over 16 kB', async () => {
      const { port } = await listen();
      assert.equal((await ask(port, `/callback?code=${'x'.repeat(15_000)}`)).status, 302);
      assert.equal((await ask(port, `/callback?code=${'x'.repeat(17_000)}`)).status, 404);
      assert.equal(callbacks.length, 1);
    });

    it('hangs up on headers beyond measure and on what is no HTTP', async () => {
      const { port } = await listen();
      await assert.rejects(ask(port, '/callback?code=1', { headers: { 'X-Long': 'x'.repeat(60_000) } }));
      const answer = await new Promise<string>((resolve) => {
        let received = '';
        const socket = connect({ host: '127.0.0.1', port }, () => socket.write('hello\r\n\r\n'));
        socket.on('data', (chunk) => (received += chunk.toString()));
        socket.on('close', () => resolve(received));
      });
      assert.equal(answer, '');
      assert.equal((await ask(port, '/callback?code=2')).status, 302);
    });

    it('takes the cookies that other programs on 127.0.0.1 left in the browser', async () => {
      const { port } = await listen();
      const headers = { Cookie: `other=${'x'.repeat(20_000)}` };
      assert.equal((await ask(port, '/callback?code=1', { headers })).status, 302);
    });
  });

  describe('its port', () => {
    it('is the one that was asked for', async () => {
      const port = await freePort();
      assert.equal((await listen({ port })).port, port);
    });

    it('cannot be had twice', async () => {
      const { port } = await listen();
      await assert.rejects(listen({ port }), {
        code: 'authorization/no-channel',
        details: { port, systemCode: 'EADDRINUSE' },
      });
    });

    it('is open on 127.0.0.1 alone', async () => {
      const { port } = await listen();
      assert.equal(await isRefused('127.0.0.1', port), false);
      assert.equal(await isRefused('127.0.0.2', port), true);
      assert.equal(await isRefused('::1', port), true);
    });

    it('is free again after disposal, however often', async () => {
      const listener = await listen();
      listener.dispose();
      listener.dispose();
      assert.equal((await listen({ port: listener.port })).port, listener.port);
    });
  });
});

describe('a free port', () => {
  it('is one on which nobody answers', async () => {
    const port = await freePort();
    await assert.rejects(fetch(`http://127.0.0.1:${port}/callback?code=1`));
  });
});
