import type { Clock } from '../base/clock.ts';
import { isWorkbenchError, toWorkbenchError, WorkbenchError, type ErrorCode } from '../base/errors.ts';
import type { LoginSubject, LoginResult, Login } from '../oauth/login.ts';
import type { LoginUi } from '../oauth/loginUi.ts';
import { endSession } from '../oauth/logout.ts';
import type { PendingLogins } from '../oauth/pendingLogins.ts';
import { parseAuthorizationResponse } from '../oauth/authorizationResponse.ts';
import type { HttpTransport } from '../http/httpTransport.ts';
import type { ClientCredentials } from '../oauth/introspection.ts';
import { siteEndpoints } from '../oauth/issuer.ts';
import { fateOfPair } from '../oauth/pairFate.ts';
import type { TokenLifecycle } from '../oauth/tokenLifecycle.ts';
import type { RefreshGrant, RefreshOptions } from '../oauth/tokenRefresh.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import { loopbackRedirectUri } from '../oauth/callbackChannel.ts';
import type { RecordFlow } from '../transcript/transcript.ts';
import { clientKeyOf } from './binding.ts';
import type { Connection } from './connection.ts';
import type { ConnectionProgress } from './connectionProgress.ts';
import { tokenOwnerOf, type ConnectionService } from './connectionService.ts';
import type { Servers } from './servers.ts';

type OpenIdClient = typeof import('../oauth/openIdClient.ts');

export interface SessionServiceDependencies {
  readonly connections: ConnectionService;
  readonly servers: Servers;
  readonly tokens: TokenLifecycle;
  readonly login: Login;
  readonly pendingLogins: PendingLogins;
  readonly progress: ConnectionProgress;
  readonly loadOpenIdClient: () => Promise<OpenIdClient>;
  readonly clock: Clock;
  /** Remembers what goes over the wire. */
  readonly record?: RecordFlow;
}

export interface LogOutResult {
  /** Whether OpenEMR confirmed the end of the session; locally it is over in any case. */
  readonly endedOnServer: boolean;
  /** Other connections of the same user and client, which OpenEMR signed out with this one. */
  readonly alsoEnded: readonly Connection[];
}

/** Logging in, refreshing, logging out: what people do with a connection's session. */
export class SessionService {
  readonly #dependencies: SessionServiceDependencies;

  constructor(dependencies: SessionServiceDependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws WorkbenchError `connection/*`, `discovery/*`, `authorization/*`, `grant/*`, `id-token/invalid`, … */
  async logIn(connectionId: string, ui: LoginUi, signal: AbortSignal): Promise<TokenSet> {
    const { connections, tokens, login } = this.#dependencies;
    const connection = connections.get(connectionId);
    return this.#recorded('login', connectionId, async () => {
      const subject = await this.#subject(connection, signal);
      return tokens.whileAuthorizing(connectionId, async () => {
        const keep = (result: LoginResult) => this.#signedIn(connection, result);
        return (await login.run({ subject, ui, signal, keep })) ?? this.#storedTokens(connection);
      });
    });
  }

  /**
   * Finishes a login whose own window is gone, from the browser's answer alone; answers with its connection.
   *
   * Throws WorkbenchError `authorization/*`, `connection/*`, `grant/*`, `id-token/invalid`, `network/*`.
   */
  async finishLogin(callbackUrl: string): Promise<Connection> {
    const { connections, pendingLogins, login } = this.#dependencies;
    const { state } = parseAuthorizationResponse(callbackUrl);
    if (state === undefined) throw new WorkbenchError('authorization/unsolicited');
    return pendingLogins.take(state, async (pending) => {
      const connection = connections.get(pending.connectionId);
      const subject = await this.#subject(connection);
      await this.#signedIn(connection, await login.finish(subject, pending, callbackUrl));
      return connection;
    });
  }

  /** Throws WorkbenchError `token/none`, `refresh/*`, `grant/client-refused`, `network/*`, `storage/*`. */
  async refresh(connectionId: string, signal?: AbortSignal): Promise<TokenSet> {
    return this.#refresh(connectionId, { signal });
  }

  /** Refreshes without having been asked: only where `isDue` says so of the pair that is stored by then. Throws as {@link refresh}. */
  async refreshWhenDue(connectionId: string, isDue: NonNullable<RefreshOptions['isDue']>): Promise<TokenSet> {
    return this.#refresh(connectionId, { isDue });
  }

  async #refresh(connectionId: string, options: RefreshOptions): Promise<TokenSet> {
    const { connections, tokens } = this.#dependencies;
    const connection = connections.get(connectionId);
    const fateOf = this.#fateOf(connection);
    return this.#recorded('refresh', connectionId, () =>
      tokens.refresh(tokenOwnerOf(connection), this.#refreshGrant(connection), { ...options, fateOf }),
    );
  }

  readonly #recorded: RecordFlow = (kind, connectionId, operation) => {
    const { record } = this.#dependencies;
    return record ? record(kind, connectionId, operation) : operation();
  };

  /** The connection's tokens, or `undefined` when signed out. Throws WorkbenchError `storage/*`. */
  tokens(connection: Connection): Promise<TokenSet | undefined> {
    return this.#dependencies.tokens.tokens(tokenOwnerOf(connection));
  }

  /** What a login that another window finished left here. Throws WorkbenchError `token/none`, `storage/*`. */
  async #storedTokens(connection: Connection): Promise<TokenSet> {
    const tokens = await this.tokens(connection);
    if (!tokens) throw new WorkbenchError('token/none');
    return tokens;
  }

  /** Removes what is stored of a login, without asking the server. Throws WorkbenchError `storage/*`. */
  forget(connection: Connection): Promise<void> {
    return this.#dependencies.tokens.signOut(connection.id);
  }

  /** The server said that this session is over. */
  async sessionEnded(connection: Connection, reason: ErrorCode): Promise<void> {
    await this.#dependencies.tokens.requireReauthentication(connection.id, reason);
  }

  /** Signed-in connections that a logout of this one would end too: OpenEMR ends all of a user and client. */
  async sharingSession(connectionId: string): Promise<Connection[]> {
    const { connections } = this.#dependencies;
    const connection = connections.get(connectionId);
    const ownTokens = await this.#tokensIfReadable(connection);
    const sharing: Connection[] = [];
    for (const other of connections.all()) {
      if (other.id === connectionId || clientKey(other) !== clientKey(connection)) continue;
      if ((await connections.state(other)).kind === 'reauthenticationRequired') continue;
      const tokens = await this.#tokensIfReadable(other);
      if (tokens && ownTokens && isSameUser(tokens, ownTokens)) sharing.push(other);
    }
    return sharing;
  }

  /**
   * Ends the session at OpenEMR (OpenID Connect RP-Initiated Logout, by GET) and wipes it here in any case.
   *
   * Throws WorkbenchError `connection/not-found`, `storage/*`; never for what the server or network does.
   */
  async logOut(connectionId: string, signal?: AbortSignal): Promise<LogOutResult> {
    const { connections, tokens } = this.#dependencies;
    const connection = connections.get(connectionId);
    const sharing = await this.sharingSession(connectionId);
    const endedOnServer = await this.#endOnServer(connection, sharing, signal);
    await tokens.signOut(connectionId);
    if (!endedOnServer) return { endedOnServer, alsoEnded: [] };
    for (const other of sharing) await tokens.requireReauthentication(other.id, 'fhir/signed-out');
    return { endedOnServer, alsoEnded: sharing };
  }

  async #endOnServer(
    connection: Connection,
    sharing: readonly Connection[],
    signal: AbortSignal | undefined,
  ): Promise<boolean> {
    const { servers } = this.#dependencies;
    try {
      const idTokenHint = await this.#lastLoginIdToken([connection, ...sharing]);
      if (!idTokenHint) return false;
      const metadata = await servers.metadata(connection, signal);
      const request = { idTokenHint, postLogoutRedirectUri: loopbackRedirectUri };
      return (await endSession(servers.transport(connection), metadata, request, signal)).ended;
    } catch {
      return false;
    }
  }

  /** OpenEMR takes the id_token of the last login of user and client only, whichever connection it was for. */
  async #lastLoginIdToken(sharing: readonly Connection[]): Promise<string | undefined> {
    const tokens = await Promise.all(sharing.map((connection) => this.#tokensIfReadable(connection)));
    return tokens
      .filter((candidate) => candidate?.loginIdToken !== undefined)
      .sort((a, b) => (b?.loggedInAt ?? 0) - (a?.loggedInAt ?? 0))[0]?.loginIdToken;
  }

  /** Throws WorkbenchError `token/other-server` where the connection was edited while the person signed in. */
  async #signedIn(connection: Connection, { grant, requestedScope }: LoginResult): Promise<TokenSet> {
    const { connections, tokens, progress } = this.#dependencies;
    const current = tokenOwnerOf(connections.get(connection.id));
    if (current.boundTo !== tokenOwnerOf(connection).boundTo) throw new WorkbenchError('token/other-server');
    const signedIn = await tokens.signedIn(tokenOwnerOf(connection), grant, requestedScope);
    await progress.learnClientState(connection, 'enabled');
    return signedIn;
  }

  async #subject(connection: Connection, signal?: AbortSignal): Promise<LoginSubject> {
    const { servers } = this.#dependencies;
    const { clientId } = connection;
    if (!clientId) throw new WorkbenchError('connection/client-missing');
    await this.#clientSecret(connection);
    const metadata = await servers.metadata(connection, signal);
    return { connection, clientId, metadata, transport: servers.transport(connection) };
  }

  #refreshGrant(connection: Connection): RefreshGrant {
    const { servers, loadOpenIdClient, clock } = this.#dependencies;
    return async (tokens, signal, beforeSend) => {
      const [{ refreshTokens }, metadata, client] = await Promise.all([
        loadOpenIdClient(),
        servers.metadata(connection, signal),
        this.#credentials(connection),
      ]);
      return refreshTokens({
        transport: checkedTransport(servers.transport(connection), beforeSend),
        metadata,
        client,
        refreshToken: tokens.refreshToken ?? '',
        scope: tokens.requestedScope,
        now: () => clock.now(),
        signal,
      });
    };
  }

  #fateOf(connection: Connection): NonNullable<RefreshOptions['fateOf']> {
    const { servers, clock } = this.#dependencies;
    return async (tokens, signal) =>
      fateOfPair({
        transport: servers.transport(connection),
        metadata: await servers.metadata(connection, signal),
        client: await this.#credentials(connection),
        fhirBaseUrl: siteEndpoints(connection).fhirBaseUrl,
        tokens,
        now: clock.now(),
        signal,
      });
  }

  async #credentials(connection: Connection): Promise<ClientCredentials> {
    const clientSecret = await this.#clientSecret(connection);
    return { clientId: connection.clientId ?? '', ...(clientSecret ? { clientSecret } : {}) };
  }

  async #clientSecret(connection: Connection): Promise<string | undefined> {
    if (connection.clientType === 'public') return undefined;
    const secret = await this.#dependencies.connections.clientSecret(connection);
    if (!secret) throw new WorkbenchError('connection/secret-missing');
    return secret;
  }

  async #tokensIfReadable(connection: Connection): Promise<TokenSet | undefined> {
    try {
      return await this.tokens(connection);
    } catch (error) {
      if (isWorkbenchError(error)) return undefined;
      throw toWorkbenchError(error);
    }
  }
}

/** A transport that asks right before each request leaves whether it still may. */
function checkedTransport(transport: HttpTransport, beforeSend: (() => void) | undefined): HttpTransport {
  if (!beforeSend) return transport;
  return {
    send: async (request) => {
      beforeSend();
      return transport.send(request);
    },
    stream: (request) => transport.stream(request),
  };
}

function clientKey(connection: Connection): string {
  return clientKeyOf(connection, connection.clientId ?? '');
}

/** Without a user name on either side the careful answer is yes. */
function isSameUser(a: TokenSet, b: TokenSet): boolean {
  return !a.fhirUser || !b.fhirUser || a.fhirUser === b.fhirUser;
}
