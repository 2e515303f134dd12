import { CompactSign, compactVerify, exportJWK, generateKeyPair } from 'jose';
import type { CryptoKey, JWK } from 'jose';

export type Claims = Record<string, unknown>;

/** The server's one RSA key. OpenEMR gives it no `kid`, neither in the JWKS nor in a JWT's header. */
export class SigningKey {
  readonly #privateKey: CryptoKey;
  readonly #publicKey: CryptoKey;
  readonly publicJwk: JWK;

  private constructor(privateKey: CryptoKey, publicKey: CryptoKey, publicJwk: JWK) {
    this.#privateKey = privateKey;
    this.#publicKey = publicKey;
    this.publicJwk = publicJwk;
  }

  static async generate(): Promise<SigningKey> {
    const { privateKey, publicKey } = await generateKeyPair('RS256');
    const { kty, n, e } = await exportJWK(publicKey);
    return new SigningKey(privateKey, publicKey, { kty, n, e, use: 'sig' } as JWK);
  }

  async sign(claims: Claims): Promise<string> {
    return new CompactSign(new TextEncoder().encode(JSON.stringify(claims)))
      .setProtectedHeader({ typ: 'JWT', alg: 'RS256' })
      .sign(this.#privateKey);
  }

  async verifies(jwt: string): Promise<boolean> {
    try {
      await compactVerify(jwt, this.#publicKey);
      return true;
    } catch {
      return false;
    }
  }
}

/** Why a string is no JWT, in lcobucci/jwt's words. */
export type JwtParsing = { readonly claims: Claims } | { readonly problem: string };

/** Reads the claims without looking at the signature. */
export function parseJwt(text: string): JwtParsing {
  const parts = text.split('.');
  if (parts.length !== 3) return { problem: 'The JWT string must have two dots' };
  const decoded = parts.map(decodeBase64Url);
  if (decoded.includes(undefined)) {
    return { problem: 'Error while decoding from Base64Url, invalid base64 characters detected' };
  }
  const claims = parseObject(decoded[1] ?? '');
  const header = parseObject(decoded[0] ?? '');
  if (claims === undefined || header === undefined) return { problem: 'Error while decoding from JSON' };
  return { claims };
}

function decodeBase64Url(part: string): string | undefined {
  if (!/^[\w-]*$/.test(part) || part.length % 4 === 1) return undefined;
  return Buffer.from(part, 'base64url').toString('utf8');
}

function parseObject(text: string): Claims | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Claims)
      : undefined;
  } catch {
    return undefined;
  }
}
