import type { JsonWebKey } from 'node:crypto';
import { isWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import type { Clock } from '../base/clock.ts';
import type { AccessTokens } from '../connection/accessTokens.ts';
import type { Connection } from '../connection/connection.ts';
import type { Servers } from '../connection/servers.ts';
import type { SessionService } from '../connection/sessionService.ts';
import { siteEndpoints } from '../oauth/issuer.ts';
import { signingKeysIfReadable, tokenDetails, type TokenDetails } from '../oauth/tokenDetails.ts';
import { analyseScopes, readScopeFor, type ScopeReport } from '../oauth/scopeAnalysis.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import { parseJson } from '../http/json.ts';
import { concurrencyLimit, type ConcurrencyLimit } from './concurrencyLimit.ts';
import type { FhirActivity } from './fhirActivity.ts';
import { fhirGet } from './fhirClient.ts';
import { SearchResult, type FhirResource } from './fhirExplorer.ts';
import type { LatencyHistory } from './latencyHistory.ts';
import {
  matrixCounts,
  probeResources,
  probesAtATime,
  type ProbeProgress,
  type ProbeRow,
} from './resourceProbe.ts';
import {
  fetchResourceDescriptions,
  searchQuery,
  type ResourceDescription,
  type SearchValue,
} from './searchParameters.ts';

export interface FhirServiceDependencies {
  readonly sessions: Pick<SessionService, 'tokens' | 'sessionEnded'>;
  readonly accessTokens: Pick<AccessTokens, 'fresh' | 'reading'>;
  readonly servers: Servers;
  readonly latency: LatencyHistory;
  readonly clock: Clock;
}

export interface ResourceSearch {
  readonly type: string;
  readonly values: readonly SearchValue[];
  readonly limit: number | undefined;
  readonly onProgress: (result: SearchResult) => void;
}

/** A resource alone is never larger than this, in bytes; a Binary may come near. */
const resourceMaxBytes = 16 * 1024 * 1024;

/** What a login may read, and reading it. Sends nothing but GET; a token that the matrix finds refused is not renewed. */
export class FhirService {
  readonly #dependencies: FhirServiceDependencies;
  readonly #limits = new Map<string, ConcurrencyLimit>();
  readonly #descriptions = new Map<string, ResourceDescription[]>();
  readonly #lastProbes = new Map<
    string,
    { readonly loggedInAt: number; readonly rows: readonly ProbeRow[] }
  >();
  readonly #signingKeys = new Map<
    string,
    { readonly token: string; readonly keys: Promise<JsonWebKey[] | undefined> }
  >();
  readonly #supportedScopes = new Map<string, readonly string[]>();
  readonly #acted = new EventEmitter<FhirActivity>();
  /** For an audit log. */
  readonly onDidAct: Event<FhirActivity> = this.#acted.event;

  constructor(dependencies: FhirServiceDependencies) {
    this.#dependencies = dependencies;
  }

  /** Tells the audit log of something that happened at the edge. */
  report(activity: FhirActivity): void {
    this.#acted.fire(activity);
  }

  /** The matrix of this window's last run, as long as that login lasts. */
  lastProbe(connectionId: string): readonly ProbeRow[] | undefined {
    return this.#lastProbes.get(connectionId)?.rows;
  }

  /** Throws WorkbenchError `storage/*`. */
  async scopes(connection: Connection): Promise<ScopeReport> {
    const { sessions, servers } = this.#dependencies;
    const [tokens, metadata] = await Promise.all([
      sessions.tokens(connection),
      servers.metadata(connection).catch(() => undefined),
    ]);
    if (tokens?.loggedInAt !== this.#lastProbes.get(connection.id)?.loggedInAt) {
      this.#lastProbes.delete(connection.id);
    }
    if (metadata) this.#supportedScopes.set(connection.id, metadata.scopesSupported);
    return analyseScopes({
      clientType: connection.clientType,
      supported: metadata?.scopesSupported,
      registered: connection.registeredScopes,
      requested: connection.scopes,
      granted: tokens?.grantedScopes,
    });
  }

  /** The permission that a login like this one needs to read a type, in the notation that the server knows. */
  readScope({ id, clientType }: Connection, type: string): string {
    const context = clientType === 'public' ? 'patient' : 'user';
    return readScopeFor(type, context, this.#supportedScopes.get(id));
  }

  /** The types that the server knows, asked once a window. Throws WorkbenchError `fhir/*`, `http/*`, `network/*`. */
  async descriptions(connection: Connection, signal?: AbortSignal): Promise<readonly ResourceDescription[]> {
    const { fhirBaseUrl } = siteEndpoints(connection);
    const known = this.#descriptions.get(fhirBaseUrl);
    if (known) return known;
    const transport = this.#dependencies.servers.transport(connection);
    const found = await fetchResourceDescriptions(transport, connection, signal);
    this.#descriptions.set(fhirBaseUrl, found);
    return found;
  }

  /** How many types the server knows, once it was asked. */
  knownTypes(connection: Connection): number | undefined {
    return this.#descriptions.get(siteEndpoints(connection).fhirBaseUrl)?.length;
  }

  /** Throws WorkbenchError `token/none` and what {@link descriptions} throws; refusals of types are in the rows. */
  async probe(
    connection: Connection,
    onProgress: (row: ProbeProgress) => void,
    signal: AbortSignal,
  ): Promise<readonly ProbeRow[]> {
    const { servers, latency, clock, accessTokens } = this.#dependencies;
    const tokens = await accessTokens.fresh(connection);
    const resources = await this.descriptions(connection, signal);
    const rows = await probeResources({
      transport: servers.transport(connection),
      fhirBaseUrl: siteEndpoints(connection).fhirBaseUrl,
      resources,
      login: tokens,
      limit: this.#limitFor(connection),
      lastDurations: latency.last(connection.id, 'matrix'),
      onProgress,
      signal,
    });
    this.#lastProbes.set(connection.id, { loggedInAt: tokens.loggedInAt, rows });
    for (const { search, read } of rows) await this.#learn(connection, search.error ?? read.error);
    const { allowed, refused } = matrixCounts(rows);
    this.report({ action: 'probed', connectionId: connection.id, allowed, refused });
    if (!signal.aborted) {
      const times = rows.flatMap(({ type, search }) =>
        search.durationMs === undefined ? [] : [[type, Math.round(search.durationMs)] as const],
      );
      await latency.add(connection.id, { at: clock.now(), kind: 'matrix', times: Object.fromEntries(times) });
    }
    return rows;
  }

  /** Throws WorkbenchError `token/none`, `fhir/*`, `http/*`, `network/*`, `operation/cancelled`. */
  async search(connection: Connection, search: ResourceSearch, signal: AbortSignal): Promise<SearchResult> {
    const { type, values, limit, onProgress } = search;
    const { accessTokens, servers } = this.#dependencies;
    const description = (await this.descriptions(connection, signal)).find((one) => one.type === type);
    if (!description) throw new WorkbenchError('fhir/not-found', { details: { resource: type } });
    let shown: SearchResult | undefined;
    try {
      return (shown = await this.#limitFor(connection)(() =>
        SearchResult.run({
          transport: servers.transport(connection),
          fhirBaseUrl: siteEndpoints(connection).fhirBaseUrl,
          type,
          query: searchQuery(description, values, limit),
          reading: (read, until) => accessTokens.reading(connection, read, until),
          signal,
          onProgress: (result) => {
            shown = result;
            onProgress(result);
          },
        }),
      ));
    } finally {
      // Also where it ended early: what was handed over was read.
      if (shown) this.#reportRead(connection, type, shown.count);
    }
  }

  /** One resource by its id. Throws WorkbenchError `token/none`, `fhir/*`, `http/*`, `network/*`. */
  async read(connection: Connection, type: string, id: string, signal?: AbortSignal): Promise<FhirResource> {
    const { accessTokens, servers } = this.#dependencies;
    const url = `${siteEndpoints(connection).fhirBaseUrl}/${type}/${encodeURIComponent(id)}`;
    const request = { url, signal, maxBytes: resourceMaxBytes };
    const get = (accessToken: string) => fhirGet(servers.transport(connection), { ...request, accessToken });
    const { text } = await this.#limitFor(connection)(() => accessTokens.reading(connection, get, signal));
    const parsed = parseJson(text);
    const resource = 'value' in parsed ? (parsed.value as Partial<FhirResource> | null) : undefined;
    if (resource?.resourceType !== type) {
      throw new WorkbenchError('fhir/invalid-response', { details: { resource: type } });
    }
    this.#reportRead(connection, type, 1);
    return { ...resource, resourceType: type, id };
  }

  /** What the tokens say; `undefined` without a login. Throws WorkbenchError `storage/*`. */
  async tokenDetails(connection: Connection): Promise<TokenDetails | undefined> {
    const { sessions, servers } = this.#dependencies;
    const tokens = await sessions.tokens(connection);
    if (!tokens) return undefined;
    const metadata = await servers.metadata(connection).catch(() => undefined);
    return tokenDetails({
      tokens,
      issuer: siteEndpoints(connection).issuer,
      clientId: connection.clientId ?? '',
      supportedScopes: metadata?.scopesSupported,
      keys: metadata && (await this.#keysFor(connection, tokens, metadata.jwksUri)),
    });
  }

  /** The server's keys, asked for once a token: details are shown again at every change of state. */
  #keysFor(
    connection: Connection,
    { loggedInAt, generation }: TokenSet,
    jwksUri: string,
  ): Promise<JsonWebKey[] | undefined> {
    const token = `${loggedInAt} ${generation} ${jwksUri}`;
    const known = this.#signingKeys.get(connection.id);
    if (known?.token === token) return known.keys;
    const keys = signingKeysIfReadable(this.#dependencies.servers.transport(connection), jwksUri);
    const asked = { token, keys };
    this.#signingKeys.set(connection.id, asked);
    const forget = (): void => {
      if (this.#signingKeys.get(connection.id) === asked) this.#signingKeys.delete(connection.id);
    };
    keys.then((found) => found ?? forget(), forget);
    return keys;
  }

  #reportRead({ id }: Connection, resourceType: string, count: number): void {
    this.report({ action: 'read', connectionId: id, resourceType, count });
  }

  /** The server may tell here first that somebody logged out. */
  async #learn(connection: Connection, error: unknown): Promise<void> {
    if (!isWorkbenchError(error, 'fhir/signed-out')) return;
    await this.#dependencies.sessions.sessionEnded(connection, error.code);
  }

  /** All who read from one server share its four places. */
  #limitFor(connection: Connection): ConcurrencyLimit {
    const { host } = new URL(connection.baseUrl);
    const limit = this.#limits.get(host) ?? concurrencyLimit(probesAtATime);
    this.#limits.set(host, limit);
    return limit;
  }
}
