import type { Clock } from '../core/base/clock.ts';
import { DisposableStore, type Disposable } from '../core/base/disposable.ts';
import type { HttpTransport, ServerTrust, TransportFor } from '../core/http/httpTransport.ts';
import { withLog } from '../core/http/loggedTransport.ts';
import type { Log } from '../core/ports.ts';
import { createFetchTransport } from './fetchTransport.ts';
import { createUndiciTransport, type ProxyFor } from './undiciTransport.ts';

export interface TransportOptions {
  /** For connections that do not go through the host's own fetch, which knows the proxy by itself. */
  readonly proxyFor?: ProxyFor | undefined;
  readonly clock?: Clock | undefined;
  readonly log?: Log | undefined;
}

/**
 * The host's fetch for connections that trust what the host trusts, else a transport of its own for each trust.
 * Disposing closes the connections of the latter.
 */
export function createTransportFor(options: TransportOptions = {}): TransportFor & Disposable {
  const { log } = options;
  const logged = (transport: HttpTransport) => (log ? withLog(transport, log) : transport);
  const hostTransport = logged(createFetchTransport(options.clock));
  const ownTransports = new Map<string, HttpTransport>();
  const store = new DisposableStore();

  const transportFor = (trust: ServerTrust): HttpTransport => {
    const key = keyOf(trust);
    if (key === undefined) return hostTransport;
    const existing = ownTransports.get(key);
    if (existing) return existing;
    const transport = logged(store.add(createUndiciTransport({ ...options, trust })));
    ownTransports.set(key, transport);
    return transport;
  };
  return Object.assign(transportFor, { dispose: () => store.dispose() });
}

function keyOf({ pinnedCertificate, caFile }: ServerTrust): string | undefined {
  if (pinnedCertificate) return `sha256:${pinnedCertificate.sha256}`;
  return caFile ? `file:${caFile}` : undefined;
}
