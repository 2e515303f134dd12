import { l10n } from 'vscode';
import { DisposableStore, type Disposable } from '../core/base/disposable.ts';
import { WorkbenchError, type ErrorCode } from '../core/base/errors.ts';
import type { AutomaticRefresh } from '../core/connection/automaticRefresh.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { Overstay } from '../core/oauth/sessionPolicy.ts';
import type { SessionSettings } from '../core/oauth/sessionSettings.ts';
import type { SessionEntry, SessionIndex } from '../core/storage/sessionIndex.ts';
import type { ErrorActionId } from './errorTexts/errorText.ts';
import { plainText } from './plainText.ts';
import { tell } from './quiet.ts';

export interface SessionNoticesDependencies {
  readonly connections: ConnectionService;
  readonly automaticRefresh: AutomaticRefresh;
  readonly index: SessionIndex;
  readonly settings: () => SessionSettings;
  readonly isFocused: () => boolean;
  readonly showError: (error: unknown, connectionId?: string) => unknown;
  readonly runAction: (action: ErrorActionId, connectionId: string) => unknown;
}

/**
 * Tells people what only they can mend, once a cause: in the window that they look at, and in no other one. What mends
 * itself is shown in the status bar alone.
 */
export class SessionNotices implements Disposable {
  readonly #dependencies: SessionNoticesDependencies;
  readonly #subscriptions = new DisposableStore();
  readonly #toldBehind = new Set<string>();

  constructor(dependencies: SessionNoticesDependencies) {
    this.#dependencies = dependencies;
    const { connections, automaticRefresh } = dependencies;
    this.#subscriptions.add(connections.connectionChanged((id) => void this.#lookAt(id)));
    this.#subscriptions.add(automaticRefresh.onDidEndSession((ended) => void this.#tellEnd(ended)));
  }

  /** Looks at all connections: when the window comes to the front. */
  check(): Promise<void> {
    return this.#lookAt(undefined);
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }

  async #lookAt(connectionId: string | undefined): Promise<void> {
    const { connections, isFocused } = this.#dependencies;
    if (!isFocused()) return;
    for (const connection of connections.all()) {
      if (connectionId !== undefined && connection.id !== connectionId) continue;
      await this.#tell(connection).catch(() => undefined);
    }
  }

  async #tell(connection: Connection): Promise<void> {
    const { connections, showError } = this.#dependencies;
    const state = await connections.state(connection);
    if (state.kind === 'reauthenticationRequired' && state.reason === 'storage/behind') {
      if (this.#toldBehind.has(connection.id)) return;
      this.#toldBehind.add(connection.id);
      void showError(new WorkbenchError('storage/behind'), connection.id);
    } else if (state.kind === 'reauthenticationRequired') {
      if (!(await this.#isFirst(connection.id, claimEnd))) return;
      void showError(new WorkbenchError(state.reason as ErrorCode), connection.id);
    } else if (state.kind === 'refreshFailed') {
      await this.#alert(connection);
    }
  }

  async #alert({ id, name }: Connection): Promise<void> {
    const { failureAlert } = this.#dependencies.settings();
    if (failureAlert === 0 || !(await this.#isFirst(id, (session) => claimAlert(session, failureAlert))))
      return;
    const text = l10n.t(
      '{name}: the token could not be refreshed {count} times in a row. The workbench keeps trying; you stay signed in.',
      { name, count: failureAlert },
    );
    const refresh = l10n.t('Refresh token');
    const doctor = l10n.t('Run doctor');
    // The others are looked at while this one is still there.
    void tell(plainText(text), [refresh, doctor], { tone: 'warning' }).then((answer) => {
      if (answer !== undefined)
        this.#dependencies.runAction(answer === refresh ? 'refresh' : 'runDoctor', id);
    });
  }

  async #tellEnd({ connection: { id, name }, reason }: { connection: Connection; reason: Overstay }) {
    const logIn = l10n.t('Log in');
    const answer = await tell(plainText(overstayText(name, reason)), [logIn]);
    if (answer === logIn) this.#dependencies.runAction('logIn', id);
  }

  /** Whether this window is the first one to tell; the index knows what others told. */
  async #isFirst(connectionId: string, claim: (session: SessionEntry) => boolean): Promise<boolean> {
    const { index } = this.#dependencies;
    const session = await index.session(connectionId);
    // Without a need there is no write.
    if (!session || !claim(structuredClone(session))) return false;
    let isFirst = false;
    await index.updateSession(connectionId, (current) => {
      isFirst = claim(current);
    });
    return isFirst;
  }
}

function claimEnd(session: SessionEntry): boolean {
  if (!session.reauthenticationReason || session.reauthenticationTold) return false;
  session.reauthenticationTold = true;
  return true;
}

function claimAlert({ failing }: SessionEntry, failureAlert: number): boolean {
  if (!failing || failing.told || failing.count < failureAlert) return false;
  failing.told = true;
  return true;
}

function overstayText(name: string, reason: Overstay): string {
  return reason === 'idle'
    ? l10n.t(
        '{name}: signed out, because nobody worked here for as long as openemr.idleSignOutMinutes says.',
        {
          name,
        },
      )
    : l10n.t('{name}: signed out, because the login is as old as openemr.maximumSessionHours allows.', {
        name,
      });
}
