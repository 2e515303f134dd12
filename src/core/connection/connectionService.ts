import { WorkbenchError } from '../base/errors.ts';
import { EventEmitter, type Event } from '../base/event.ts';
import type { TokenLifecycle } from '../oauth/tokenLifecycle.ts';
import type { TokenOwner } from '../oauth/tokenStore.ts';
import type { TokenState } from '../oauth/tokenSet.ts';
import { presentBinding } from './binding.ts';
import type { ClientSecrets } from './clientSecrets.ts';
import type { Connection, RejectedConnection } from './connection.ts';
import type { ConnectionEdits, ConnectionStore } from './connectionStore.ts';
import type { Servers } from './servers.ts';

export interface SaveOptions {
  /** A client secret that was typed in; the stored one stays where absent. */
  readonly clientSecret?: string | undefined;
  /** The person knows that this ends the login. */
  readonly mayEndSession?: boolean;
}

/** The token life-cycle's view of a connection; without a client nothing can be bound. */
export function tokenOwnerOf(connection: Connection): TokenOwner {
  const known = owners.get(connection);
  if (known) return known;
  const boundTo = presentBinding(connection);
  const owner = { connectionId: connection.id, boundTo };
  owners.set(connection, owner);
  return owner;
}

const owners = new WeakMap<Connection, TokenOwner>();

/** Connections as people edit them: nothing that was saved is lost without a word. */
export class ConnectionService {
  readonly #store: ConnectionStore;
  readonly #clientSecrets: ClientSecrets;
  readonly #tokens: TokenLifecycle;
  readonly #servers: Servers;
  readonly #outsideFlows: (operation: () => void) => void;
  readonly #changed = new EventEmitter<string | undefined>();
  /** The id of the connection that changed, or `undefined` when any may have. */
  readonly connectionChanged: Event<string | undefined> = this.#changed.event;

  /** `outsideFlows` runs what listeners do so that it is not recorded as a part of what they heard of. */
  constructor(
    store: ConnectionStore,
    clientSecrets: ClientSecrets,
    tokens: TokenLifecycle,
    servers: Servers,
    outsideFlows: (operation: () => void) => void = (operation) => operation(),
  ) {
    this.#store = store;
    this.#clientSecrets = clientSecrets;
    this.#tokens = tokens;
    this.#servers = servers;
    this.#outsideFlows = outsideFlows;
    store.onDidChange(() => this.#tell(undefined));
    tokens.tokenSetChanged(({ connectionId }) => this.#tell(connectionId));
  }

  all(): readonly Connection[] {
    return this.#store.all();
  }

  rejected(): readonly RejectedConnection[] {
    return this.#store.rejected();
  }

  find(id: string): Connection | undefined {
    return this.#store.find(id);
  }

  /** Something was learnt about a connection that its settings and tokens do not tell. */
  announce(connectionId: string): void {
    this.#tell(connectionId);
  }

  /** Throws WorkbenchError `connection/not-found`. */
  get(id: string): Connection {
    return this.#store.get(id);
  }

  state(connection: Connection): Promise<TokenState> {
    return this.#tokens.state(tokenOwnerOf(connection));
  }

  /** As {@link state}, without reading a secret; undefined where that takes one. */
  notedState(connection: Connection): Promise<TokenState | undefined> {
    return this.#tokens.notedState(tokenOwnerOf(connection));
  }

  clientSecret(connection: Connection): Promise<string | undefined> {
    const { connectionId, boundTo } = tokenOwnerOf(connection);
    return this.#clientSecrets.get(connectionId, boundTo);
  }

  /** Whether saving this would end a login: its tokens belong to the former address, client or permissions. */
  async endsSession(connection: Connection): Promise<boolean> {
    const saved = this.#store.find(connection.id);
    if (!saved || isSameClient(saved, connection)) return false;
    return (await this.state(saved)).kind !== 'none';
  }

  /**
   * Saves a new or edited connection, and its client secret where one was typed in.
   *
   * Throws WorkbenchError `connection/would-lose-settings` (it would end a login that nobody agreed to end),
   * `connection/invalid-settings`, `storage/*`.
   */
  async save(connection: Connection, options: SaveOptions = {}): Promise<void> {
    const ending = await this.endsSession(connection);
    if (ending && !options.mayEndSession) throw new WorkbenchError('connection/would-lose-settings');
    const saved = this.#store.find(connection.id);
    await this.#write(connection, options.clientSecret);
    if (ending) await this.#tokens.signOut(connection.id);
    if (saved) this.#servers.forget(saved);
    this.#tell(connection.id);
  }

  /**
   * Changes what no login depends on, of the connection as it is saved by then.
   *
   * Throws WorkbenchError `connection/not-found`, `connection/invalid-settings`, `storage/write-failed`.
   */
  async edit(id: string, edits: ConnectionEdits): Promise<void> {
    const saved = this.get(id);
    await this.#store.edit(id, edits);
    this.#servers.forget(saved);
    this.#tell(id);
  }

  /** Secret and settings together or neither. */
  async #write(connection: Connection, clientSecret: string | undefined): Promise<void> {
    const save = () => this.#store.save(connection);
    const { connectionId, boundTo } = tokenOwnerOf(connection);
    if (clientSecret) await this.#clientSecrets.storeWith(connectionId, boundTo, clientSecret, save);
    else await save();
  }

  /** Moves a connection among the others. Throws WorkbenchError `storage/write-failed`. */
  async move(id: string, by: -1 | 1): Promise<void> {
    await this.#store.move(id, by);
    this.#tell(undefined);
  }

  /** Removes a connection with its secrets. Throws WorkbenchError `storage/*`. */
  async remove(id: string): Promise<void> {
    await this.#tokens.signOut(id);
    await this.#clientSecrets.delete(id);
    await this.#store.remove(id);
    this.#tell(id);
  }

  #tell(connectionId: string | undefined): void {
    this.#outsideFlows(() => this.#changed.fire(connectionId));
  }
}

function isSameClient(a: Connection, b: Connection): boolean {
  return (
    a.baseUrl === b.baseUrl &&
    a.site === b.site &&
    a.clientId === b.clientId &&
    a.clientType === b.clientType &&
    [...a.scopes].sort().join(' ') === [...b.scopes].sort().join(' ')
  );
}
