/** What a JWT says, unverified: for people's eyes and for facts that grant nothing. Times in ms since the epoch. */
export interface DecodedJwt {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly issuedAt?: number;
  readonly notBefore?: number;
  readonly expiresAt?: number;
}

/**
 * Reads a compact JWT (RFC 7519 §3) without checking its signature. `undefined` where it is none: access tokens
 * may be opaque. OpenEMR writes times as fractions of a second, other servers as text.
 */
export function decodeJwt(token: string): DecodedJwt | undefined {
  const parts = token.split('.');
  if (parts.length !== 3) return undefined;
  const header = decodeSegment(parts[0]);
  const claims = decodeSegment(parts[1]);
  if (!header || !claims) return undefined;
  return {
    header,
    claims,
    ...time('issuedAt', claims['iat']),
    ...time('notBefore', claims['nbf']),
    ...time('expiresAt', claims['exp']),
  };
}

function decodeSegment(segment = ''): Record<string, unknown> | undefined {
  try {
    const value: unknown = JSON.parse(Buffer.from(segment, 'base64url').toString('utf8'));
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : undefined;
  } catch {
    return undefined;
  }
}

function time<K extends string>(name: K, value: unknown): Partial<Record<K, number>> {
  const seconds = typeof value === 'string' && value.trim() ? Number(value) : value;
  if (typeof seconds !== 'number' || !Number.isFinite(seconds)) return {};
  return { [name]: Math.round(seconds * 1000) } as Record<K, number>;
}
