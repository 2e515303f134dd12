/**
 * One row a client and user, as in OpenEMR's `oauth_trusted_user`: a new login replaces it, so the code of
 * the login before is no longer known, and logout removes it for all sessions of the pair.
 */
export interface TrustedUser {
  readonly clientId: string;
  readonly userUuid: string;
  readonly code: string | undefined;
  /** Without a state OpenEMR cannot find its session again at the token endpoint. */
  readonly state: string | undefined;
  readonly nonce: string | undefined;
}

export class TrustedUserStore {
  readonly #rows = new Map<string, TrustedUser>();

  trust(row: TrustedUser): void {
    this.#rows.set(keyOf(row.clientId, row.userUuid), row);
  }

  find(clientId: string, userUuid: string): TrustedUser | undefined {
    return this.#rows.get(keyOf(clientId, userUuid));
  }

  findByCode(code: string): TrustedUser | undefined {
    return [...this.#rows.values()].find((row) => row.code === code);
  }

  remove(clientId: string, userUuid: string): void {
    this.#rows.delete(keyOf(clientId, userUuid));
  }
}

function keyOf(clientId: string, userUuid: string): string {
  return `${clientId} ${userUuid}`;
}
