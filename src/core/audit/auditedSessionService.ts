import type { Connection } from '../connection/connection.ts';
import {
  SessionService,
  type LogOutResult,
  type SessionServiceDependencies,
} from '../connection/sessionService.ts';
import type { LoginUi } from '../oauth/loginUi.ts';
import type { RefreshOptions } from '../oauth/tokenRefresh.ts';
import type { TokenSet } from '../oauth/tokenSet.ts';
import { failureOf, newCorrelation } from './auditedAction.ts';
import type { AuditRecorder } from './auditEvent.ts';

type IsDue = NonNullable<RefreshOptions['isDue']>;

/** Sessions with an entry in the audit log for everything that is done with them, whoever asks for it. */
export class AuditedSessionService extends SessionService {
  readonly #audit: AuditRecorder;

  constructor(dependencies: SessionServiceDependencies, audit: AuditRecorder) {
    super(dependencies);
    this.#audit = audit;
  }

  override async logIn(connectionId: string, ui: LoginUi, signal: AbortSignal): Promise<TokenSet> {
    const login = {
      action: 'login',
      connection: connectionId,
      correlation: newCorrelation(),
      detail: {},
    } as const;
    this.#audit.record({ ...login, outcome: 'started' });
    try {
      const tokens = await super.logIn(connectionId, ui, signal);
      this.#audit.record({ ...login, outcome: 'success', fhirUser: tokens.fhirUser });
      return tokens;
    } catch (error) {
      this.#audit.record({ ...login, ...failureOf(error) });
      throw error;
    }
  }

  override async finishLogin(callbackUrl: string): Promise<Connection> {
    const login = { action: 'login', correlation: newCorrelation(), detail: {} } as const;
    try {
      const connection = await super.finishLogin(callbackUrl);
      const fhirUser = (await this.tokens(connection).catch(() => undefined))?.fhirUser;
      this.#audit.record({ ...login, outcome: 'success', connection: connection.id, fhirUser });
      return connection;
    } catch (error) {
      this.#audit.record({ ...login, ...failureOf(error) });
      throw error;
    }
  }

  override async refresh(connectionId: string, signal?: AbortSignal): Promise<TokenSet> {
    const refresh = { action: 'token.refreshed', connection: connectionId, detail: {} } as const;
    try {
      const tokens = await super.refresh(connectionId, signal);
      this.#audit.record({ ...refresh, outcome: 'success', fhirUser: tokens.fhirUser });
      return tokens;
    } catch (error) {
      this.#audit.record({ ...refresh, ...failureOf(error) });
      throw error;
    }
  }

  /** What another window renewed meanwhile is that one's to record. */
  override async refreshWhenDue(connectionId: string, isDue: IsDue): Promise<TokenSet> {
    const refresh = { action: 'token.refreshed', connection: connectionId, detail: {} } as const;
    const server = { wasAsked: false };
    try {
      const tokens = await super.refreshWhenDue(connectionId, (pair, session) => {
        server.wasAsked = isDue(pair, session);
        return server.wasAsked;
      });
      if (server.wasAsked) this.#audit.record({ ...refresh, outcome: 'success', fhirUser: tokens.fhirUser });
      return tokens;
    } catch (error) {
      if (server.wasAsked) this.#audit.record({ ...refresh, ...failureOf(error) });
      throw error;
    }
  }

  override async logOut(connectionId: string, signal?: AbortSignal): Promise<LogOutResult> {
    const correlation = newCorrelation();
    const logout = { action: 'logout', connection: connectionId, correlation } as const;
    try {
      const result = await super.logOut(connectionId, signal);
      const { endedOnServer, alsoEnded } = result;
      for (const { id } of [{ id: connectionId }, ...alsoEnded]) {
        this.#audit.record({ ...logout, connection: id, outcome: 'success', detail: { endedOnServer } });
      }
      return result;
    } catch (error) {
      this.#audit.record({ ...logout, ...failureOf(error), detail: { endedOnServer: false } });
      throw error;
    }
  }

  override async forget(connection: Connection): Promise<void> {
    await super.forget(connection);
    this.#audit.record({
      ...{ action: 'secrets.reset', outcome: 'success', connection: connection.id },
      detail: { removed: 1 },
    });
  }
}
