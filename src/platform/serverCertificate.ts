import type { X509Certificate } from 'node:crypto';
import { isIP } from 'node:net';
import * as tls from 'node:tls';
import { WorkbenchError } from '../core/base/errors.ts';
import { oauthTimeoutMs } from '../core/http/httpTransport.ts';
import { toNetworkError } from '../core/http/networkErrors.ts';
import type { ServerCertificate } from '../core/http/serverCertificate.ts';

export interface ReadCertificateOptions {
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds; 10,000 where absent. */
  readonly timeoutMs?: number | undefined;
}

/**
 * Reads the certificate that a server presents, by a TLS handshake after which nothing is sent: the only
 * connection that is not verified, as its purpose is to show what there is to verify.
 *
 * Throws WorkbenchError `address/invalid` (no https address), `network/*`, `tls/failed`, `operation/cancelled`.
 */
export function readServerCertificate(
  address: string,
  { signal, timeoutMs = oauthTimeoutMs }: ReadCertificateOptions = {},
): Promise<ServerCertificate> {
  const url = URL.parse(address);
  if (url?.protocol !== 'https:') return Promise.reject(new WorkbenchError('address/invalid'));
  if (signal?.aborted) return Promise.reject(new WorkbenchError('operation/cancelled'));
  const host = url.hostname.replace(/^\[|\]$/g, '');

  return new Promise((resolve, reject) => {
    const socket = tls.connect({
      host,
      port: Number(url.port || 443),
      ...(isIP(host) ? {} : { servername: host }),
      ALPNProtocols: ['http/1.1'],
      rejectUnauthorized: false,
    });
    const end = (settle: () => void): void => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      socket.destroy();
      settle();
    };
    const fail = (error: unknown): void => end(() => reject(toNetworkError(error, { url: address })));
    const onAbort = (): void => fail(new WorkbenchError('operation/cancelled'));
    const timer = setTimeout(() => {
      fail(new WorkbenchError('network/timed-out', { details: { host: url.host, timeoutMs } }));
    }, timeoutMs);
    signal?.addEventListener('abort', onAbort, { once: true });
    // Stays until the end: a socket that is destroyed may still report an error.
    socket.on('error', fail);
    socket.once('secureConnect', () => {
      const certificate = socket.getPeerX509Certificate();
      if (certificate) end(() => resolve(describe(certificate)));
      else fail(new WorkbenchError('tls/failed', { details: { host: url.host } }));
    });
  });
}

function describe(certificate: X509Certificate): ServerCertificate {
  return {
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    sha256: certificate.fingerprint256,
    pem: certificate.toString(),
    isSelfSigned: certificate.checkIssued(certificate) && certificate.verify(certificate.publicKey),
  };
}

/** Node puts each part of a name on a line of its own; a name may be absent altogether. */
function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
