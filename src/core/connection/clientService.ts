import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, WorkbenchError } from '../base/errors.ts';
import { loopbackRedirectUri, registrableCallbackUri, type CallbackHost } from '../oauth/callbackChannel.ts';
import { probeClient, type ClientProbe } from '../oauth/clientProbe.ts';
import {
  redirectUrisToRegister,
  registerClient,
  type ClientRegistration,
} from '../oauth/clientRegistration.ts';
import { siteEndpoints } from '../oauth/issuer.ts';
import type { RecordFlow } from '../transcript/transcript.ts';
import type { Connection } from './connection.ts';
import type { ConnectionProgress } from './connectionProgress.ts';
import type { ConnectionService } from './connectionService.ts';
import type { RegisteredClient, RegisteredClients } from './registeredClients.ts';
import type { Servers } from './servers.ts';

export interface ClientServiceDependencies {
  readonly connections: ConnectionService;
  readonly servers: Servers;
  readonly registeredClients: RegisteredClients;
  readonly progress: ConnectionProgress;
  readonly callbackHost: CallbackHost;
  readonly clock: Clock;
  /** Remembers what goes over the wire. */
  readonly record?: RecordFlow;
}

/** The OAuth client of a connection: registering it at OpenEMR, and finding out whether it works. */
export class ClientService {
  readonly #dependencies: ClientServiceDependencies;

  constructor(dependencies: ClientServiceDependencies) {
    this.#dependencies = dependencies;
  }

  /** The clients that this workbench registered at the connection's site, newest first. */
  registeredAt(connection: Connection): RegisteredClient[] {
    return this.#dependencies.registeredClients.at(connection);
  }

  /**
   * Registers a client for a connection (RFC 7591) and saves the connection with its id and secret. Where the server
   * refuses, nothing is saved.
   *
   * Throws WorkbenchError `registration/*`, `connection/would-lose-settings` (a login of the former client would
   * end), `discovery/*`, `network/*`, `tls/*`, `storage/*`.
   */
  async register(
    connection: Connection,
    options: { mayEndSession: boolean },
    signal?: AbortSignal,
  ): Promise<Connection> {
    const { connections, registeredClients, clock } = this.#dependencies;
    const state = await connections.state(connection);
    if (state.kind !== 'none' && !options.mayEndSession)
      throw new WorkbenchError('connection/would-lose-settings');
    const clientName = `OpenEMR Workbench (${connection.name})`;
    const { record } = this.#dependencies;
    const send = () => this.#register(connection, clientName, signal);
    const registration = await (record ? record('registration', connection.id, send) : send());
    const registered: Connection = {
      ...connection,
      clientId: registration.clientId,
      registeredRedirectUris: [...registration.redirectUris],
      registeredScopes: [...registration.scopes],
    };
    await registeredClients.add({
      clientId: registration.clientId,
      clientName,
      baseUrl: connection.baseUrl,
      site: connection.site,
      connectionId: connection.id,
      registeredAt: clock.now(),
    });
    await connections.save(registered, { clientSecret: registration.clientSecret, mayEndSession: true });
    return registered;
  }

  /** A server that refuses the editor's own scheme gets the loopback address alone. */
  async #register(
    connection: Connection,
    clientName: string,
    signal?: AbortSignal,
  ): Promise<ClientRegistration> {
    const { servers } = this.#dependencies;
    const metadata = await servers.metadata(connection, signal);
    const redirectUris = await this.#redirectUris(connection);
    const request = {
      clientName,
      clientType: connection.clientType,
      postLogoutRedirectUri: loopbackRedirectUri,
      scopes: connection.scopes,
    };
    const transport = servers.transport(connection);
    try {
      return await registerClient(transport, metadata, { ...request, redirectUris }, signal);
    } catch (error) {
      if (!isWorkbenchError(error, 'registration/redirect-refused') || redirectUris.length === 1) throw error;
      const loopbackAlone = { ...request, redirectUris: [loopbackRedirectUri] };
      return registerClient(transport, metadata, loopbackAlone, signal);
    }
  }

  /**
   * Which addresses the client is registered with. In a browser host the editor's address differs at each login,
   * which OpenEMR does not accept: it is registered only for those who chose that way.
   */
  async #redirectUris(connection: Connection): Promise<readonly string[]> {
    const { callbackHost, servers } = this.#dependencies;
    const schemeUri = await registrableCallbackUri(callbackHost);
    const isUsable = !/^https?:/.test(schemeUri) || connection.callback === 'vscode-uri';
    const openEmrVersion = servers.lastDiscovery(connection)?.openEmrVersion;
    return redirectUrisToRegister({
      ...(isUsable ? { schemeUri } : {}),
      loopbackUri: loopbackRedirectUri,
      ...(openEmrVersion ? { openEmrVersion } : {}),
    });
  }

  /**
   * Asks, without a login and without a trace on the server, what it knows of the client.
   *
   * Throws WorkbenchError `connection/client-missing`, `discovery/*`, `network/*`, `tls/*`.
   */
  async check(connection: Connection, signal?: AbortSignal): Promise<ClientProbe> {
    const { servers, connections, progress } = this.#dependencies;
    if (!connection.clientId) throw new WorkbenchError('connection/client-missing');
    const metadata = await servers.metadata(connection, signal);
    const clientSecret = await connections.clientSecret(connection);
    const probe = await probeClient(
      servers.transport(connection),
      metadata,
      {
        clientId: connection.clientId,
        ...(clientSecret ? { clientSecret } : {}),
        redirectUri: await this.#redirectUriToProbe(connection),
        scope: connection.scopes.join(' '),
        fhirBaseUrl: siteEndpoints(connection).fhirBaseUrl,
        clientType: connection.clientType,
      },
      signal,
    );
    // A server that says nothing of the client takes nothing back that was known of it.
    if (probe.isEnabled !== undefined || probe.isKnown === false) {
      await progress.learnClientState(connection, clientStateOf(probe));
    }
    return probe;
  }

  async #redirectUriToProbe(connection: Connection): Promise<string> {
    const { callbackHost } = this.#dependencies;
    return connection.callback === 'vscode-uri' ? registrableCallbackUri(callbackHost) : loopbackRedirectUri;
  }
}

function clientStateOf({ isKnown, isEnabled }: ClientProbe): 'unknown' | 'disabled' | 'enabled' {
  if (isKnown === false || isEnabled === undefined) return 'unknown';
  return isEnabled ? 'enabled' : 'disabled';
}
