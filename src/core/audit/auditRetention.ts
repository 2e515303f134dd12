import type { AuditFile } from './auditStorage.ts';
import { parseRecord } from './auditRecord.ts';

/** The files whose every entry is older than so many years; never the newest file, and only from the beginning on. */
export function expiredFiles(
  files: readonly AuditFile[],
  monthOf: (name: string) => string,
  { now, years }: { now: number; years: number },
): readonly AuditFile[] {
  const limit = new Date(now);
  limit.setUTCFullYear(limit.getUTCFullYear() - years);
  const oldestKept = limit.toISOString().slice(0, 7);
  const firstKept = files.findIndex((file) => monthOf(file.name) >= oldestKept);
  return files.slice(0, Math.min(firstKept < 0 ? files.length : firstKept, Math.max(files.length - 1, 0)));
}

/** The last entry of a file; undefined where it holds none. */
export async function lastSequence(file: AuditFile): Promise<number | undefined> {
  for await (const line of file.newestFirst()) {
    const record = parseRecord(line);
    if (record) return record.seq;
  }
  return undefined;
}
