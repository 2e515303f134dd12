import { AccessTokens } from '../../../src/core/connection/accessTokens.ts';
import { AutomaticRefresh } from '../../../src/core/connection/automaticRefresh.ts';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { tokenOwnerOf } from '../../../src/core/connection/connectionService.ts';
import type { SessionService } from '../../../src/core/connection/sessionService.ts';
import { EventEmitter } from '../../../src/core/base/event.ts';
import { defaultSessionSettings, type SessionSettings } from '../../../src/core/oauth/sessionSettings.ts';
import type { RefreshGrant } from '../../../src/core/oauth/tokenRefresh.ts';
import { CoreWindow, grantAt, type SharedMachine } from '../../fakes/coreWindow.ts';

export const connection: Connection = {
  id: 'c1',
  name: 'Clinic A',
  baseUrl: 'https://emr.example.org',
  site: 'default',
  clientType: 'confidential',
  clientId: 'client',
  scopes: ['openid'],
  callback: 'automatic',
};

/** A window with everything that keeps a login alive; the token endpoint counts and answers as the test says. */
export class KeptWindow {
  readonly core: CoreWindow;
  readonly automatic: AutomaticRefresh;
  readonly accessTokens: AccessTokens;
  readonly ended: string[] = [];
  settings: SessionSettings = defaultSessionSettings;
  attention = { focused: true, active: true };
  requests = 0;
  answer: RefreshGrant = () => Promise.resolve(grantAt(this.#machine.clock, `n${this.requests}`));
  readonly #machine: SharedMachine;

  constructor(machine: SharedMachine, id = 'a') {
    this.#machine = machine;
    this.core = new CoreWindow(machine, id);
    const { tokens, pendingLogins, log } = this.core;
    const { clock, index } = machine;
    const owner = tokenOwnerOf(connection);
    const grant: RefreshGrant = (...given) => {
      this.requests++;
      return this.answer(...given);
    };
    const sessions = {
      tokens: () => tokens.tokens(owner),
      refresh: () => tokens.refresh(owner, grant),
      refreshWhenDue: (_id: string, isDue: () => boolean) => tokens.refresh(owner, grant, { isDue }),
      sessionEnded: (_connection: Connection, reason: 'fhir/signed-out') =>
        tokens.requireReauthentication('c1', reason),
    } as unknown as SessionService;
    const changes = new EventEmitter<string | undefined>();
    tokens.tokenSetChanged(({ connectionId }) => changes.fire(connectionId));
    this.automatic = new AutomaticRefresh({
      connections: { all: () => [connection], connectionChanged: changes.event },
      ...{ sessions, tokens, pendingLogins, index, clock, log },
      settings: () => this.settings,
      attention: () => this.attention,
      random: () => 0.5,
    });
    this.automatic.onDidEndSession(({ reason }) => this.ended.push(reason));
    this.accessTokens = new AccessTokens({
      ...{ sessions, clock, automaticRefresh: this.automatic },
      session: (connectionId) => index.session(connectionId),
      settings: () => this.settings,
    });
  }

  logIn(name = '1', changes = {}): Promise<unknown> {
    return this.core.tokens.signedIn(
      tokenOwnerOf(connection),
      grantAt(this.#machine.clock, name, changes),
      'openid',
    );
  }

  state() {
    return this.core.tokens.state(tokenOwnerOf(connection));
  }
}
