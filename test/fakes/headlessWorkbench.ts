import { randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { systemClock } from '../../src/core/base/clock.ts';
import { DisposableStore } from '../../src/core/base/disposable.ts';
import { ClientSecrets } from '../../src/core/connection/clientSecrets.ts';
import { ClientService } from '../../src/core/connection/clientService.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import { ConnectionProgress } from '../../src/core/connection/connectionProgress.ts';
import { ConnectionService } from '../../src/core/connection/connectionService.ts';
import { ConnectionStore } from '../../src/core/connection/connectionStore.ts';
import { RegisteredClients } from '../../src/core/connection/registeredClients.ts';
import { Servers } from '../../src/core/connection/servers.ts';
import { SessionService } from '../../src/core/connection/sessionService.ts';
import { TestService } from '../../src/core/connection/testService.ts';
import { withRetry } from '../../src/core/http/retryPolicy.ts';
import { callbackChannels, type CallbackHost } from '../../src/core/oauth/callbackChannel.ts';
import { CallbackInbox } from '../../src/core/oauth/callbackInbox.ts';
import { PreparedCodeExchange } from '../../src/core/oauth/codeExchange.ts';
import { Login } from '../../src/core/oauth/login.ts';
import type { LoginUi } from '../../src/core/oauth/loginUi.ts';
import { PendingLogins } from '../../src/core/oauth/pendingLogins.ts';
import { TokenLifecycle } from '../../src/core/oauth/tokenLifecycle.ts';
import { TokenStore } from '../../src/core/oauth/tokenStore.ts';
import { GuardedSecretStore } from '../../src/core/storage/guardedSecretStore.ts';
import { SessionIndex } from '../../src/core/storage/sessionIndex.ts';
import { CallbackHandover } from '../../src/platform/callbackHandover.ts';
import { FileDocument } from '../../src/platform/fileDocument.ts';
import { FileLock } from '../../src/platform/fileLock.ts';
import { freePort } from '../../src/platform/freePort.ts';
import { listenOnLoopback } from '../../src/platform/loopbackListener.ts';
import { createTransportFor } from '../../src/platform/transports.ts';
import { FakeMemento, FakeSecretStorage } from './extensionContext.ts';
import { MemoryLog, MemorySettings } from './memoryStorage.ts';

const schemeUri = 'vscode://emr-workbench.openemr-workbench/callback';
const loadOpenIdClient = () => import('../../src/core/oauth/openIdClient.ts');

/** A login that nobody watches. */
export const silentUi: LoginUi = {
  report: () => undefined,
  channelPassedOver: () => undefined,
  askAboutPendingLogin: () => Promise.resolve('takeOver'),
  offer: () => undefined,
  note: () => undefined,
};

export interface HeadlessWorkbench {
  readonly connections: ConnectionService;
  readonly servers: Servers;
  readonly clients: ClientService;
  readonly sessions: SessionService;
  readonly tests: TestService;
  dispose(): Promise<void>;
}

/**
 * The real core on the real platform, without an editor: settings and secrets are in memory, and pages "open" in the
 * hands of `openPage`, which has to bring the browser's answer back itself.
 */
export async function createHeadlessWorkbench(
  openPage: (url: string) => Promise<void>,
): Promise<HeadlessWorkbench> {
  const folder = await mkdtemp(join(tmpdir(), 'workbench-'));
  const owned = new DisposableStore();
  const clock = systemClock;
  const state = new FakeMemento();
  const lock = new FileLock(join(folder, 'locks'));
  const index = new SessionIndex(new FileDocument(join(folder, 'index.json'), lock, clock));
  const window = { id: randomUUID(), startedAt: performance.timeOrigin, sharesSecrets: true };
  const secrets = new GuardedSecretStore(new FakeSecretStorage(), index, window, clock);
  const transportFor = owned.add(createTransportFor({ clock }));
  const servers = new Servers((trust) => withRetry(transportFor(trust)));
  const tokens = new TokenLifecycle(new TokenStore(secrets, index, window, clock), lock, clock);
  const store = new ConnectionStore(new MemorySettings());
  const connections = new ConnectionService(store, new ClientSecrets(secrets), tokens, servers);
  const progress = new ConnectionProgress(state);

  const donePage = { language: 'en', title: 'Done', text: 'Done' };
  const callbackHost: CallbackHost = {
    isBrowserHost: false,
    schemeUri,
    externalCallbackUri: () => Promise.resolve(schemeUri),
    listen: (options) => listenOnLoopback({ ...options, donePage }),
    freePort,
  };
  const pendingLogins = new PendingLogins(secrets, index, clock);
  const handover = new CallbackHandover(join(folder, 'callbacks'), clock);
  const inbox = owned.add(new CallbackInbox(pendingLogins, handover, clock, new MemoryLog()));
  const exchange = new PreparedCodeExchange({
    loadOpenIdClient,
    clientSecret: ({ connection }) => connections.clientSecret(connection),
    now: () => clock.now(),
  });
  const browser = { open: (url: string) => openPage(url).then(() => true) };
  const login = owned.add(
    new Login({
      ...{ inbox, pendingLogins, browser, exchange, clock },
      channels: callbackChannels(callbackHost),
      windowId: window.id,
    }),
  );
  const sessions = new SessionService({
    ...{ connections, servers, tokens, login, pendingLogins, progress, loadOpenIdClient, clock },
  });
  const registeredClients = new RegisteredClients(state);
  return {
    connections,
    servers,
    sessions,
    clients: new ClientService({ connections, servers, progress, callbackHost, clock, registeredClients }),
    tests: new TestService({
      ...{ connections, sessions, servers, progress, clock },
      readCertificate: () => undefined,
    }),
    dispose: async () => {
      owned.dispose();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** A connection as the panel would save it before anything was registered. */
export function newConnection(
  address: Pick<Connection, 'baseUrl' | 'site' | 'pinnedCertificate' | 'caFile'>,
  scopes: readonly string[],
): Connection {
  return {
    ...address,
    id: randomUUID(),
    name: 'Headless',
    clientType: 'confidential',
    scopes: [...scopes],
    callback: 'loopback',
  };
}
