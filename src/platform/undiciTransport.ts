import { readFile } from 'node:fs/promises';
import * as tls from 'node:tls';
import type { Dispatcher } from 'undici';
import { systemClock, type Clock } from '../core/base/clock.ts';
import { toDisposable, type Disposable } from '../core/base/disposable.ts';
import { isWorkbenchError, WorkbenchError } from '../core/base/errors.ts';
import type { HttpRequest, HttpTransport, ServerTrust } from '../core/http/httpTransport.ts';
import type { ExchangeFacts } from '../core/http/networkErrors.ts';
import { openResponse, readResponse, type FetchLike } from './responseReader.ts';
import { loadUndici } from './undiciLoader.ts';

/** The address of the proxy for a URL, read from the host's settings; `undefined` for a direct connection. */
export type ProxyFor = (url: string) => string | undefined;

export interface UndiciTransportOptions {
  readonly trust: ServerTrust;
  readonly proxyFor?: ProxyFor | undefined;
  readonly clock?: Clock | undefined;
}

const connectionsPerOrigin = 6;
const tlsErrors = ['tls/untrusted', 'tls/failed'] as const;

/**
 * undici's own `fetch` with its own connections, for servers that the host's fetch cannot be told to believe: one
 * pinned certificate, or further authorities. Loads undici with its first request.
 */
export function createUndiciTransport(options: UndiciTransportOptions): HttpTransport & Disposable {
  const { trust, proxyFor = () => undefined, clock = systemClock } = options;
  const pool = new DispatcherPool(trust);
  const prepared = <T>(
    request: HttpRequest,
    run: (fetchLike: FetchLike, facts: Omit<ExchangeFacts, 'url'>) => Promise<T>,
  ): Promise<T> => {
    const proxy = proxyFor(request.url);
    const facts = {
      isPinned: trust.pinnedCertificate !== undefined,
      proxyHost: proxy === undefined ? undefined : (URL.parse(proxy)?.host ?? ''),
    };
    const ownFetch: FetchLike = async (url, init) => {
      const undici = await loadUndici();
      return undici.fetch(url, { ...init, dispatcher: await pool.get(proxy) });
    };
    return pool.forgetAfterTlsError(run(ownFetch, facts));
  };
  return {
    send: (request) =>
      prepared(request, (fetchLike, facts) => readResponse(fetchLike, request, facts, clock)),
    stream: (request) =>
      prepared(request, (fetchLike, facts) => openResponse(fetchLike, request, facts, clock)),
    ...toDisposable(() => pool.dispose()),
  };
}

/** One dispatcher for direct connections and one per proxy. */
class DispatcherPool implements Disposable {
  readonly #trust: ServerTrust;
  readonly #dispatchers = new Map<string, Promise<Dispatcher>>();

  constructor(trust: ServerTrust) {
    this.#trust = trust;
  }

  get(proxy: string | undefined): Promise<Dispatcher> {
    const key = proxy ?? '';
    let dispatcher = this.#dispatchers.get(key);
    if (!dispatcher) {
      dispatcher = createDispatcher(this.#trust, proxy);
      dispatcher.catch(() => this.#dispatchers.delete(key));
      this.#dispatchers.set(key, dispatcher);
    }
    return dispatcher;
  }

  /** So that a mended CA file is read again at the next request. */
  async forgetAfterTlsError<T>(operation: Promise<T>): Promise<T> {
    try {
      return await operation;
    } catch (error) {
      if (this.#trust.caFile && isWorkbenchError(error, ...tlsErrors)) this.#forget((one) => one.close());
      throw error;
    }
  }

  dispose(): void {
    this.#forget((dispatcher) => dispatcher.destroy());
  }

  #forget(end: (dispatcher: Dispatcher) => Promise<void>): void {
    for (const dispatcher of this.#dispatchers.values()) void dispatcher.then(end).catch(() => undefined);
    this.#dispatchers.clear();
  }
}

async function createDispatcher(trust: ServerTrust, proxy: string | undefined): Promise<Dispatcher> {
  const { Agent, ProxyAgent } = await loadUndici();
  const serverTls = await tlsOptionsFor(trust);
  const shared = {
    connections: connectionsPerOrigin,
    allowH2: false,
    // Node checks no server identity on a resumed session, and the pin is checked there.
    maxCachedSessions: 0,
  };
  if (proxy === undefined) return new Agent({ ...shared, connect: serverTls });
  const requestTls = { ...serverTls, allowH2: false, maxCachedSessions: 0 };
  return new ProxyAgent({ ...shared, uri: proxy, requestTls });
}

interface ServerTls {
  readonly minVersion: 'TLSv1.2';
  readonly allowPartialTrustChain: true;
  readonly ca?: string[];
  readonly checkServerIdentity?: (host: string, certificate: tls.PeerCertificate) => Error | undefined;
}

async function tlsOptionsFor(trust: ServerTrust): Promise<ServerTls> {
  const shared = { minVersion: 'TLSv1.2', allowPartialTrustChain: true } as const;
  const pin = trust.pinnedCertificate;
  if (pin) {
    return {
      ...shared,
      ca: [pin.pem],
      checkServerIdentity: (host, certificate) => pinMismatch(pin.sha256, host, certificate),
    };
  }
  return trust.caFile ? { ...shared, ca: await authoritiesWith(trust.caFile) } : shared;
}

/** The pin stands for the name too: certificates that a server made for itself rarely name it rightly. */
function pinMismatch(
  expected: string,
  host: string,
  certificate: tls.PeerCertificate,
): WorkbenchError | undefined {
  const presented = certificate.fingerprint256;
  return presented === expected
    ? undefined
    : new WorkbenchError('tls/certificate-changed', { details: { host, expected, presented } });
}

/** A `ca` option replaces what Node believes, so that is repeated. Throws WorkbenchError `tls/authority-file`. */
async function authoritiesWith(caFile: string): Promise<string[]> {
  let pem: string;
  try {
    pem = await readFile(caFile, 'utf8');
  } catch (error) {
    const systemCode = (error as NodeJS.ErrnoException).code ?? '';
    throw new WorkbenchError('tls/authority-file', { details: { caFile, systemCode }, cause: error });
  }
  if (!pem.includes('-----BEGIN CERTIFICATE-----')) {
    throw new WorkbenchError('tls/authority-file', { details: { caFile, reason: 'not-pem' } });
  }
  return [...tls.rootCertificates, ...systemAuthorities(), pem];
}

function systemAuthorities(): string[] {
  try {
    return tls.getCACertificates('system');
  } catch {
    // Absent before Node 22.15, or a store that cannot be read: the bundled roots and the file remain.
    return [];
  }
}
