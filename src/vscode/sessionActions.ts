import { commands, l10n, window } from 'vscode';
import { WorkbenchError } from '../core/base/errors.ts';
import type { RateLimiter } from '../core/base/rateLimiter.ts';
import type { ClientService } from '../core/connection/clientService.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { SessionService } from '../core/connection/sessionService.ts';
import type { ServerCertificateReader } from '../core/http/serverCertificate.ts';
import { siteEndpoints } from '../core/oauth/issuer.ts';
import type { ExternalBrowser } from '../core/ports.ts';
import type { ActionOutcome } from '../protocol/outcomes.ts';
import { askToTrustCertificate } from './certificateQuestion.ts';
import type { ErrorActionId } from './errorTexts/errorText.ts';
import { runLogin } from './loginProgress.ts';
import { plainText } from './plainText.ts';
import type { SessionActions } from './webview/connectionPanelBackend.ts';

export interface SessionActionsDependencies {
  readonly connections: ConnectionService;
  readonly sessions: SessionService;
  readonly clients: ClientService;
  readonly browser: ExternalBrowser;
  readonly readCertificate: ServerCertificateReader;
  readonly showError: (error: unknown, connectionId?: string) => unknown;
  readonly showLog: () => void;
  /** Waits in the background until an administrator has enabled the client. */
  readonly waitUntilEnabled?: (connectionId: string) => void;
  readonly limits: Pick<RateLimiter, 'demand'>;
}

/** What people do with a session, with the progress and the questions that belong to it. */
export class VscodeSessionActions implements SessionActions {
  readonly #dependencies: SessionActionsDependencies;

  constructor(dependencies: SessionActionsDependencies) {
    this.#dependencies = dependencies;
  }

  /** Throws what SessionService.logIn throws. */
  async logIn(connectionId: string, outerSignal?: AbortSignal): Promise<void> {
    const { connections, sessions, showError, limits } = this.#dependencies;
    const { name } = connections.get(connectionId);
    limits.demand('logIn');
    await runLogin(
      { connectionName: name, showError: (error) => showError(error, connectionId) },
      (ui, signal) =>
        sessions.logIn(connectionId, ui, outerSignal ? AbortSignal.any([signal, outerSignal]) : signal),
    );
  }

  async refresh(connectionId: string): Promise<void> {
    await this.#dependencies.sessions.refresh(connectionId);
  }

  async logOut(connectionId: string): Promise<boolean> {
    const { sessions } = this.#dependencies;
    const sharing = await sessions.sharingSession(connectionId);
    if (sharing.length > 0 && !(await agreesToEnd(sharing))) return false;
    await sessions.logOut(connectionId);
    return true;
  }

  /**
   * Shows the server's certificate and pins it if the person says so.
   *
   * Throws WorkbenchError `address/invalid` (no encryption is used), `network/*`, `storage/write-failed`.
   */
  async trustCertificate(connectionId: string): Promise<boolean> {
    const { connections, readCertificate } = this.#dependencies;
    const connection = connections.get(connectionId);
    const certificate = await readCertificate(connection.baseUrl);
    const host = new URL(connection.baseUrl).host;
    const formerSha256 = connection.pinnedCertificate?.sha256;
    if (!(await askToTrustCertificate({ host, ...certificate, formerSha256 }))) return false;
    const pinnedCertificate = { pem: certificate.pem, sha256: certificate.sha256 };
    await connections.edit(connectionId, { pinnedCertificate });
    return true;
  }

  async runErrorAction(
    actionId: string,
    connectionId: string | undefined,
    signal: AbortSignal,
  ): Promise<ActionOutcome> {
    if (actionId === 'showLog') {
      this.#dependencies.showLog();
      return done(l10n.t('The log is open.'));
    }
    if (actionId === 'reload') {
      await commands.executeCommand('workbench.action.reloadWindow');
      return done(l10n.t('The window is reloaded.'));
    }
    if (actionId === 'openSettings') {
      const revealSetting = { key: 'openemr.connections' };
      await commands.executeCommand('workbench.action.openSettingsJson', { revealSetting });
      return done(l10n.t('The settings are open.'));
    }
    const connection =
      connectionId === undefined ? undefined : this.#dependencies.connections.find(connectionId);
    if (!connection) return { kind: 'done', message: '', show: { section: 'connection' } };
    return this.#runConnectionAction(actionId as ErrorActionId, connection, signal);
  }

  async #runConnectionAction(
    actionId: ErrorActionId,
    connection: Connection,
    signal: AbortSignal,
  ): Promise<ActionOutcome> {
    const { connections, sessions, browser } = this.#dependencies;
    const connectionId = connection.id;
    switch (actionId) {
      case 'logInRegisteredAddress':
        await connections.edit(connectionId, { callback: 'loopback' });
        await this.logIn(connectionId, signal);
        return done(l10n.t('Signed in.'));
      case 'logIn':
        await this.logIn(connectionId, signal);
        return done(l10n.t('Signed in.'));
      case 'checkClient':
        return this.#checkClient(connection, signal);
      case 'openConnectors':
        await browser.open(siteEndpoints(connection).connectorsScreen);
        return done(l10n.t('OpenEMR was opened in your browser.'));
      case 'runDoctor':
        return { kind: 'done', message: '', show: { section: 'doctor' } };
      case 'useServerAddress':
        return { kind: 'done', message: '', show: { section: 'connection', field: 'baseUrl' } };
      case 'openApiClients':
        await browser.open(siteEndpoints(connection).apiClientsScreen);
        return done(l10n.t('OpenEMR was opened in your browser.'));
      case 'trustCertificate':
        return (await this.trustCertificate(connectionId))
          ? done(l10n.t('This certificate is now trusted for this connection.'))
          : { kind: 'cancelled' };
      case 'refresh':
        await sessions.refresh(connectionId);
        return done(l10n.t('The token was refreshed.'));
      case 'resetSecrets':
        await sessions.forget(connection);
        return done(l10n.t('The stored login was removed. Log in again.'));
      case 'test':
        return { kind: 'done', message: '', show: { section: 'testResults' } };
      case 'chooseScopes':
      case 'dropScope':
        return { kind: 'done', message: '', show: { section: 'connection', field: 'scopes' } };
      default:
        return { kind: 'done', message: '', show: { section: 'connection' } };
    }
  }

  /** A disabled client is waited for where somebody can wait; else the person is told. */
  async #checkClient(connection: Connection, signal: AbortSignal): Promise<ActionOutcome> {
    const { clients, waitUntilEnabled } = this.#dependencies;
    const { isEnabled } = await clients.check(connection, signal);
    if (isEnabled !== false || !waitUntilEnabled) return clientOutcome(isEnabled);
    waitUntilEnabled(connection.id);
    return done(l10n.t('It is not enabled yet. You will be told as soon as it is.'));
  }
}

async function agreesToEnd(sharing: readonly Connection[]): Promise<boolean> {
  const logOut = l10n.t('Log out');
  const names = sharing.map(({ name }) => name).join(', ');
  const detail = l10n.t(
    'OpenEMR ends every session of this user and client. These connections use both and will have to log in again: {names}',
    { names },
  );
  return (
    (await window.showWarningMessage(
      l10n.t('Log out of all of them?'),
      { modal: true, detail: plainText(detail) },
      logOut,
    )) === logOut
  );
}

function clientOutcome(isEnabled: boolean | undefined): ActionOutcome {
  if (isEnabled) return done(l10n.t('The client is enabled. You can log in.'));
  throw new WorkbenchError(isEnabled === false ? 'grant/client-refused' : 'authorization/client-unknown');
}

function done(message: string): ActionOutcome {
  return { kind: 'done', message };
}
