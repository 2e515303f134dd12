import { mkdir, open } from 'node:fs/promises';
import { join } from 'node:path';
import {
  auditKeyOf,
  emptyTail,
  newAuditSecret,
  sealEntry,
  type AuditKey,
} from '../../src/core/audit/auditChain.ts';
import type { AuditAnchor } from '../../src/core/audit/auditAnchor.ts';
import type { AuditEntry } from '../../src/core/audit/auditEvent.ts';

export interface LongLog {
  /** The key as secret storage keeps it. */
  readonly secret: string;
  readonly key: AuditKey;
  readonly anchor: AuditAnchor;
  /** Oldest first. */
  readonly paths: readonly string[];
}

const fileBytes = 10 * 1024 * 1024;
const entriesAtOnce = 5_000;

/** Writes the log of somebody who has read records for years: one file after the other, as the workbench does. */
export async function writeLongLog(folder: string, entries: number): Promise<LongLog> {
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const secret = newAuditSecret();
  const key = auditKeyOf(secret);
  const names: string[] = [];
  let tail = emptyTail;
  while (tail.seq < entries) {
    const name = `audit-${String(names.length + 1).padStart(6, '0')}-2026-01.jsonl`;
    names.push(name);
    const file = await open(join(folder, name), 'wx', 0o600);
    for (let size = 0; size < fileBytes && tail.seq < entries;) {
      let text = '';
      for (let i = 0; i < entriesAtOnce && tail.seq < entries; i++) {
        const sealed = sealEntry(tail, key, entryAfter(tail.seq));
        text += sealed.line;
        tail = sealed.tail;
      }
      size += (await file.write(text)).bytesWritten;
    }
    await file.close();
  }
  return { secret, key, anchor: { ...tail, files: names }, paths: names.map((name) => join(folder, name)) };
}

function entryAfter(seq: number): AuditEntry {
  const common = {
    time: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString(),
    window: '0000000a',
    actor: { os: '0011223344556677', fhirUser: 'Person/1' },
    connection: `c${seq % 200}`,
    outcome: 'success',
  } as const;
  if (seq === 0) return { ...common, action: 'log.segmentStarted', detail: { reason: 'first' } };
  // One logout at the very beginning: the entry that takes longest to find.
  if (seq === 1) return { ...common, action: 'logout', detail: { endedOnServer: true } };
  return { ...common, action: 'fhir.read', detail: { resourceType: 'Patient', count: seq } };
}
