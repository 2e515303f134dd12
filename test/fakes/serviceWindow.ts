import { ClientSecrets } from '../../src/core/connection/clientSecrets.ts';
import { ClientService } from '../../src/core/connection/clientService.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import { ConnectionProgress } from '../../src/core/connection/connectionProgress.ts';
import { ConnectionService } from '../../src/core/connection/connectionService.ts';
import { ConnectionStore } from '../../src/core/connection/connectionStore.ts';
import { RegisteredClients } from '../../src/core/connection/registeredClients.ts';
import { Servers } from '../../src/core/connection/servers.ts';
import { SessionService } from '../../src/core/connection/sessionService.ts';
import { callbackChannels, type CallbackHost } from '../../src/core/oauth/callbackChannel.ts';
import { PreparedCodeExchange } from '../../src/core/oauth/codeExchange.ts';
import { Login } from '../../src/core/oauth/login.ts';
import type { LoginActions, LoginUi } from '../../src/core/oauth/loginUi.ts';
import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { freePort } from '../../src/platform/freePort.ts';
import { listenOnLoopback } from '../../src/platform/loopbackListener.ts';
import { CoreWindow, type SharedMachine } from './coreWindow.ts';
import { Deferred } from './deferred.ts';
import { FakeMemento } from './extensionContext.ts';
import { MemorySettings } from './memoryStorage.ts';

const schemeUri = 'vscode://emr-workbench.openemr-workbench/callback';
const donePage = { language: 'en', title: 'OpenEMR Workbench', text: 'Done.' };
const loadOpenIdClient = () => import('../../src/core/oauth/openIdClient.ts');

/** Remembers what a login says, and answers its question. */
export class RecordingUi implements LoginUi {
  readonly said: string[] = [];
  readonly #offered = new Deferred<LoginActions>();
  readonly offered = this.#offered.promise;
  answer: 'wait' | 'takeOver' | 'cancel' = 'cancel';

  readonly report = (stage: string) => void this.said.push(stage);
  readonly channelPassedOver = (kind: string, { code }: Error & { code: string }) =>
    void this.said.push(`${kind} passed over: ${code}`);
  readonly note = ({ code }: Error & { code: string }) => void this.said.push(`note: ${code}`);
  readonly offer = (actions: LoginActions) => this.#offered.resolve(actions);

  askAboutPendingLogin(): Promise<'wait' | 'takeOver' | 'cancel'> {
    this.said.push('asked');
    return Promise.resolve(this.answer);
  }
}

/** The services of one window, over real HTTP and real listeners; only the browser is the test's. */
export class ServiceWindow extends CoreWindow {
  readonly opened: string[] = [];
  readonly settings: MemorySettings;
  readonly clientSecrets: ClientSecrets;
  readonly servers = new Servers(() => createFetchTransport());
  readonly progress = new ConnectionProgress(new FakeMemento());
  readonly registeredClients = new RegisteredClients(new FakeMemento());
  readonly connections: ConnectionService;
  readonly login: Login;
  readonly sessions: SessionService;
  readonly clients: ClientService;
  readonly #pages: ((url: string) => void)[] = [];

  constructor(
    machine: SharedMachine,
    id = 'a',
    settings = new MemorySettings(),
    { sharesSecrets, ...host }: Partial<CallbackHost> & { readonly sharesSecrets?: boolean } = {},
  ) {
    super(machine, id, sharesSecrets);
    const { clock } = machine;
    const { servers, tokens, pendingLogins, inbox, progress, registeredClients } = this;
    this.settings = settings;
    this.clientSecrets = new ClientSecrets(this.secrets);
    this.connections = new ConnectionService(
      new ConnectionStore(settings),
      this.clientSecrets,
      tokens,
      servers,
    );
    const { connections } = this;
    const callbackHost: CallbackHost = {
      isBrowserHost: false,
      schemeUri,
      externalCallbackUri: () => Promise.resolve(`${schemeUri}?windowId=1`),
      listen: (options) => listenOnLoopback({ ...options, donePage }),
      freePort,
      ...host,
    };
    const exchange = new PreparedCodeExchange({
      loadOpenIdClient,
      clientSecret: ({ connection }) => connections.clientSecret(connection),
      now: Date.now,
    });
    this.login = new Login({
      channels: callbackChannels(callbackHost),
      ...{ inbox, pendingLogins, exchange, clock, windowId: id },
      browser: { open: (url) => this.#open(url) },
    });
    const { login } = this;
    this.sessions = new SessionService({
      ...{ connections, servers, tokens, login, pendingLogins, progress, loadOpenIdClient, clock },
    });
    this.clients = new ClientService({
      ...{ connections, servers, registeredClients, progress, callbackHost, clock },
    });
  }

  /** The next page that is opened in the browser. */
  nextPage(): Promise<string> {
    return new Promise((resolve) => this.#pages.push(resolve));
  }

  async #open(url: string): Promise<boolean> {
    await Promise.resolve();
    this.opened.push(url);
    this.#pages.shift()?.(url);
    return true;
  }

  /** A connection whose client is registered and enabled at a sandbox. */
  async connect(sandbox: { baseUrl: string }, changes: Partial<Connection> = {}): Promise<Connection> {
    const connection: Connection = {
      ...{ id: 'c1', name: 'Clinic', baseUrl: sandbox.baseUrl, site: 'default' },
      ...{ clientType: 'confidential', scopes: [...defaultScopesFor('confidential')], callback: 'loopback' },
      ...changes,
    };
    const registered = await this.clients.register(connection, { mayEndSession: true });
    await fetch(`${sandbox.baseUrl}/sandbox/clients/${registered.clientId ?? ''}/enable`, { method: 'POST' });
    return registered;
  }
}
