import assert from 'node:assert/strict';
import { generateKeyPairSync } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { TlsOptions } from 'node:tls';
import { generate } from 'selfsigned';
import { createTransportFor } from '../../../src/platform/transports.ts';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { makeCertificate, type TestCertificate } from '../../fakes/certificates.ts';
import { examineAddress } from '../../doctor/patient.ts';
import { firstOf } from '../../doctor/scenarios.ts';
import { closeServers, startHttp, startHttps } from '../platform/servers.ts';

const dayMs = 24 * 60 * 60 * 1000;

describe('The doctor and real certificates', () => {
  let authority: TestCertificate;
  let folder: string;
  let caFile: string;

  before(async () => {
    authority = await makeCertificate({ commonName: 'Practice CA', isAuthority: true, names: [] });
    folder = await mkdtemp(join(tmpdir(), 'doctor-ca-'));
    caFile = join(folder, 'ca.pem');
    await writeFile(caFile, authority.cert);
  });
  after(() => rm(folder, { recursive: true, force: true }));
  afterEach(closeServers);

  async function diagnosisOf(
    tls: TlsOptions,
    trust: { caFile?: string; pinnedCertificate?: { pem: string; sha256: string } } = {},
  ): Promise<string> {
    const server = await startHttps(tls, (_, response) => response.writeHead(404).end());
    const transports = createTransportFor();
    try {
      const report = await examineAddress(server.url, {
        connection: { baseUrl: server.url, site: 'default', ...trust },
        transport: transports(trust),
      });
      const { check, rule } = firstOf(report);
      return `${check}: ${rule}`;
    } finally {
      transports.dispose();
    }
  }

  it('names one that has expired', async () => {
    const expired = await makeCertificate({
      issuer: authority,
      notBefore: new Date(Date.now() - 9 * dayMs),
      notAfter: new Date(Date.now() - dayMs),
    });
    assert.equal(await diagnosisOf(expired, { caFile }), 'tls: certificate-expired');
  });

  it('names one that is not yet valid', async () => {
    const early = await makeCertificate({
      issuer: authority,
      notBefore: new Date(Date.now() + dayMs),
      notAfter: new Date(Date.now() + 9 * dayMs),
    });
    assert.equal(await diagnosisOf(early, { caFile }), 'tls: certificate-not-yet-valid');
  });

  it('names one for another name', async () => {
    const other = await makeCertificate({ issuer: authority, names: ['emr.example.org'] });
    assert.equal(await diagnosisOf(other, { caFile }), 'tls: certificate-other-name');
  });

  it('names one that signed itself', async () => {
    assert.equal(await diagnosisOf(await makeCertificate()), 'tls: certificate-self-signed');
  });

  it('names one of an authority that nobody knows', async () => {
    assert.equal(
      await diagnosisOf(await makeCertificate({ issuer: authority })),
      'tls: certificate-unknown-authority',
    );
  });

  it('has nothing to say against one of the authority that the connection names', async () => {
    assert.doesNotMatch(await diagnosisOf(await makeCertificate({ issuer: authority }), { caFile }), /^tls/);
  });

  it('names a key that is too weak', async () => {
    const weak = await weakCertificate();
    const old = { ...weak, ciphers: 'DEFAULT@SECLEVEL=0' };
    assert.equal(await diagnosisOf(old), 'tls: certificate-weak-key');
  });

  it('names a server that knows TLS 1.1 at most', async () => {
    const certificate = await makeCertificate();
    const old = {
      ...certificate,
      minVersion: 'TLSv1',
      maxVersion: 'TLSv1.1',
      ciphers: 'DEFAULT@SECLEVEL=0',
    } as const;
    assert.equal(await diagnosisOf(old), 'tls: tls-version-old');
  });

  it('names plain http at a port that is taken for https', async () => {
    const server = await startHttp((_, response) => response.end());
    const { check, rule } = firstOf(await examineAddress(server.url.replace('http:', 'https:')));
    assert.equal(`${check}: ${rule}`, 'tls: no-tls-at-port');
  });

  it('names a change of the certificate that was trusted', async () => {
    const [former, current] = [await makeCertificate(), await makeCertificate()];
    const pinnedCertificate = { pem: former.cert, sha256: former.sha256 };
    assert.equal(await diagnosisOf(current, { pinnedCertificate }), 'tls: certificate-changed');
  });

  it('has nothing to say against the certificate that was trusted', async () => {
    const { key, cert, sha256 } = await makeCertificate();
    const sandbox = await startSandbox({ tls: { key, cert } });
    const trust = { pinnedCertificate: { pem: cert, sha256 } };
    const transports = createTransportFor();
    const report = await examineAddress(sandbox.baseUrl, {
      connection: { baseUrl: sandbox.baseUrl, site: 'default', ...trust },
      transport: transports(trust),
    });
    transports.dispose();
    await sandbox.stop();
    assert.equal(report.results.find(({ id }) => id === 'tls')?.status, 'pass');
    assert.deepEqual(firstOf(report), { check: 'clientKnown', rule: 'client-missing' });
  });
});

async function weakCertificate(): Promise<{ key: string; cert: string }> {
  const { publicKey, privateKey } = generateKeyPairSync('rsa', {
    modulusLength: 1024,
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const made = await generate([{ name: 'commonName', value: 'openemr.test' }], {
    algorithm: 'sha256',
    keyPair: { publicKey, privateKey },
    extensions: [{ name: 'subjectAltName', altNames: [{ type: 7, ip: '127.0.0.1' }] }],
  });
  return { key: made.private, cert: made.cert };
}
