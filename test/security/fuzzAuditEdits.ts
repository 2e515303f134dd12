import * as fc from 'fast-check';
import {
  auditKeyOf,
  emptyTail,
  newAuditSecret,
  sealEntry,
  type AuditKey,
} from '../../src/core/audit/auditChain.ts';
import type { AuditAnchor } from '../../src/core/audit/auditAnchor.ts';
import type { AuditEntry } from '../../src/core/audit/auditEvent.ts';
import type { AuditFile } from '../../src/core/audit/auditStorage.ts';
import { verifyAuditLog } from '../../src/core/audit/auditVerification.ts';

export interface AuditFuzz {
  readonly auditEdits: number;
  readonly auditMissed: number;
  readonly crashes: number;
  readonly missed: readonly string[];
}

const filesOfLog = 3;
const entriesOfFile = 12;

interface Log {
  readonly files: readonly { name: string; bytes: Buffer }[];
  readonly keys: ReadonlyMap<string, AuditKey>;
  readonly anchor: AuditAnchor;
}

function makeLog(): Log {
  const key = auditKeyOf(newAuditSecret());
  let tail = emptyTail;
  const files = Array.from({ length: filesOfLog }, (_, index) => {
    let text = '';
    for (let i = 0; i < entriesOfFile; i++) {
      const sealed = sealEntry(tail, key, entryFor(tail.seq));
      text += sealed.line;
      tail = sealed.tail;
    }
    return { name: `audit-00000${index + 1}-2026-0${index + 1}.jsonl`, bytes: Buffer.from(text) };
  });
  const names = files.map(({ name }) => name);
  return { files, keys: new Map([[key.id, key]]), anchor: { ...tail, files: names } };
}

function entryFor(seq: number): AuditEntry {
  const common = {
    time: new Date(Date.UTC(2026, 0, 1) + seq * 1000).toISOString(),
    window: '0000000a',
    actor: { os: '0011223344556677' },
    outcome: 'success',
  } as const;
  return seq === 0
    ? { ...common, action: 'log.segmentStarted', detail: { reason: 'first' } }
    : { ...common, action: 'fhir.read', connection: 'c1', detail: { resourceType: 'Patient', count: seq } };
}

const edit = fc.record({
  kind: fc.constantFrom(
    ...([
      'flip',
      'insert',
      'delete',
      'replaceDigit',
      'dropLine',
      'repeatLine',
      'swapLines',
      'moveLine',
    ] as const),
    ...([
      'truncate',
      'removeFile',
      'swapFiles',
      'renameFile',
      'copyFile',
      'appendLine',
      'appendBytes',
    ] as const),
  ),
  file: fc.nat(filesOfLog - 1),
  position: fc.double({ min: 0, max: 1, maxExcluded: true, noNaN: true }),
  other: fc.nat(entriesOfFile - 1),
  length: fc.integer({ min: 1, max: 120 }),
  byte: fc.integer({ min: 1, max: 255 }),
});
type Edit = typeof edit extends fc.Arbitrary<infer E> ? E : never;

/** Edits a log at random places; each must show. */
export async function fuzzAuditEdits(runs: number, seed: number): Promise<AuditFuzz> {
  const log = makeLog();
  const missed: string[] = [];
  let crashes = 0;
  let edits = 0;
  for (const change of fc.sample(edit, { numRuns: runs, seed })) {
    const files = edited(log, change);
    if (isSame(files, log.files)) continue;
    edits += 1;
    try {
      const result = await verifyAuditLog({ files: files.map(asFile), keys: log.keys, anchor: log.anchor });
      if (result.isIntact) missed.push(JSON.stringify(change));
    } catch {
      crashes += 1;
    }
  }
  return { auditEdits: edits, auditMissed: missed.length, crashes, missed };
}

type Files = Log['files'];

function edited({ files }: Log, change: Edit): Files {
  const { kind, file, position, other, length, byte } = change;
  const target = files[file]!;
  const at = Math.floor(position * target.bytes.length);
  const lines = target.bytes.toString('utf8').trimEnd().split('\n');
  const line = Math.floor(position * lines.length);
  const withBytes = (...parts: Uint8Array[]) => files.with(file, { ...target, bytes: Buffer.concat(parts) });
  const withLines = (changed: string[]) =>
    withBytes(Buffer.from(changed.map((text) => `${text}\n`).join('')));
  switch (kind) {
    case 'flip':
      return withBytes(
        target.bytes.subarray(0, at),
        Buffer.from([target.bytes[at]! ^ byte]),
        target.bytes.subarray(at + 1),
      );
    case 'insert':
      return withBytes(target.bytes.subarray(0, at), Buffer.alloc(length, byte), target.bytes.subarray(at));
    case 'delete':
      return withBytes(target.bytes.subarray(0, at), target.bytes.subarray(at + length));
    case 'replaceDigit':
      return withLines(
        lines.with(
          line,
          lines[line]!.replace(/"count":(\d)/, (_, d) => `"count":${(Number(d) + 1) % 10}`),
        ),
      );
    case 'dropLine':
      return withLines(lines.toSpliced(line, 1));
    case 'repeatLine':
      return withLines(lines.toSpliced(other, 0, lines[line]!));
    case 'swapLines':
      return withLines(lines.with(line, lines[other]!).with(other, lines[line]!));
    case 'moveLine':
      return withLines(lines.toSpliced(line, 1).toSpliced(other, 0, lines[line]!));
    case 'truncate':
      return withBytes(target.bytes.subarray(0, at));
    case 'removeFile':
      return files.toSpliced(file, 1);
    case 'swapFiles': {
      const partner = files[other % filesOfLog]!;
      return files
        .with(file, { ...target, bytes: partner.bytes })
        .with(other % filesOfLog, { ...partner, bytes: target.bytes });
    }
    case 'renameFile':
      return files.with(file, { ...target, name: target.name.replace(/-2026/, '-2025') });
    case 'copyFile':
      return files.toSpliced(file, 0, { ...target, name: target.name.replace(/jsonl$/, 'a.jsonl') });
    case 'appendLine':
      return withLines([...lines, lines[line]!]);
    case 'appendBytes':
      return withBytes(target.bytes, Buffer.alloc(length, byte));
  }
}

function isSame(files: Files, before: Files): boolean {
  return (
    files.length === before.length &&
    files.every(({ name, bytes }, index) => name === before[index]?.name && bytes.equals(before[index].bytes))
  );
}

function asFile({ name, bytes }: Files[number]): AuditFile {
  return {
    name,
    size: bytes.length,
    // eslint-disable-next-line @typescript-eslint/require-await
    async *read() {
      for (let start = 0; start < bytes.length; start += 1000) yield bytes.subarray(start, start + 1000);
    },
    newestFirst: () => {
      throw new Error('Verification reads forwards.');
    },
  };
}
