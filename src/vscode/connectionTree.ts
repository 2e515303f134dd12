import {
  EventEmitter,
  l10n,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  type TreeDataProvider,
} from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import { DisposableStore, type Disposable } from '../core/base/disposable.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionProgress, NextStep } from '../core/connection/connectionProgress.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { TokenState, TokenStateKind } from '../core/oauth/tokenSet.ts';
import type { ActiveConnection } from './activeConnection.ts';
import {
  connectionDetails,
  type ConnectionDetail,
  type ConnectionDetailsDependencies,
} from './connectionDetails.ts';
import { stateLabel } from './sessionTexts.ts';
import { connectionUri } from './environment.ts';
import { environmentLabel, timeLeft } from './statusBar.ts';

export type ConnectionNode = Connection | ConnectionDetail;

export interface ConnectionTreeDependencies extends ConnectionDetailsDependencies {
  readonly connections: ConnectionService;
  readonly progress: ConnectionProgress;
  readonly active: ActiveConnection;
  readonly clock: Clock;
}

const icons: Record<TokenStateKind, readonly [icon: string, color?: string]> = {
  none: ['circle-outline'],
  authorizing: ['sync~spin'],
  valid: ['pass-filled', 'testing.iconPassed'],
  expiring: ['watch', 'testing.iconPassed'],
  refreshing: ['sync~spin'],
  expired: ['warning', 'list.warningForeground'],
  refreshFailed: ['warning', 'list.warningForeground'],
  reauthenticationRequired: ['error', 'list.errorForeground'],
};

const minuteMs = 60_000;

/** The connections in the activity bar, each with the state of its login, the next thing to do, and what is behind it. */
export class ConnectionTree implements TreeDataProvider<ConnectionNode>, Disposable {
  readonly #dependencies: ConnectionTreeDependencies;
  readonly #changes = new EventEmitter<ConnectionNode | undefined>();
  /** The nodes that the view has, by id: it knows them by identity. */
  readonly #shown = new Map<string, Connection>();
  /** Those whose line says how long a login is still good. */
  readonly #counting = new Set<Connection>();
  #timer: Disposable | undefined;
  readonly #subscriptions = new DisposableStore();
  /** Read once for the whole list: an item that read all of them would make long lists slow. */
  #activeId: string | undefined;
  readonly onDidChangeTreeData = this.#changes.event;

  constructor(dependencies: ConnectionTreeDependencies) {
    this.#dependencies = dependencies;
    const { connections, active } = dependencies;
    this.#subscriptions.add(connections.connectionChanged((id) => this.#changes.fire(this.#node(id))));
    this.#subscriptions.add(active.onDidChange(() => this.#changes.fire(undefined)));
    this.#subscriptions.add(this.#changes);
    this.#countDown();
  }

  async getChildren(node?: ConnectionNode): Promise<ConnectionNode[]> {
    if (node) return isDetail(node) ? [...(node.children ?? [])] : this.#detailsOf(node);
    const { connections, active } = this.#dependencies;
    const all = connections.all();
    this.#activeId = active.among(all)?.id;
    this.#shown.clear();
    this.#counting.clear();
    for (const connection of all) this.#shown.set(connection.id, connection);
    return [...all];
  }

  getTreeItem(node: ConnectionNode): Promise<TreeItem> | TreeItem {
    return isDetail(node) ? detailItem(node) : this.#connectionItem(node);
  }

  /** The view may ask about a connection that was removed a moment ago. */
  async #detailsOf({ id }: Connection): Promise<ConnectionDetail[]> {
    const connection = this.#dependencies.connections.find(id);
    return connection ? connectionDetails(connection, this.#dependencies) : [];
  }

  async #connectionItem(connection: Connection): Promise<TreeItem> {
    const { connections, progress, clock } = this.#dependencies;
    const state = await connections.state(connection);
    const nextStep = progress.nextStep(connection, state.kind);
    const isActive = this.#activeId === connection.id;
    const item = new TreeItem(connection.name, TreeItemCollapsibleState.Collapsed);
    item.id = connection.id;
    if (isTimed(state)) this.#counting.add(connection);
    else this.#counting.delete(connection);
    const { environment } = connection;
    const description = descriptionOf(state, nextStep, clock.now());
    item.description = environment ? `${environmentLabel(environment)} · ${description}` : description;
    if (environment) item.resourceUri = connectionUri(connection.id, environment);
    item.tooltip = `${connection.name}\n${connection.baseUrl}\n${stateLabel(state.kind)}`;
    item.iconPath = iconOf(state.kind);
    item.contextValue = contextOf(connection, state.kind, isActive);
    item.command = {
      command: 'openemr.openConnection',
      title: l10n.t('Open'),
      arguments: [connection.id],
    };
    item.accessibilityInformation = { label: `${connection.name}, ${item.description}` };
    return item;
  }

  /** Drawing one line anew is cheap, drawing all of a long list is not; a change of settings draws all. */
  #node(connectionId: string | undefined): Connection | undefined {
    return connectionId === undefined ? undefined : this.#shown.get(connectionId);
  }

  #countDown(): void {
    this.#timer = this.#dependencies.clock.schedule(() => {
      for (const connection of this.#counting) this.#changes.fire(connection);
      this.#countDown();
    }, minuteMs);
  }

  dispose(): void {
    this.#timer?.dispose();
    this.#subscriptions.dispose();
  }
}

function isDetail(node: ConnectionNode): node is ConnectionDetail {
  return 'label' in node;
}

function detailItem({ id, label, description, icon, tooltip, target, children }: ConnectionDetail): TreeItem {
  const { None, Collapsed } = TreeItemCollapsibleState;
  const item = new TreeItem(label, children ? Collapsed : None);
  item.id = id;
  item.description = description;
  item.iconPath = new ThemeIcon(icon);
  item.accessibilityInformation = { label: `${label}, ${description}` };
  if (tooltip) item.tooltip = tooltip;
  if (target)
    item.command = { command: 'openemr.openConnection', title: l10n.t('Open'), arguments: [target] };
  return item;
}

function iconOf(state: TokenStateKind): ThemeIcon {
  const [icon, color] = icons[state];
  return color ? new ThemeIcon(icon, new ThemeColor(color)) : new ThemeIcon(icon);
}

function isTimed(state: TokenState): state is Extract<TokenState, { kind: 'valid' | 'expiring' }> {
  return state.kind === 'valid' || state.kind === 'expiring';
}

function descriptionOf(state: TokenState, nextStep: NextStep, now: number): string {
  if (isTimed(state)) return timeLeft(state.expiresAt - now);
  if (state.kind === 'none' && nextStep === 'register') return l10n.t('register next');
  if (state.kind === 'none' && nextStep === 'enable') return l10n.t('waits for an administrator');
  return stateLabel(state.kind).toLowerCase();
}

/** What the inline actions of the manifest look at: `signedIn` or `signedOut`, and `registered` or not. */
function contextOf(connection: Connection, state: TokenStateKind, isActive: boolean): string {
  const session = state === 'none' || state === 'reauthenticationRequired' ? 'signedOut' : 'signedIn';
  return [session, connection.clientId ? 'registered' : 'unregistered', ...(isActive ? ['active'] : [])].join(
    '.',
  );
}
