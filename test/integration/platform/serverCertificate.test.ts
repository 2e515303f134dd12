import assert from 'node:assert/strict';
import { X509Certificate } from 'node:crypto';
import { freePort } from '../../../src/platform/freePort.ts';
import { readServerCertificate } from '../../../src/platform/serverCertificate.ts';
import { createUndiciTransport } from '../../../src/platform/undiciTransport.ts';
import { makeCertificate } from '../../fakes/certificates.ts';
import { closeServers, eventually, startHttp, startHttps, startTcp } from './servers.ts';

describe('reading the certificate of a server', () => {
  afterEach(closeServers);

  it('shows what people compare before they trust it', async () => {
    const notBefore = new Date('2026-01-01T00:00:00Z');
    const notAfter = new Date('2036-01-01T00:00:00Z');
    const made = await makeCertificate({ commonName: 'clinic.test', notBefore, notAfter });
    const server = await startHttps(made, (_request, response) => response.end());
    const read = await readServerCertificate(`${server.url}/apis/default/fhir`);
    assert.equal(read.subject, 'CN=clinic.test');
    assert.equal(read.issuer, 'CN=clinic.test');
    assert.equal(read.validFrom, notBefore.toISOString());
    assert.equal(read.validTo, notAfter.toISOString());
    assert.equal(read.sha256, made.sha256);
    assert.match(read.sha256, /^(?:[0-9A-F]{2}:){31}[0-9A-F]{2}$/);
    assert.equal(new X509Certificate(read.pem).fingerprint256, made.sha256);
    assert.equal(read.isSelfSigned, true);
  });

  it('tells a certificate that an authority signed, an expired one too', async () => {
    const authority = await makeCertificate({ commonName: 'Clinic CA', isAuthority: true });
    const expired = await makeCertificate({ issuer: authority, notAfter: new Date(Date.now() - 1000) });
    const server = await startHttps(expired, (_request, response) => response.end());
    const read = await readServerCertificate(server.url);
    assert.equal(read.isSelfSigned, false);
    assert.equal(read.issuer, 'CN=Clinic CA');
    assert.ok(Date.parse(read.validTo) < Date.now());
  });

  it('is not fooled by a certificate that merely names itself as its issuer', async () => {
    const authority = await makeCertificate({ commonName: 'same name', isAuthority: true });
    const posing = await makeCertificate({ commonName: 'same name', issuer: authority });
    const server = await startHttps(posing, (_request, response) => response.end());
    assert.equal((await readServerCertificate(server.url)).isSelfSigned, false);
  });

  it('sends no request', async () => {
    let requests = 0;
    const server = await startHttps(await makeCertificate(), (_request, response) => {
      requests++;
      response.end();
    });
    await readServerCertificate(server.url);
    await eventually(() => server.openSockets.size === 0);
    assert.equal(requests, 0);
    assert.equal(server.connections(), 1);
  });

  it('reads what can then be pinned', async () => {
    const server = await startHttps(await makeCertificate(), (_request, response) => response.end('pinned'));
    const { pem, sha256 } = await readServerCertificate(server.url.replace('127.0.0.1', 'localhost'));
    const transport = createUndiciTransport({ trust: { pinnedCertificate: { pem, sha256 } } });
    assert.equal((await transport.send({ method: 'GET', url: server.url })).text, 'pinned');
    transport.dispose();
  });

  it('wants an https address', async () => {
    for (const address of ['http://127.0.0.1:1', 'nonsense', 'javascript:alert(1)']) {
      await assert.rejects(readServerCertificate(address), { code: 'address/invalid' });
    }
  });

  it('tells a server that refuses, that speaks no TLS, that hangs up', async () => {
    const port = await freePort();
    await assert.rejects(readServerCertificate(`https://127.0.0.1:${port}`), {
      code: 'network/refused',
      details: { host: `127.0.0.1:${port}`, systemCode: 'ECONNREFUSED' },
    });
    const plain = await startHttp((_request, response) => response.end());
    await assert.rejects(readServerCertificate(plain.url.replace('http:', 'https:')), { code: 'tls/failed' });
    const rude = await startTcp((socket) => socket.destroy());
    await assert.rejects(readServerCertificate(rude.url.replace('http:', 'https:')), {
      code: 'network/reset',
    });
  });

  it('gives up in time and when told to', async () => {
    const silent = await startTcp((socket) => void socket.resume());
    const address = silent.url.replace('http:', 'https:');
    await assert.rejects(readServerCertificate(address, { timeoutMs: 50 }), {
      code: 'network/timed-out',
      details: { host: `127.0.0.1:${silent.port}`, timeoutMs: 50 },
    });
    const controller = new AbortController();
    setTimeout(() => controller.abort(), 20);
    await assert.rejects(readServerCertificate(address, { signal: controller.signal }), {
      code: 'operation/cancelled',
    });
    await assert.rejects(readServerCertificate(address, { signal: AbortSignal.abort() }), {
      code: 'operation/cancelled',
    });
    await eventually(() => silent.openSockets.size === 0);
  });
});
