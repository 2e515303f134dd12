import { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import { generate } from 'selfsigned';

export interface TestCertificate {
  readonly key: string;
  readonly cert: string;
  /** Upper-case hex pairs joined by colons. */
  readonly sha256: string;
}

interface CertificateOptions {
  readonly commonName?: string;
  /** Host names and addresses that the certificate is for. */
  readonly names?: readonly string[];
  readonly notBefore?: Date;
  readonly notAfter?: Date;
  /** Signs the certificate; without one it signs itself. */
  readonly issuer?: TestCertificate;
  readonly isAuthority?: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;

/** Makes a certificate with its key; by default one that signed itself for 127.0.0.1 and localhost. */
export async function makeCertificate(options: CertificateOptions = {}): Promise<TestCertificate> {
  const { commonName = 'openemr.test', names = ['127.0.0.1', 'localhost'], issuer } = options;
  const made = await generate([{ name: 'commonName', value: commonName }], {
    keyType: 'ec',
    algorithm: 'sha256',
    notBeforeDate: options.notBefore ?? new Date(Date.now() - dayMs),
    notAfterDate: options.notAfter ?? new Date(Date.now() + 30 * dayMs),
    extensions: [
      { name: 'basicConstraints', cA: options.isAuthority ?? false, critical: true },
      ...(options.isAuthority
        ? [{ name: 'keyUsage' as const, keyCertSign: true, digitalSignature: true, critical: true }]
        : []),
      {
        name: 'subjectAltName',
        altNames: names.map((name) => (isIP(name) ? { type: 7, ip: name } : { type: 2, value: name })),
      },
    ],
    ...(issuer ? { ca: { key: issuer.key, cert: issuer.cert } } : {}),
  });
  return {
    key: made.private,
    cert: made.cert,
    sha256: new X509Certificate(made.cert).fingerprint256,
  };
}
