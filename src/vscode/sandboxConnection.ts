import type { ClientService } from '../core/connection/clientService.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import type { HttpTransport } from '../core/http/httpTransport.ts';
import { defaultScopesFor } from '../core/oauth/scope.ts';
import type { SandboxAddress } from './sandboxProcess.ts';

const connectionId = 'sandbox';

export interface SandboxConnectionDependencies {
  readonly connections: ConnectionService;
  readonly clients: ClientService;
  readonly transport: HttpTransport;
}

/**
 * Makes a connection to a sandbox that just started, ready for a login. The sandbox forgets its clients when it
 * stops, so each start registers a new one and enables it, as an administrator would.
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
    id: connectionId,
    name: connections.find(connectionId)?.name ?? name,
    baseUrl: address.baseUrl,
    site: 'default',
    clientType: 'confidential',
    scopes: [...defaultScopesFor('confidential')],
    callback: 'automatic',
  };
  await connections.save(connection, { mayEndSession: true });
  const registered = await clients.register(connection, { mayEndSession: true }, signal);
  const url = `${address.baseUrl}/sandbox/clients/${registered.clientId ?? ''}/enable`;
  const { status } = await transport.send({ method: 'POST', url, signal });
  if (status >= 300) throw new WorkbenchError('sandbox/failed', { details: { reason: `status ${status}` } });
  await clients.check(registered, signal);
  return registered;
}
