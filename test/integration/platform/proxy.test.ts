import assert from 'node:assert/strict';
import { connect, type Socket } from 'node:net';
import { freePort } from '../../../src/platform/freePort.ts';
import { createUndiciTransport } from '../../../src/platform/undiciTransport.ts';
import { makeCertificate, type TestCertificate } from '../../fakes/certificates.ts';
import { closeServers, startHttps, startTcp, type RunningServer } from './servers.ts';

describe('the undici transport behind a proxy', () => {
  let certificate: TestCertificate;
  let target: RunningServer;

  before(async () => {
    certificate = await makeCertificate();
  });
  beforeEach(async () => {
    target = await startHttps(certificate, (_request, response) => response.end('through'));
  });
  afterEach(closeServers);

  /** Answers CONNECT with the status; 200 opens the tunnel. */
  function startProxy(status: number, heads: string[] = []): Promise<RunningServer> {
    return startTcp((client: Socket) => {
      client.once('data', (data) => {
        const head = data.toString();
        heads.push(head);
        const port = Number(/^CONNECT 127\.0\.0\.1:(\d+) /.exec(head)?.[1]);
        if (status !== 200) {
          client.end(`HTTP/1.1 ${status} No\r\nContent-Length: 0\r\n\r\n`);
          return;
        }
        const server = connect(port, '127.0.0.1', () => {
          client.write('HTTP/1.1 200 Connection established\r\n\r\n');
          client.pipe(server).pipe(client);
        });
        server.on('error', () => client.destroy());
      });
    });
  }

  function transportThrough(proxyUrl: string, pinned = certificate) {
    const trust = { pinnedCertificate: { pem: pinned.cert, sha256: pinned.sha256 } };
    return createUndiciTransport({ trust, proxyFor: () => proxyUrl });
  }

  it('tunnels and checks the certificate of the server behind', async () => {
    const heads: string[] = [];
    const proxy = await startProxy(200, heads);
    const good = transportThrough(proxy.url);
    assert.equal((await good.send({ method: 'GET', url: target.url })).text, 'through');
    assert.equal(heads.length, 1);
    const other = transportThrough(proxy.url, await makeCertificate());
    await assert.rejects(other.send({ method: 'GET', url: target.url }), { code: 'tls/certificate-changed' });
    good.dispose();
    other.dispose();
  });

  it('logs in to the proxy with the name and password of its address, which no error repeats', async () => {
    const heads: string[] = [];
    const proxy = await startProxy(407, heads);
    const transport = transportThrough(proxy.url.replace('//', '//clerk:pa55word@'));
    await assert.rejects(
      transport.send({ method: 'GET', url: target.url }),
      (error: Error & { code: string }) => {
        assert.equal(error.code, 'network/proxy');
        assert.ok(!JSON.stringify(error).includes('pa55word'));
        return true;
      },
    );
    assert.match(heads[0]!, /proxy-authorization: Basic Y2xlcms6cGE1NXdvcmQ=/i);
    transport.dispose();
  });

  it('says that it is the proxy which fails', async () => {
    const gone = `http://127.0.0.1:${await freePort()}`;
    const refusing = (await startProxy(502)).url;
    const hangingUp = (await startTcp((socket) => void socket.once('data', () => socket.destroy()))).url;
    for (const proxyUrl of [gone, refusing, hangingUp]) {
      const transport = transportThrough(proxyUrl);
      await assert.rejects(
        transport.send({ method: 'GET', url: target.url }),
        (error: Error & { code: string; details: object }) => {
          assert.equal(error.code, 'network/proxy');
          assert.equal((error.details as { proxyHost: string }).proxyHost, new URL(proxyUrl).host);
          return true;
        },
      );
      transport.dispose();
    }
  });

  it('goes directly where no proxy is named', async () => {
    const proxy = await startProxy(200);
    const trust = { pinnedCertificate: { pem: certificate.cert, sha256: certificate.sha256 } };
    const transport = createUndiciTransport({
      trust,
      proxyFor: (url) => (url.includes('127.0.0.1') ? undefined : proxy.url),
    });
    assert.equal((await transport.send({ method: 'GET', url: target.url })).text, 'through');
    assert.equal(proxy.connections(), 0);
    transport.dispose();
  });
});
