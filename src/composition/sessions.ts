import { window, workspace, type SecretStorage } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { DisposableStore } from '../core/base/disposable.ts';
import { AccessTokens } from '../core/connection/accessTokens.ts';
import { AutomaticRefresh } from '../core/connection/automaticRefresh.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { SessionService } from '../core/connection/sessionService.ts';
import type { ClockSkews } from '../core/http/clockSkew.ts';
import type { PendingLogins } from '../core/oauth/pendingLogins.ts';
import type { TokenLifecycle } from '../core/oauth/tokenLifecycle.ts';
import type { Log } from '../core/ports.ts';
import { watchFile } from '../platform/fileWatch.ts';
import type { ErrorActionId } from '../vscode/errorTexts/errorText.ts';
import { refreshLines } from '../vscode/refreshTexts.ts';
import { SessionNotices } from '../vscode/sessionNotices.ts';
import { isSessionSetting, readSessionSettings } from '../vscode/sessionSettings.ts';
import type { Storage } from './storage.ts';

export interface SessionKeepingParts {
  readonly owned: DisposableStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly connections: ConnectionService;
  readonly sessions: SessionService;
  readonly tokens: TokenLifecycle;
  readonly pendingLogins: PendingLogins;
  readonly storage: Storage;
  readonly clockSkews: ClockSkews;
  readonly secretStorage: Pick<SecretStorage, 'onDidChange'>;
  readonly showError: (error: unknown, connectionId?: string) => unknown;
  readonly runAction: (action: ErrorActionId, connectionId: string) => unknown;
}

export interface SessionKeeping {
  readonly accessTokens: AccessTokens;
  /** How a connection's login is kept alive, in sentences. */
  readonly linesFor: (connection: Connection) => Promise<string[]>;
  /** Begins to look after the logins. */
  start(): Promise<void>;
}

/** What keeps logins alive without anybody asking, and what tells when that fails. */
export function createSessionKeeping(parts: SessionKeepingParts): SessionKeeping {
  const { owned, clock, log, connections, sessions, tokens, pendingLogins, storage } = parts;
  const { index, indexFile } = storage;
  const settings = readSessionSettings;
  const automaticRefresh = owned.add(
    new AutomaticRefresh({
      ...{ connections, sessions, tokens, pendingLogins, index, settings, clock, log },
      attention: () => window.state,
    }),
  );
  const notices = owned.add(
    new SessionNotices({
      ...{
        connections,
        automaticRefresh,
        index,
        settings,
        showError: parts.showError,
        runAction: parts.runAction,
      },
      isFocused: () => window.state.focused,
    }),
  );
  const accessTokens = new AccessTokens({
    ...{ sessions, automaticRefresh, settings, clock },
    session: (id) => index.session(id),
  });

  return {
    accessTokens,
    linesFor: async (connection) =>
      refreshLines(await automaticRefresh.report(connection), parts.clockSkews.notable(connection.baseUrl)),
    start: async () => {
      owned.add(watchFile(indexFile, () => void automaticRefresh.check()));
      owned.add(
        window.onDidChangeWindowState(({ focused }) => {
          if (!focused) return;
          void automaticRefresh.checkAfterChange();
          void notices.check();
        }),
      );
      owned.add(
        workspace.onDidChangeConfiguration((change) => {
          if (!isSessionSetting(change)) return;
          void automaticRefresh.checkAfterChange();
          for (const { id } of connections.all()) connections.announce(id);
        }),
      );
      owned.add(parts.secretStorage.onDidChange(() => void automaticRefresh.checkAfterChange()));
      owned.add(
        parts.clockSkews.onDidChange(() => {
          for (const { id } of connections.all()) connections.announce(id);
        }),
      );
      await automaticRefresh.check();
    },
  };
}
