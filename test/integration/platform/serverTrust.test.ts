import assert from 'node:assert/strict';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import type { ServerTrust } from '../../../src/core/http/httpTransport.ts';
import { createTransportFor } from '../../../src/platform/transports.ts';
import { createUndiciTransport } from '../../../src/platform/undiciTransport.ts';
import { makeCertificate, type TestCertificate } from '../../fakes/certificates.ts';
import { closeServers, eventually, startHttp, startHttps, type RunningServer } from './servers.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe('trusting a server', () => {
  let folder: string;
  let authority: TestCertificate;
  let otherAuthority: TestCertificate;
  let leaf: TestCertificate;
  let selfSigned: TestCertificate;
  let elsewhere: TestCertificate;

  before(async () => {
    folder = await mkdtemp(join(tmpdir(), 'trust-'));
    authority = await makeCertificate({ commonName: 'Clinic CA', isAuthority: true });
    otherAuthority = await makeCertificate({ commonName: 'Other CA', isAuthority: true });
    leaf = await makeCertificate({ commonName: 'leaf', issuer: authority });
    selfSigned = await makeCertificate();
    elsewhere = await makeCertificate({ names: ['emr.elsewhere.test'] });
  });
  after(() => rm(folder, { recursive: true }));
  afterEach(closeServers);

  function pin(certificate: TestCertificate): ServerTrust {
    return { pinnedCertificate: { pem: certificate.cert, sha256: certificate.sha256 } };
  }

  function serve(tls: TlsOptions): Promise<RunningServer> {
    return startHttps(tls, (_request, response) => response.end('over TLS'));
  }

  async function caFile(...pems: string[]): Promise<string> {
    const path = join(folder, `${Math.random()}.pem`);
    await writeFile(path, pems.join('\n'));
    return path;
  }

  /** The text that the server sends, or the code of the error. */
  async function ask(server: RunningServer, trust: ServerTrust): Promise<string> {
    const transport = createUndiciTransport({ trust });
    try {
      return (await transport.send({ method: 'GET', url: server.url })).text;
    } catch (error) {
      return (error as { code: string }).code;
    } finally {
      transport.dispose();
    }
  }

  describe('by a pinned certificate', () => {
    it('takes exactly that certificate, whatever name it is for', async () => {
      assert.equal(await ask(await serve(selfSigned), pin(selfSigned)), 'over TLS');
      assert.equal(await ask(await serve(elsewhere), pin(elsewhere)), 'over TLS');
    });

    it('takes it from an unknown authority, with or without the chain', async () => {
      const chain = { key: leaf.key, cert: [leaf.cert, authority.cert].join('\n') };
      assert.equal(await ask(await serve(leaf), pin(leaf)), 'over TLS');
      assert.equal(await ask(await serve(chain), pin(leaf)), 'over TLS');
    });

    it('takes another certificate for a change', async () => {
      const renewed = await makeCertificate();
      assert.equal(await ask(await serve(renewed), pin(selfSigned)), 'tls/certificate-changed');
      const sibling = await makeCertificate({ commonName: 'leaf', issuer: authority });
      assert.equal(await ask(await serve(sibling), pin(leaf)), 'tls/certificate-changed');
    });

    it('takes a certificate that the pinned one signed for a change, at each attempt', async () => {
      const transport = createUndiciTransport({ trust: pin(authority) });
      // TLS 1.2, where a client may hold a session before it judged the certificate.
      for (const maxVersion of ['TLSv1.2', 'TLSv1.3'] as const) {
        const server = await serve({ ...leaf, maxVersion });
        for (let attempt = 0; attempt < 3; attempt++) {
          await assert.rejects(transport.send({ method: 'GET', url: server.url }), {
            code: 'tls/certificate-changed',
            details: { host: '127.0.0.1', expected: authority.sha256, presented: leaf.sha256 },
          });
        }
      }
      transport.dispose();
    });

    it('refuses it once it expired or before it is valid', async () => {
      const expired = await makeCertificate({ notAfter: new Date(Date.now() - dayMs / 2) });
      const early = await makeCertificate({ notBefore: new Date(Date.now() + dayMs) });
      assert.equal(await ask(await serve(expired), pin(expired)), 'tls/certificate-expired');
      assert.equal(await ask(await serve(early), pin(early)), 'tls/certificate-expired');
    });

    it('speaks no TLS older than 1.2', async () => {
      const old = {
        ...selfSigned,
        minVersion: 'TLSv1',
        maxVersion: 'TLSv1.1',
        ciphers: 'DEFAULT@SECLEVEL=0',
      } as const;
      assert.equal(await ask(await serve(old), pin(selfSigned)), 'tls/failed');
    });
  });

  describe('by a file with authorities', () => {
    it('takes what one of them signed', async () => {
      const file = await caFile(otherAuthority.cert, authority.cert);
      assert.equal(await ask(await serve(leaf), { caFile: file }), 'over TLS');
    });

    it('takes an authority in the middle of a chain', async () => {
      const middle = await makeCertificate({ commonName: 'Middle', issuer: authority, isAuthority: true });
      const signed = await makeCertificate({ commonName: 'below', issuer: middle });
      assert.equal(await ask(await serve(signed), { caFile: await caFile(middle.cert) }), 'over TLS');
    });

    it('refuses what others signed', async () => {
      const file = await caFile(otherAuthority.cert);
      assert.equal(await ask(await serve(leaf), { caFile: file }), 'tls/untrusted');
      assert.equal(await ask(await serve(selfSigned), { caFile: file }), 'tls/untrusted');
    });

    it('insists on the right name', async () => {
      const misnamed = await makeCertificate({ issuer: authority, names: ['emr.elsewhere.test'] });
      assert.equal(
        await ask(await serve(misnamed), { caFile: await caFile(authority.cert) }),
        'tls/name-mismatch',
      );
    });

    it('says when the file is missing or holds no certificate', async () => {
      const server = await serve(leaf);
      const missing = createUndiciTransport({ trust: { caFile: join(folder, 'missing.pem') } });
      await assert.rejects(missing.send({ method: 'GET', url: server.url }), {
        code: 'tls/authority-file',
        details: { caFile: join(folder, 'missing.pem'), systemCode: 'ENOENT' },
      });
      const text = await caFile('hello');
      const wrong = createUndiciTransport({ trust: { caFile: text } });
      await assert.rejects(wrong.send({ method: 'GET', url: server.url }), {
        code: 'tls/authority-file',
        details: { caFile: text, reason: 'not-pem' },
      });
      const garbled = await caFile('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n');
      assert.match(await ask(server, { caFile: garbled }), /^tls\//);
    });

    it('reads a mended file again', async () => {
      const server = await serve(leaf);
      const file = await caFile(otherAuthority.cert);
      const transport = createUndiciTransport({ trust: { caFile: file } });
      await assert.rejects(transport.send({ method: 'GET', url: server.url }), { code: 'tls/untrusted' });
      await writeFile(file, authority.cert);
      assert.equal((await transport.send({ method: 'GET', url: server.url })).status, 200);
      transport.dispose();
    });
  });

  describe('without either', () => {
    it('asks the host', async () => {
      assert.equal(await ask(await serve(selfSigned), {}), 'tls/untrusted');
    });
  });

  describe('the transport for a trust', () => {
    it('is the same for the same trust and another for another', async () => {
      const transportFor = createTransportFor();
      const file = await caFile(authority.cert);
      assert.equal(transportFor({}), transportFor({ caFile: undefined }));
      assert.equal(transportFor(pin(leaf)), transportFor(pin(leaf)));
      assert.equal(transportFor({ caFile: file }), transportFor({ caFile: file }));
      const different = new Set([
        transportFor({}),
        transportFor(pin(leaf)),
        transportFor(pin(selfSigned)),
        transportFor({ caFile: file }),
      ]);
      assert.equal(different.size, 4);
      transportFor.dispose();
    });

    it('keeps its connections open, at most six at a time, until it is disposed of', async () => {
      let most = 0;
      const server = await startHttps(selfSigned, (_request, response) => {
        most = Math.max(most, server.openSockets.size);
        setTimeout(() => response.end(), 20);
      });
      const transportFor = createTransportFor();
      const request = { method: 'GET', url: server.url } as const;
      await Promise.all(Array.from({ length: 20 }, () => transportFor(pin(selfSigned)).send(request)));
      assert.equal(most, 6);
      await transportFor(pin(selfSigned)).send(request);
      assert.equal(server.connections(), 6);
      transportFor.dispose();
      await eventually(() => server.openSockets.size === 0);
    });

    it('uses the clock, the proxy and the log that it was given', async () => {
      const server = await startHttp((_request, response) => response.end());
      const asked: string[] = [];
      const lines: string[] = [];
      const note = (line: string) => void lines.push(line);
      const transportFor = createTransportFor({
        clock: { now: () => Date.now() - 3_600_000, schedule: () => assert.fail() },
        proxyFor: (url) => void asked.push(url),
        log: { debug: note, info: note, warn: note, error: note },
      });
      for (const trust of [{}, pin(selfSigned)]) {
        const response = await transportFor(trust).send({ method: 'GET', url: server.url });
        assert.ok(Math.abs(response.clockSkewMs! - 3_600_000) <= 1000);
      }
      assert.deepEqual(asked, [server.url]);
      for (const line of lines) assert.match(line, new RegExp(`^GET ${server.url}/: 200 in \\d+ ms$`));
      assert.equal(lines.length, 2);
      transportFor.dispose();
    });
  });
});
