import { inflateRawSync } from 'node:zlib';

const endSignature = 0x06054b50;
const entrySignature = 0x02014b50;
const endLength = 22;
const deflated = 8;

/** A file in a ZIP archive. */
export interface ZipEntry {
  readonly path: string;
  /** Bytes, unpacked. */
  readonly size: number;
  readonly read: () => Buffer;
}

function findEnd(archive: Buffer): number {
  for (let at = archive.length - endLength; at >= 0; at--) {
    if (archive.readUInt32LE(at) === endSignature) return at;
  }
  throw new Error('This is no ZIP archive.');
}

function contentOf(archive: Buffer, header: number): Buffer {
  const method = archive.readUInt16LE(header + 10);
  const packedSize = archive.readUInt32LE(header + 20);
  const local = archive.readUInt32LE(header + 42);
  const start = local + 30 + archive.readUInt16LE(local + 26) + archive.readUInt16LE(local + 28);
  const packed = archive.subarray(start, start + packedSize);
  return method === deflated ? inflateRawSync(packed) : packed;
}

/**
 * Lists the files of a ZIP archive by its central directory (APPNOTE.TXT 4.3.12); without ZIP64 and encryption.
 * @throws Error when it is none.
 */
export function zipEntries(archive: Buffer): ZipEntry[] {
  const end = findEnd(archive);
  const entries: ZipEntry[] = [];
  let at = archive.readUInt32LE(end + 16);
  for (let left = archive.readUInt16LE(end + 10); left > 0; left--) {
    if (archive.readUInt32LE(at) !== entrySignature) throw new Error('The ZIP archive is damaged.');
    const header = at;
    const nameLength = archive.readUInt16LE(at + 28);
    const path = archive.toString('utf8', at + 46, at + 46 + nameLength);
    const size = archive.readUInt32LE(at + 24);
    if (!path.endsWith('/')) entries.push({ path, size, read: () => contentOf(archive, header) });
    at += 46 + nameLength + archive.readUInt16LE(at + 30) + archive.readUInt16LE(at + 32);
  }
  return entries;
}
