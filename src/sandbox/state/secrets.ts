import { randomBytes } from 'node:crypto';

export function randomBase64Url(bytes: number): string {
  return randomBytes(bytes).toString('base64url');
}

export function randomHex(bytes: number): string {
  return randomBytes(bytes).toString('hex');
}

/**
 * A string that looks like league's encrypted payloads: `def50200` and hexadecimal digits, which grow with
 * the scopes inside.
 */
export function encryptedLook(scopes: readonly string[]): string {
  return `def50200${randomHex(430 + Math.min(500, scopes.join(',').length))}`;
}
