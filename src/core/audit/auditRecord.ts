import { headLength, headPattern, placeOf } from './auditChain.ts';
import { auditEntrySchema, type AuditAction, type AuditEntry, type AuditOutcome } from './auditEvent.ts';
import type { AuditFile } from './auditStorage.ts';

/** One line of the log, read back. What it says is proved by verification only. */
export type AuditRecord = AuditEntry & { readonly seq: number; readonly key: string };

export interface AuditFilter {
  readonly action?: AuditAction | undefined;
  readonly outcome?: AuditOutcome | undefined;
  readonly connection?: string | undefined;
}

export interface AuditPage {
  readonly records: readonly AuditRecord[];
  /** Lines met on the way that are no entries. */
  readonly unreadable: number;
  /** Where to go on: entries before this sequence number; absent at the beginning of the log. */
  readonly before?: number;
}

/** Lines looked at for one page: a filter that nothing fits must not read a log of years at once. */
const maxScanned = 200_000;

/** Undefined where the line is no entry. */
export function parseRecord(line: string): AuditRecord | undefined {
  const place = placeOf(line);
  if (!place) return undefined;
  const members = parseJson(line);
  if (!members) return undefined;
  for (const name of ['seq', 'prev', 'key', 'mac']) Reflect.deleteProperty(members, name);
  const entry = auditEntrySchema.safeParse(members);
  return entry.success ? { ...entry.data, seq: place.seq, key: place.key } : undefined;
}

/** The newest entries that fit, newest first. Throws what reading a file throws. */
export async function readPage(
  files: readonly AuditFile[],
  options: { filter?: AuditFilter; before?: number | undefined; limit: number },
): Promise<AuditPage> {
  const { filter = {}, before = Infinity, limit } = options;
  const records: AuditRecord[] = [];
  let unreadable = 0;
  let scanned = 0;
  for (const file of files.toReversed()) {
    if ((await firstSequence(file)) >= before) continue;
    for await (const line of file.newestFirst()) {
      if ((placeOf(line)?.seq ?? 0) >= before) continue;
      const record = parseRecord(line);
      scanned += 1;
      if (!record) unreadable += 1;
      else if (records.length === limit || scanned > maxScanned) {
        return { records, unreadable, before: record.seq + 1 };
      } else if (fits(record, filter)) records.push(record);
    }
  }
  return { records, unreadable };
}

/** The file's first entry by what it claims; 0 where it does not begin with one. */
async function firstSequence(file: AuditFile): Promise<number> {
  for await (const chunk of file.read()) {
    const head = new TextDecoder('latin1').decode(chunk.subarray(0, headLength));
    return Number(headPattern.exec(head)?.[1] ?? 0);
  }
  return 0;
}

function fits(record: AuditRecord, { action, outcome, connection }: AuditFilter): boolean {
  return (
    (action === undefined || record.action === action) &&
    (outcome === undefined || record.outcome === outcome) &&
    (connection === undefined || record.connection === connection)
  );
}

function parseJson(line: string): Record<string, unknown> | undefined {
  try {
    return JSON.parse(line) as Record<string, unknown>;
  } catch {
    return undefined;
  }
}
