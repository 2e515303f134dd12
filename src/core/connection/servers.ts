import { SingleFlight } from '../base/singleFlight.ts';
import { untilAborted } from '../base/untilAborted.ts';
import type { HttpTransport, TransportFor } from '../http/httpTransport.ts';
import {
  fetchAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from '../oauth/authorizationServerMetadata.ts';
import { baseUrlOfIssuer, siteEndpoints } from '../oauth/issuer.ts';
import { discoverServer, type ServerDiscovery } from '../oauth/serverDiscovery.ts';
import { parseBaseUrl } from './address.ts';
import type { Connection } from './connection.ts';

export type ServerAddress = Pick<Connection, 'baseUrl' | 'site' | 'pinnedCertificate' | 'caFile'>;

/** The OpenEMR servers that connections point at, and what they last said of themselves. */
export class Servers {
  readonly #transportFor: TransportFor;
  readonly #metadata = new Map<string, AuthorizationServerMetadata>();
  readonly #discoveries = new Map<string, ServerDiscovery>();
  readonly #fetches = new SingleFlight<AuthorizationServerMetadata>();

  constructor(transportFor: TransportFor) {
    this.#transportFor = transportFor;
  }

  transport({ pinnedCertificate, caFile }: ServerAddress): HttpTransport {
    return this.#transportFor({ pinnedCertificate, caFile });
  }

  /**
   * The authorization server metadata, asked for once a window.
   *
   * Throws WorkbenchError `discovery/*`, `network/*`, `tls/*`, `http/*`, `operation/cancelled`.
   */
  async metadata(server: ServerAddress, signal?: AbortSignal): Promise<AuthorizationServerMetadata> {
    const { issuer } = siteEndpoints(server);
    const known = this.#metadata.get(issuer);
    if (known) return known;
    // Whoever cancels stops waiting; the request is everybody's.
    return untilAborted(() => this.#fetches.run(issuer, () => this.#fetch(server)), signal);
  }

  async #fetch(server: ServerAddress): Promise<AuthorizationServerMetadata> {
    const metadata = await fetchAuthorizationServerMetadata(this.transport(server), server);
    this.#metadata.set(siteEndpoints(server).issuer, metadata);
    return metadata;
  }

  /** Asks the server anew for everything it says of itself. Throws as {@link metadata}, but for a wrong issuer. */
  async discover(server: ServerAddress, signal?: AbortSignal): Promise<ServerDiscovery> {
    const { issuer } = siteEndpoints(server);
    this.forget(server);
    const discovery = await discoverServer(this.transport(server), server, signal);
    this.#discoveries.set(issuer, discovery);
    if (discovery.metadata.issuer === issuer) this.#metadata.set(issuer, discovery.metadata);
    return discovery;
  }

  /**
   * Discovers a server under the name it gives itself: OpenEMR's tokens and addresses follow its Site Address setting,
   * so that is the name to use where it works. What contradicts the name that was entered stays in the answer.
   *
   * Throws as {@link discover} does for the address that was entered.
   */
  async discoverByOwnName(
    server: ServerAddress,
    signal?: AbortSignal,
  ): Promise<{ address: ServerAddress; discovery: ServerDiscovery }> {
    const discovery = await this.discover(server, signal);
    const baseUrl = baseUrlOfIssuer(discovery.metadata.issuer, server.site);
    if (!baseUrl || baseUrl === server.baseUrl) return { address: server, discovery };
    try {
      const address = { ...server, baseUrl: parseBaseUrl(baseUrl).baseUrl };
      const { contradictions, ...own } = await this.discover(address, signal);
      return {
        address,
        discovery: { ...own, contradictions: [...discovery.contradictions, ...contradictions] },
      };
    } catch {
      return { address: server, discovery };
    }
  }

  /** What the last discovery of this window found. */
  lastDiscovery(server: ServerAddress): ServerDiscovery | undefined {
    return this.#discoveries.get(siteEndpoints(server).issuer);
  }

  forget(server: ServerAddress): void {
    const { issuer } = siteEndpoints(server);
    this.#metadata.delete(issuer);
    this.#discoveries.delete(issuer);
  }
}
