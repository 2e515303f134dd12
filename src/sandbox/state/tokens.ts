export interface AuthorizationCode {
  readonly code: string;
  readonly clientId: string;
  readonly userUuid: string;
  readonly scopes: readonly string[];
  readonly redirectUri: string;
  readonly nonce: string | undefined;
  readonly codeChallenge: string | undefined;
  readonly patientId: string | undefined;
  /** Milliseconds. */
  readonly expiresAt: number;
}

export interface AccessToken {
  readonly jti: string;
  readonly clientId: string;
  readonly userUuid: string;
  readonly scopes: readonly string[];
  readonly patientId: string | undefined;
  /** Milliseconds. */
  readonly expiresAt: number;
  /** By rotation. */
  revoked: boolean;
  revokedByAdministrator: boolean;
  /** Expired in the database, whatever the JWT says. */
  expiredEarly: boolean;
}

export interface RefreshToken {
  readonly token: string;
  readonly jti: string;
  readonly clientId: string;
  readonly userUuid: string;
  readonly scopes: readonly string[];
  readonly patientId: string | undefined;
  readonly accessTokenJti: string;
  /** Milliseconds. */
  readonly expiresAt: number;
  revoked: boolean;
}

/** Codes and tokens. Codes stay: OpenEMR lets one be redeemed again while it lives. */
export class TokenStore {
  readonly #codes = new Map<string, AuthorizationCode>();
  readonly #accessTokens = new Map<string, AccessToken>();
  readonly #refreshTokens = new Map<string, RefreshToken>();

  addCode(code: AuthorizationCode): void {
    this.#codes.set(code.code, code);
  }

  findCode(code: string): AuthorizationCode | undefined {
    return this.#codes.get(code);
  }

  addAccessToken(token: AccessToken): void {
    this.#accessTokens.set(token.jti, token);
  }

  findAccessToken(jti: string): AccessToken | undefined {
    return this.#accessTokens.get(jti);
  }

  addRefreshToken(token: RefreshToken): void {
    this.#refreshTokens.set(token.token, token);
  }

  findRefreshToken(token: string): RefreshToken | undefined {
    return this.#refreshTokens.get(token);
  }

  /** The old refresh token and its access token end at once: there is no grace period. */
  rotate(old: RefreshToken): void {
    old.revoked = true;
    const accessToken = this.#accessTokens.get(old.accessTokenJti);
    if (accessToken !== undefined) accessToken.revoked = true;
  }

  /** Marks every access token as expired in the database, or takes that back. */
  expireAccessTokens(expired: boolean): number {
    for (const token of this.#accessTokens.values()) token.expiredEarly = expired;
    return this.#accessTokens.size;
  }

  /** Marks every access token as revoked, or takes that back; refresh tokens stay. */
  revokeAccessTokens(revoked: boolean): number {
    for (const token of this.#accessTokens.values()) token.revokedByAdministrator = revoked;
    return this.#accessTokens.size;
  }

  /** Revokes every refresh token. */
  revokeRefreshTokens(): number {
    for (const token of this.#refreshTokens.values()) token.revoked = true;
    return this.#refreshTokens.size;
  }
}
