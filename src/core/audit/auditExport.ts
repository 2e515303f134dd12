import { parseRecord, type AuditRecord } from './auditRecord.ts';
import type { AuditFile } from './auditStorage.ts';
import type { AuditVerification } from './auditVerification.ts';

export type AuditExportFormat = 'csv' | 'jsonl';

const columns = [
  'sequence',
  'time',
  'action',
  'outcome',
  'code',
  'connection',
  'osUser',
  'fhirUser',
  'window',
  'correlation',
  'detail',
  'key',
] as const;

/**
 * The whole log with the result of its verification in front: in JSON Lines as an object `{"verification": …}` before the
 * entries byte for byte (so that they can be verified again), in CSV (RFC 4180) as lines that begin with `#`.
 */
export async function* exportAuditLog(
  files: readonly AuditFile[],
  verification: AuditVerification,
  format: AuditExportFormat,
): AsyncGenerator<string> {
  yield format === 'jsonl' ? `${JSON.stringify({ verification })}\n` : csvHead(verification);
  for (const file of files) {
    for await (const line of linesOf(file)) {
      const record = format === 'csv' ? parseRecord(line) : undefined;
      if (format === 'jsonl') yield `${line}\n`;
      else if (record) yield csvLine(cellsOf(record));
      else yield csvLine(['', '', 'unreadable', '', '', '', '', '', '', '', '', '']);
    }
  }
}

function csvHead({
  isIntact,
  entries,
  proved,
  keyUnavailable,
  problemCount,
  problems,
}: AuditVerification): string {
  const found = problems.map(({ kind, file, line, seq }) =>
    [kind, file ?? '', line ?? '', seq ?? ''].join(' ').trim(),
  );
  return [
    `# intact: ${isIntact ? 'yes' : 'no'}; entries: ${entries}; proved: ${proved}; key unavailable: ${keyUnavailable}; problems: ${problemCount}`,
    ...found.map((problem) => `# ${problem}`),
    columns.join(','),
    '',
  ].join('\r\n');
}

function cellsOf(record: AuditRecord): string[] {
  const { seq, time, action, outcome, code = '', connection = '', actor, window, correlation = '' } = record;
  const detail = Object.keys(record.detail).length > 0 ? JSON.stringify(record.detail) : '';
  const who = [actor.os, actor.fhirUser ?? ''];
  return [
    String(seq),
    time,
    action,
    outcome,
    code,
    connection,
    ...who,
    window,
    correlation,
    detail,
    record.key,
  ];
}

function csvLine(cells: readonly string[]): string {
  return `${cells.map(csvCell).join(',')}\r\n`;
}

/** A spreadsheet would take what begins so for a formula. */
function csvCell(value: string): string {
  const harmless = /^[=+\-@\t]/.test(value) ? `'${value}` : value;
  return /[",\r\n]/.test(harmless) ? `"${harmless.replaceAll('"', '""')}"` : harmless;
}

async function* linesOf(file: AuditFile): AsyncGenerator<string> {
  const decoder = new TextDecoder();
  let rest = '';
  for await (const chunk of file.read()) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n');
    rest = lines.pop() ?? '';
    yield* lines;
  }
  if (rest) yield rest;
}
