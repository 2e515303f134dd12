import { isLoopbackHost } from '../core/connection/address.ts';
import type { ClientService } from '../core/connection/clientService.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import type { HttpTransport } from '../core/http/httpTransport.ts';
import { defaultScopesFor } from '../core/oauth/scope.ts';
import type { SandboxAddress } from './sandboxProcess.ts';

const connectionId = 'sandbox';
/** Where somebody gave a connection to a server of their own that id. */
const otherConnectionId = 'workbench-sandbox';

export interface SandboxConnectionDependencies {
  readonly connections: ConnectionService;
  readonly clients: ClientService;
  readonly transport: HttpTransport;
}

/**
 * Makes a connection to a sandbox that just started, ready for a login. The sandbox forgets its clients when it
 * stops, so each start registers a new one and enables it, as an administrator would; what was chosen for the
 * connection stays.
 *
 * Throws WorkbenchError `sandbox/failed`, `registration/*`, `network/*`, `storage/*`.
 */
export async function connectToSandbox(
  address: SandboxAddress,
  name: string,
  { connections, clients, transport }: SandboxConnectionDependencies,
  signal?: AbortSignal,
): Promise<Connection> {
  const connection: Connection = {
    ...(formerConnection(connections) ?? newConnection(name, connections)),
    baseUrl: address.baseUrl,
    site: 'default',
  };
  await connections.save(connection, { mayEndSession: true });
  const registered = await clients.register(connection, { mayEndSession: true }, signal);
  const url = `${address.baseUrl}/sandbox/clients/${registered.clientId ?? ''}/enable`;
  const { status } = await transport.send({ method: 'POST', url, signal });
  if (status >= 300) throw new WorkbenchError('sandbox/failed', { details: { reason: `status ${status}` } });
  await clients.check(registered, signal);
  return registered;
}

function newConnection(name: string, connections: ConnectionService): Connection {
  return {
    ...{ id: connections.find(connectionId) ? otherConnectionId : connectionId, name },
    ...{ baseUrl: '', site: 'default', clientType: 'confidential', callback: 'automatic' },
    scopes: [...defaultScopesFor('confidential')],
  };
}

/** What was chosen for the connection, without what belonged to a sandbox that is gone. */
function formerConnection(connections: ConnectionService): Connection | undefined {
  const isOurs = ({ id, baseUrl }: Connection): boolean =>
    [connectionId, otherConnectionId].includes(id) && isLoopbackHost(new URL(baseUrl).hostname);
  const former = connections.all().find(isOurs);
  if (!former) return undefined;
  const { id, name, baseUrl, site, clientType, scopes, callback, environment } = former;
  return {
    ...{ id, name, baseUrl, site, clientType, scopes, callback },
    ...(environment ? { environment } : {}),
  };
}
