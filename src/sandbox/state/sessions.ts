import { randomBase64Url, randomHex } from './secrets.ts';
import type { Client } from './clients.ts';
import type { User } from './users.ts';

/** An authorization request that passed validation. */
export interface PendingAuthorization {
  readonly client: Client;
  readonly redirectUri: string;
  readonly scopes: readonly string[];
  readonly state: string | undefined;
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
}

/** A browser on its way from the authorization endpoint to the consent. */
export interface Session {
  readonly id: string;
  readonly csrfToken: string;
  readonly authorization: PendingAuthorization;
  user?: User;
  patientId?: string;
}

const capacity = 1000;

export class SessionStore {
  readonly #sessions = new Map<string, Session>();

  start(authorization: PendingAuthorization): Session {
    const session: Session = { id: randomBase64Url(20), csrfToken: randomHex(20), authorization };
    this.#sessions.set(session.id, session);
    this.#dropOldest();
    return session;
  }

  /** Unknown ids, such as another sandbox's cookie on the same host, are nobody's session. */
  find(id: string | undefined): Session | undefined {
    return this.#sessions.get(id ?? '');
  }

  end(session: Session): void {
    this.#sessions.delete(session.id);
  }

  #dropOldest(): void {
    const oldest = this.#sessions.keys().next();
    if (this.#sessions.size > capacity && oldest.done === false) this.#sessions.delete(oldest.value);
  }
}
