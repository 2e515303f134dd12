// A window of its own process: keeps one connection signed in until it is killed, and tells when it asks the server.
import { systemClock } from '../../src/core/base/clock.ts';
import { AutomaticRefresh } from '../../src/core/connection/automaticRefresh.ts';
import { ClientSecrets } from '../../src/core/connection/clientSecrets.ts';
import { ConnectionProgress } from '../../src/core/connection/connectionProgress.ts';
import { ConnectionService } from '../../src/core/connection/connectionService.ts';
import { ConnectionStore } from '../../src/core/connection/connectionStore.ts';
import { Servers } from '../../src/core/connection/servers.ts';
import { SessionService } from '../../src/core/connection/sessionService.ts';
import type { HttpTransport } from '../../src/core/http/httpTransport.ts';
import type { Login } from '../../src/core/oauth/login.ts';
import * as openIdClient from '../../src/core/oauth/openIdClient.ts';
import { PendingLogins } from '../../src/core/oauth/pendingLogins.ts';
import { defaultSessionSettings } from '../../src/core/oauth/sessionSettings.ts';
import { TokenLifecycle } from '../../src/core/oauth/tokenLifecycle.ts';
import { TokenStore } from '../../src/core/oauth/tokenStore.ts';
import { GuardedSecretStore } from '../../src/core/storage/guardedSecretStore.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { watchFile } from '../../src/platform/fileWatch.ts';
import { MemorySettings } from '../fakes/memoryStorage.ts';
import { machineIn } from './machineFolder.ts';

const [, , folder = '', id = '', connectionText = ''] = process.argv;
const { lock, index, indexFile, secrets: stored } = machineIn(folder);
const identity = { id, startedAt: Date.now(), sharesSecrets: true, arrivalDelaysMs: [30, 100, 300] };
const clock = systemClock;
const secrets = new GuardedSecretStore(stored, index, identity, clock);
const tokens = new TokenLifecycle(new TokenStore(secrets, index, identity, clock), lock, clock);
const fetchTransport = createFetchTransport();
const transport: HttpTransport = {
  send: (request) => {
    if (request.method === 'POST') process.send?.({ asks: true });
    return fetchTransport.send(request);
  },
  stream: (request) => fetchTransport.stream(request),
};
const servers = new Servers(() => transport);
const settings = new MemorySettings([JSON.parse(connectionText)]);
const connections = new ConnectionService(
  new ConnectionStore(settings),
  new ClientSecrets(secrets),
  tokens,
  servers,
);
const pendingLogins = new PendingLogins(secrets, index, clock);
const sessions = new SessionService({
  ...{ connections, servers, tokens, pendingLogins, clock },
  login: undefined as unknown as Login,
  progress: new ConnectionProgress({ get: () => undefined, update: () => Promise.resolve() }),
  loadOpenIdClient: () => Promise.resolve(openIdClient),
});
const silent = () => undefined;
const automatic = new AutomaticRefresh({
  ...{ connections, sessions, tokens, pendingLogins, index, clock },
  settings: () => defaultSessionSettings,
  attention: () => ({ focused: false, active: false }),
  log: { debug: silent, info: silent, warn: silent, error: silent },
});
watchFile(indexFile, () => void automatic.check());
await automatic.check();
// The timers and the watcher of an editor's window would not keep a process alive.
setInterval(silent, 60_000);
