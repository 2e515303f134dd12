import { AutomaticRefresh } from '../../src/core/connection/automaticRefresh.ts';
import { tokenOwnerOf, ConnectionService } from '../../src/core/connection/connectionService.ts';
import { ConnectionProgress } from '../../src/core/connection/connectionProgress.ts';
import { ConnectionStore } from '../../src/core/connection/connectionStore.ts';
import { ClientSecrets } from '../../src/core/connection/clientSecrets.ts';
import { Servers } from '../../src/core/connection/servers.ts';
import { SessionService } from '../../src/core/connection/sessionService.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { HttpTransport } from '../../src/core/http/httpTransport.ts';
import type { Login } from '../../src/core/oauth/login.ts';
import * as openIdClient from '../../src/core/oauth/openIdClient.ts';
import { PendingLogins } from '../../src/core/oauth/pendingLogins.ts';
import { defaultSessionSettings } from '../../src/core/oauth/sessionSettings.ts';
import { TokenLifecycle } from '../../src/core/oauth/tokenLifecycle.ts';
import { TokenStore } from '../../src/core/oauth/tokenStore.ts';
import type { ConnectionSettings, KeyValueStore } from '../../src/core/ports.ts';
import { GuardedSecretStore } from '../../src/core/storage/guardedSecretStore.ts';
import { SessionIndex } from '../../src/core/storage/sessionIndex.ts';
import type { Random } from './random.ts';
import { scope, type SimulatedServer } from './simulatedServer.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';
import type { SimulatedStorage } from './simulatedStorage.ts';
import type { SimulatedTime } from './simulatedTime.ts';

export interface SimulatedWindowOptions {
  readonly id: string;
  readonly process: SimulatedProcess;
  readonly time: SimulatedTime;
  readonly random: Random;
  readonly storage: SimulatedStorage;
  readonly transport: HttpTransport;
  readonly settings: ConnectionSettings;
}

const silent = () => undefined;
const log = { debug: silent, info: silent, warn: silent, error: silent };

/** The core of the workbench as one window builds it, with every edge simulated. */
export class SimulatedWindow {
  readonly process: SimulatedProcess;
  readonly automatic: AutomaticRefresh;
  isFocused = false;
  readonly #tokens: TokenLifecycle;

  constructor(options: SimulatedWindowOptions) {
    const { id, process, time, random, storage, transport, settings } = options;
    this.process = process;
    const clock = process;
    const identity = { id, startedAt: clock.now(), sharesSecrets: true, arrivalDelaysMs: [30, 100, 300] };
    const index = new SessionIndex(storage.documentFor(process));
    const lock = storage.lockFor(process);
    const secrets = new GuardedSecretStore(storage.secretsFor(process), index, identity, clock);
    const servers = new Servers(() => transport);
    this.#tokens = new TokenLifecycle(new TokenStore(secrets, index, identity, clock), lock, clock, {
      random: random.next,
      log,
    });
    const tokens = this.#tokens;
    const clientSecrets = new ClientSecrets(secrets);
    const connections = new ConnectionService(new ConnectionStore(settings), clientSecrets, tokens, servers);
    const pendingLogins = new PendingLogins(secrets, index, clock);
    const sessions = new SessionService({
      ...{ connections, servers, tokens, pendingLogins, clock },
      login: undefined as unknown as Login,
      progress: new ConnectionProgress(noState),
      loadOpenIdClient: () => Promise.resolve({ ...openIdClient, refreshTokens: movingTime(time) }),
    });
    // Settings do not change here, and reading them takes most of the time.
    const all = connections.all();
    this.automatic = new AutomaticRefresh({
      connections: { all: () => all, connectionChanged: connections.connectionChanged },
      ...{ sessions, tokens, pendingLogins, index, clock, log },
      settings: () => defaultSessionSettings,
      attention: () => ({ focused: this.isFocused, active: this.isFocused }),
      random: random.next,
    });
  }

  /** A person signs in here. */
  async logIn(connection: Connection, server: SimulatedServer, time: SimulatedTime): Promise<void> {
    const grant = await time.whileStandingStill(() => server.logIn());
    await this.#tokens.signedIn(tokenOwnerOf(connection), grant, scope);
  }
}

const noState: KeyValueStore = { get: () => undefined, update: () => Promise.resolve() };

/** The library computes in real time; what it waits for takes simulated time. */
function movingTime(time: SimulatedTime): typeof openIdClient.refreshTokens {
  return (options) =>
    time.whileStandingStill(() =>
      openIdClient.refreshTokens({
        ...options,
        transport: {
          ...options.transport,
          send: (request) => time.whileMoving(() => options.transport.send(request)),
        },
      }),
    );
}
