import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import type { CodeExchange, LoginSubject } from './login.ts';
import type { PendingLogin } from './pendingLogins.ts';
import type { TokenGrant } from './tokenSet.ts';

type OpenIdClient = typeof import('./openIdClient.ts');

export interface CodeExchangeDependencies {
  /** Loads the OAuth library on first use: it is too heavy for the editor's start. */
  readonly loadOpenIdClient: () => Promise<OpenIdClient>;
  /** The secret of a confidential client. Throws WorkbenchError `connection/secret-missing`. */
  readonly clientSecret: (subject: LoginSubject) => Promise<string | undefined>;
  readonly now: () => number;
}

/**
 * Redeems codes with one request: library and JWKS are fetched while the person is at the sign-in page, since the
 * code lives for a minute only.
 */
export class PreparedCodeExchange implements CodeExchange {
  readonly #dependencies: CodeExchangeDependencies;
  readonly #jwks = new Map<string, Promise<unknown>>();

  constructor(dependencies: CodeExchangeDependencies) {
    this.#dependencies = dependencies;
  }

  /** Asks for the keys anew: the server may have changed them since the last login. */
  prepare(subject: LoginSubject): void {
    this.#jwks.delete(subject.metadata.jwksUri);
    // A failure here shows at the exchange, which asks again.
    this.#jwksFor(subject).catch(() => undefined);
  }

  /** Throws WorkbenchError `grant/*`, `id-token/invalid`, `connection/secret-missing`, `network/*`. */
  async redeem(
    subject: LoginSubject,
    login: PendingLogin,
    callbackUrl: string,
    signal?: AbortSignal,
  ): Promise<TokenGrant> {
    const { loadOpenIdClient, clientSecret, now } = this.#dependencies;
    const [openIdClient, jwks, secret] = await Promise.all([
      loadOpenIdClient(),
      this.#jwksFor(subject),
      clientSecret(subject),
    ]);
    return openIdClient.exchangeAuthorizationCode({
      transport: subject.transport,
      metadata: subject.metadata,
      client: { clientId: subject.clientId, ...(secret ? { clientSecret: secret } : {}) },
      callbackUrl,
      redirectUri: login.redirectUri,
      state: login.state,
      nonce: login.nonce,
      codeVerifier: login.codeVerifier,
      jwks,
      now,
      signal,
    });
  }

  #jwksFor(subject: LoginSubject): Promise<unknown> {
    const { jwksUri } = subject.metadata;
    const known = this.#jwks.get(jwksUri);
    if (known) return known;
    const fetched = this.#fetchJwks(subject, subject.metadata);
    this.#jwks.set(jwksUri, fetched);
    fetched.catch(() => this.#jwks.delete(jwksUri));
    return fetched;
  }

  async #fetchJwks({ transport }: LoginSubject, metadata: AuthorizationServerMetadata): Promise<unknown> {
    const { fetchJwks } = await this.#dependencies.loadOpenIdClient();
    return fetchJwks(transport, metadata);
  }
}
