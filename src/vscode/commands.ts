import { commands, l10n, ProgressLocation, window, workspace } from 'vscode';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { FhirSection } from '../protocol/fhirViews.ts';
import type { ActiveConnection } from './activeConnection.ts';
import type { CommandId } from './commandIds.ts';
import type { ConnectionEditing } from './connectionEditing.ts';
import type { ConnectionExchange } from './connectionExchange.ts';
import { pickConnection } from './connectionPick.ts';
import type { SandboxAddress, SandboxProcess } from './sandboxProcess.ts';
import type { VscodeSessionActions } from './sessionActions.ts';
import { panelTargetSchema } from './panelTarget.ts';
import { plainText } from './plainText.ts';
import { tell, whisper } from './quiet.ts';
import { showStatusMenu } from './statusMenu.ts';
import type { StatusPresenter } from './statusPresenter.ts';
import type { ConnectionPanels } from './webview/connectionPanels.ts';

export interface CommandDependencies {
  readonly connections: ConnectionService;
  readonly active: ActiveConnection;
  readonly actions: VscodeSessionActions;
  readonly panels: ConnectionPanels;
  readonly editing: ConnectionEditing;
  readonly exchange: ConnectionExchange;
  readonly quickConnect: () => Promise<void>;
  readonly status: StatusPresenter;
  readonly sandbox: SandboxProcess;
  readonly connectToSandbox: (address: SandboxAddress, signal: AbortSignal) => Promise<Connection>;
  readonly showError: (error: unknown, connectionId?: string) => unknown;
  readonly showLog: () => void;
}

/** What each command does. A command without a connection to work on leads to the form that makes one. */
export class Commands {
  readonly #dependencies: CommandDependencies;

  constructor(dependencies: CommandDependencies) {
    this.#dependencies = dependencies;
  }

  /**
   * Runs a command on the connection that a view names, else on the active one. Its failure is shown, never thrown
   * at whoever pressed the key.
   */
  async run(id: CommandId, target?: unknown): Promise<void> {
    let connection: Connection | undefined;
    try {
      connection = this.#connectionOf(target);
      await this.#handlers[id](connection, target);
    } catch (error) {
      await this.#dependencies.showError(error, connection?.id);
    }
  }

  readonly #handlers: Record<
    CommandId,
    (connection: Connection | undefined, target: unknown) => Promise<void>
  > = {
    configureConnection: (connection) => this.#configure(connection),
    registerClient: (connection) => this.#configure(connection, 'next'),
    testConnection: this.#onConnection(({ id }) => this.#test(id)),
    logIn: this.#onConnection((connection) => this.#logIn(connection)),
    logOut: this.#onConnection((connection) => this.#logOut(connection)),
    refreshToken: this.#onConnection((connection) => this.#refresh(connection)),
    trustServerCertificate: this.#onConnection((connection) => this.#trust(connection)),
    showScopes: (connection) => this.#openSection(connection, 'scopes'),
    showTokenDetails: (connection) => this.#openSection(connection, 'token'),
    openFhirResource: (connection) => this.#openSection(connection, 'explorer'),
    switchConnection: (connection) => this.#switchConnection(connection),
    openConnection: this.#onConnection((connection, target) => this.#openConnection(connection, target)),
    addConnection: () => this.#configure(undefined),
    renameConnection: this.#onConnection((connection) => this.#dependencies.editing.rename(connection)),
    duplicateConnection: this.#onConnection((connection) => this.#dependencies.editing.duplicate(connection)),
    removeConnection: this.#onConnection((connection) => this.#dependencies.editing.remove(connection)),
    setEnvironment: this.#onConnection((connection) => this.#dependencies.editing.setEnvironment(connection)),
    openConnectionToSide: this.#onConnection(({ id }) => {
      this.#dependencies.panels.open(id, { beside: true });
      return Promise.resolve();
    }),
    quickConnect: () => this.#dependencies.quickConnect(),
    exportConnections: () => this.#dependencies.exchange.exportConnections(),
    importConnections: () => this.#dependencies.exchange.importConnections(),
    moveConnectionUp: this.#onConnection((connection) => this.#dependencies.editing.move(connection, -1)),
    moveConnectionDown: this.#onConnection((connection) => this.#dependencies.editing.move(connection, 1)),
    startSandbox: () => this.#startSandbox(),
    stopSandbox: () => this.#dependencies.sandbox.stop(),
    showMenu: () => this.#showMenu(),
    showLog: () => {
      this.#dependencies.showLog();
      return Promise.resolve();
    },
  };

  #configure(connection: Connection | undefined, field?: 'next'): Promise<void> {
    this.#dependencies.panels.open(connection?.id, { section: 'connection', field });
    return Promise.resolve();
  }

  /** A connection that is clicked on becomes the active one. */
  async #openConnection({ id }: Connection, target: unknown): Promise<void> {
    const { active, panels } = this.#dependencies;
    await active.choose(id);
    const { data: place } = panelTargetSchema.safeParse(target);
    if (place?.type) await panels.open(id).explore(place.type);
    else panels.open(id, { section: place?.section });
  }

  #test(connectionId: string): Promise<void> {
    return this.#dependencies.panels.open(connectionId).startTest();
  }

  async #logIn({ id, name }: Connection): Promise<void> {
    this.#showStatus(id);
    await this.#dependencies.actions.logIn(id);
    const test = l10n.t('Test connection');
    const text = plainText(l10n.t('{name}: you are signed in.', { name }));
    const answer = await tell(text, [test]);
    if (answer === test) await this.#test(id);
  }

  async #logOut({ id, name }: Connection): Promise<void> {
    this.#showStatus(id);
    if (await this.#dependencies.actions.logOut(id)) whisper(l10n.t('{name}: signed out.', { name }));
  }

  async #refresh({ id, name }: Connection): Promise<void> {
    this.#showStatus(id);
    const title = plainText(l10n.t('Refreshing the token of {name}', { name }));
    await window.withProgress({ location: ProgressLocation.Window, title }, () =>
      this.#dependencies.actions.refresh(id),
    );
    whisper(l10n.t('{name}: the token was refreshed.', { name }));
  }

  async #trust({ id, name, baseUrl }: Connection): Promise<void> {
    this.#dependencies.panels.open(id, { section: 'connection' });
    if (baseUrl.startsWith('http:')) {
      whisper(l10n.t('{name}: this computer answers without a certificate.', { name }));
      return;
    }
    if (!(await this.#dependencies.actions.trustCertificate(id))) return;
    whisper(l10n.t('{name}: this certificate is trusted from now on.', { name }));
  }

  /** Where what the command does can be followed; the keyboard stays where it is. */
  #showStatus(connectionId: string): void {
    this.#dependencies.panels.open(connectionId, { section: 'status', inBackground: true });
  }

  #openSection(connection: Connection | undefined, section: FhirSection): Promise<void> {
    this.#dependencies.panels.open(connection?.id, { section: connection ? section : 'connection' });
    return Promise.resolve();
  }

  async #switchConnection(current: Connection | undefined): Promise<void> {
    const { connections, active, panels } = this.#dependencies;
    const chosen = await pickConnection(connections, current?.id);
    if (chosen === 'new') panels.open();
    else if (chosen) await active.choose(chosen.id);
  }

  async #startSandbox(): Promise<void> {
    const { sandbox, connectToSandbox, active, panels } = this.#dependencies;
    const title = l10n.t('Starting the sandbox');
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    const connection = await window.withProgress(options, async (_, token) => {
      const cancelled = new AbortController();
      token.onCancellationRequested(() => cancelled.abort());
      const era = workspace.getConfiguration('openemr').get<string>('sandbox.era');
      const address = await sandbox.start({ era: era === '7.0' ? '7.0' : '8.2' });
      return connectToSandbox(address, cancelled.signal);
    });
    await active.choose(connection.id);
    panels.open(connection.id, { section: 'connection', field: 'next' });
    await this.#offerLogin(connection);
  }

  async #offerLogin(connection: Connection): Promise<void> {
    const { username = '', password = '' } = this.#dependencies.sandbox.address ?? {};
    const logIn = l10n.t('Log in');
    const text = plainText(
      l10n.t('The sandbox is ready. Log in there as {username} with the password {password}.', {
        username,
        password,
      }),
    );
    const answer = await tell(text, [logIn]);
    // The offer may have stood there while somebody used the panel.
    const isWanted = (await this.#dependencies.connections.state(connection)).kind === 'none';
    if (answer === logIn && isWanted) await this.#logIn(connection);
  }

  async #showMenu(): Promise<void> {
    const { connections, sandbox, status } = this.#dependencies;
    await showStatusMenu({
      snapshot: status.snapshot,
      connectionCount: connections.all().length,
      isSandboxRunning: sandbox.address !== undefined,
    });
  }

  #onConnection(operation: (connection: Connection, target: unknown) => Promise<void>) {
    return async (connection: Connection | undefined, target: unknown): Promise<void> => {
      if (connection) await operation(connection, target);
      else this.#dependencies.panels.open();
    };
  }

  /**
   * What a view or link names, by its id, and no other one in its place; without a name the active one.
   *
   * Throws WorkbenchError `connection/not-found`.
   */
  #connectionOf(target: unknown): Connection | undefined {
    const { active, connections } = this.#dependencies;
    const id = typeof target === 'object' && target !== null && 'id' in target ? target.id : target;
    return typeof id === 'string' ? connections.get(id) : active.among(connections.all());
  }
}

/** Lets the manifest's `when` clauses know whether our sandbox runs. */
export async function setSandboxContext(isRunning: boolean): Promise<void> {
  await commands.executeCommand('setContext', 'openemr.sandboxRunning', isRunning);
}
