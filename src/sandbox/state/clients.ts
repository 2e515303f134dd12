export interface Client {
  readonly id: string;
  /** Empty for a public client. */
  readonly secret: string;
  readonly name: string;
  readonly confidential: boolean;
  readonly redirectUris: readonly string[];
  readonly postLogoutRedirectUris: readonly string[];
  readonly scopes: readonly string[];
  readonly registeredAt: number;
  enabled: boolean;
}

export class ClientStore {
  readonly #clients = new Map<string, Client>();

  add(client: Client): void {
    this.#clients.set(client.id, client);
  }

  find(id: string | null | undefined): Client | undefined {
    return this.#clients.get(id ?? '');
  }

  /** What Administration → System → API Clients → Enable does; false for an unknown client. */
  setEnabled(id: string, enabled: boolean): boolean {
    const client = this.#clients.get(id);
    if (client === undefined) return false;
    client.enabled = enabled;
    return true;
  }

  all(): readonly Client[] {
    return [...this.#clients.values()];
  }
}
