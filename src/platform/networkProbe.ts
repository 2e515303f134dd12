import type { X509Certificate } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { readFile } from 'node:fs/promises';
import * as net from 'node:net';
import * as tls from 'node:tls';
import { WorkbenchError } from '../core/base/errors.ts';
import type { NetworkProbe, ProbedTrust, TlsInspection, TlsProblem } from '../core/doctor/networkProbe.ts';
import { toNetworkError } from '../core/http/networkErrors.ts';

/** DNS, TCP and TLS by themselves. The handshakes are not verified, since their purpose is to see what is wrong. */
export const nodeNetworkProbe: NetworkProbe = { resolve, connect, inspectTls };

async function resolve(host: string, signal: AbortSignal): Promise<string[]> {
  try {
    const found = await orAborted(lookup(host, { all: true }), signal);
    return found.map(({ address }) => address);
  } catch (error) {
    throw toNetworkError(error, { url: `https://${net.isIPv6(host) ? `[${host}]` : host}/` });
  }
}

/** The system's name service cannot be interrupted; nobody waits for it any longer. */
async function orAborted<T>(operation: Promise<T>, signal: AbortSignal): Promise<T> {
  if (signal.aborted) throw new WorkbenchError('operation/cancelled');
  let onAbort = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    onAbort = () => reject(new WorkbenchError('operation/cancelled'));
    signal.addEventListener('abort', onAbort, { once: true });
  });
  operation.catch(() => undefined);
  return Promise.race([operation, aborted]).finally(() => signal.removeEventListener('abort', onAbort));
}

async function connect(host: string, port: number, signal: AbortSignal): Promise<void> {
  const socket = await opened(
    () => net.connect({ host, port }),
    'connect',
    `http://${host}:${port}/`,
    signal,
  );
  socket.destroy();
}

async function inspectTls(url: string, trust: ProbedTrust, signal: AbortSignal): Promise<TlsInspection> {
  const modern = await handshake(url, trust, signal, 'TLSv1.2').catch(
    (error: unknown) => error as WorkbenchError,
  );
  if (!(modern instanceof WorkbenchError)) return modern;
  if (modern.code !== 'tls/failed' && modern.code !== 'network/reset') throw modern;
  // Does it speak at all, if only what nobody should speak any more?
  const old = await handshake(url, trust, signal, 'TLSv1').catch(() => undefined);
  if (!old) throw modern;
  return { ...old, problem: 'old-protocol' };
}

async function handshake(
  url: string,
  trust: ProbedTrust,
  signal: AbortSignal,
  minVersion: 'TLSv1' | 'TLSv1.2',
): Promise<TlsInspection> {
  const { hostname, port } = new URL(url);
  const host = hostname.replace(/^\[|\]$/g, '');
  const ca = await authorities(trust.caFile);
  const socket = await opened(
    () =>
      tls.connect({
        host,
        port: Number(port || 443),
        ...(net.isIP(host) ? {} : { servername: host }),
        ...(ca ? { ca } : {}),
        minVersion,
        // Weak keys are to be seen and told, not to end the handshake.
        ciphers: 'DEFAULT@SECLEVEL=0',
        ALPNProtocols: ['http/1.1'],
        rejectUnauthorized: false,
      }),
    'secureConnect',
    url,
    signal,
  );
  try {
    return inspect(socket, host, trust);
  } finally {
    socket.destroy();
  }
}

function inspect(socket: tls.TLSSocket, host: string, trust: ProbedTrust): TlsInspection {
  const certificate = socket.getPeerX509Certificate();
  if (!certificate) throw new WorkbenchError('tls/failed', { details: { host, reason: 'no certificate' } });
  const problem = problemOf(socket, certificate, host, trust);
  return {
    protocol: socket.getProtocol() ?? 'unknown',
    subject: oneLine(certificate.subject),
    issuer: oneLine(certificate.issuer),
    validFrom: new Date(certificate.validFrom).toISOString(),
    validTo: new Date(certificate.validTo).toISOString(),
    sha256: certificate.fingerprint256,
    names: namesOf(certificate),
    chainLength: chainLengthOf(socket),
    key: keyOf(certificate).text,
    ...(problem ? { problem } : {}),
  };
}

/** Dates count before trust: no trust mends a certificate that has expired. */
function problemOf(
  socket: tls.TLSSocket,
  certificate: X509Certificate,
  host: string,
  { pinnedSha256 }: ProbedTrust,
): TlsProblem | undefined {
  if (keyOf(certificate).isWeak) return 'weak-key';
  if (pinnedSha256 !== undefined && pinnedSha256 !== certificate.fingerprint256) return 'changed';
  const now = Date.now();
  if (Date.parse(certificate.validTo) < now) return 'expired';
  if (Date.parse(certificate.validFrom) > now) return 'not-yet-valid';
  if (pinnedSha256 !== undefined) return undefined;
  const isNamed = net.isIP(host) ? certificate.checkIP(host) : certificate.checkHost(host);
  const reason: unknown = socket.authorizationError;
  const isNameProblem = reason === 'ERR_TLS_CERT_ALTNAME_INVALID' || reason instanceof Error;
  if (socket.authorized || isNameProblem) return isNamed ? undefined : 'name';
  return certificate.checkIssued(certificate) ? 'self-signed' : 'unknown-authority';
}

const smallestRsaBits = 2048;
const smallestCurveBits = 256;

function keyOf({ publicKey }: X509Certificate): { text: string; isWeak: boolean } {
  const { modulusLength, namedCurve } = publicKey.asymmetricKeyDetails ?? {};
  const type = publicKey.asymmetricKeyType ?? 'unknown';
  if (modulusLength !== undefined) {
    return { text: `${type} ${modulusLength} bits`, isWeak: modulusLength < smallestRsaBits };
  }
  const curveBits = Number(/(\d{3})/.exec(namedCurve ?? '')?.[1] ?? smallestCurveBits);
  return { text: `${type} ${namedCurve ?? ''}`.trim(), isWeak: curveBits < smallestCurveBits };
}

function namesOf({ subjectAltName = '' }: X509Certificate): string[] {
  return subjectAltName
    .split(/,\s*/)
    .map((name) => name.replace(/^(?:DNS|IP Address):/, ''))
    .filter(Boolean);
}

function chainLengthOf(socket: tls.TLSSocket): number {
  const seen = new Set<string>();
  let link = socket.getPeerCertificate(true);
  while (Object.hasOwn(link, 'issuerCertificate') && !seen.has(link.fingerprint256)) {
    seen.add(link.fingerprint256);
    link = link.issuerCertificate;
  }
  return Math.max(1, seen.size);
}

/** What Node believes, what the system believes, and the connection's own file. */
async function authorities(caFile: string | undefined): Promise<string[] | undefined> {
  const own = caFile ? [await readFile(caFile, 'utf8').catch(() => '')].filter(Boolean) : [];
  try {
    return [...tls.getCACertificates('default'), ...tls.getCACertificates('system'), ...own];
  } catch {
    // Absent before Node 22.15.
    return own.length > 0 ? [...tls.rootCertificates, ...own] : undefined;
  }
}

function opened<S extends net.Socket>(
  open: () => S,
  event: 'connect' | 'secureConnect',
  url: string,
  signal: AbortSignal,
): Promise<S> {
  if (signal.aborted) return Promise.reject(new WorkbenchError('operation/cancelled'));
  return new Promise((resolvePromise, reject) => {
    const socket = open();
    const onAbort = (): void => onError(new WorkbenchError('operation/cancelled'));
    const onError = (error: unknown): void => {
      signal.removeEventListener('abort', onAbort);
      socket.destroy();
      reject(toNetworkError(error, { url }));
    };
    signal.addEventListener('abort', onAbort, { once: true });
    // Stays until the end: a socket that is destroyed may still report an error.
    socket.on('error', onError);
    socket.once('close', () =>
      onError(new WorkbenchError('network/reset', { details: { host: URL.parse(url)?.host ?? '' } })),
    );
    socket.once(event, () => {
      signal.removeEventListener('abort', onAbort);
      resolvePromise(socket);
    });
  });
}

function oneLine(name: string | undefined): string {
  return (name ?? '').split('\n').join(', ');
}
