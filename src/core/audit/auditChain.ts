import { createHash, createHmac, createSecretKey, randomBytes, type KeyObject } from 'node:crypto';
import type { AuditEntry } from './auditEvent.ts';

/** A key of the chain: HMAC-SHA256, 256 bits (RFC 2104). */
export interface AuditKey {
  /** The first eight hexadecimal digits of the key's SHA-256. */
  readonly id: string;
  readonly key: KeyObject;
}

/** The last entry of a log; `seq` 0 where there is none. */
export interface AuditTail {
  readonly seq: number;
  readonly mac: string;
  readonly key: string;
}

export const emptyTail: AuditTail = { seq: 0, mac: '', key: '' };

/** Letters of a MAC: 256 bits in base64url. */
export const macLength = 43;
export const macMark = ',"mac":"';
/** From the mark to the end of the line, its newline not counted. */
export const sealLength = macMark.length + macLength + '"}'.length;

/** The chain's own members come first and in this order, so that they can be read without parsing the rest. */
export const headPattern = /^\{"seq":([1-9]\d{0,14}),"prev":"([\w-]{43}|)","key":"([0-9a-f]{8})",/;
/** More bytes than a head can have. */
export const headLength = 96;

export function newAuditSecret(): string {
  return randomBytes(32).toString('base64url');
}

export function auditKeyOf(secret: string): AuditKey {
  const bytes = Buffer.from(secret, 'base64url');
  return {
    id: createHash('sha256').update(bytes).digest('hex').slice(0, 8),
    key: createSecretKey(bytes),
  };
}

/**
 * Seals an entry as the successor of `tail`: sequence and the predecessor's MAC are under its own MAC, so that no
 * entry can be changed, moved, taken out or put in. The MAC is the last member: what it covers is a prefix of the line,
 * and verification re-serialises nothing.
 */
export function sealEntry(
  tail: AuditTail,
  key: AuditKey,
  entry: AuditEntry,
): { line: string; tail: AuditTail } {
  const seq = tail.seq + 1;
  const body = JSON.stringify(entry).slice(1, -1);
  const sealed = `{"seq":${seq},"prev":"${tail.mac}","key":"${key.id}",${body}`;
  const mac = createHmac('sha256', key.key).update(sealed).digest('base64url');
  return { line: `${sealed}${macMark}${mac}"}\n`, tail: { seq, mac, key: key.id } };
}

/** The place in the chain that a line (without newline) claims; undefined where it is no entry. */
export function placeOf(line: string): AuditTail | undefined {
  const head = headPattern.exec(line);
  const seal = line.slice(-sealLength);
  if (!head || !/^,"mac":"[\w-]{43}"\}$/.test(seal)) return undefined;
  return { seq: Number(head[1]), mac: seal.slice(macMark.length, -2), key: head[3] ?? '' };
}
