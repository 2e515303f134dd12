import { createHmac } from 'node:crypto';
import { createReadStream } from 'node:fs';
import { mkdtemp, open, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  auditKeyOf,
  emptyTail,
  newAuditSecret,
  sealEntry,
  sealLength,
  type AuditKey,
} from '../../src/core/audit/auditChain.ts';
import { verifyAuditLog } from '../../src/core/audit/auditVerification.ts';
import { AuditLogOfWindow, MemorySecrets } from '../fakes/auditLog.ts';

export interface AuditFigures {
  /** Milliseconds, median over 1,000 entries, the lock included. */
  readonly appendMedianMs: number;
  readonly entries: number;
  /** Seconds for parsing and HMAC alone, and for the verification; the best of three each. */
  readonly baselineSeconds: number;
  readonly verificationSeconds: number;
  readonly ratio: number;
  /** What the verification added to the memory in use, in MB. */
  readonly memoryMb: number;
}

const newline = 0x0a;

export async function measureAudit(entries: number): Promise<AuditFigures> {
  const folder = await mkdtemp(join(tmpdir(), 'openemr-workbench-audit-'));
  try {
    const appendMedianMs = await measureAppend(folder);
    const path = join(folder, 'audit-000001-2026-01.jsonl');
    const key = auditKeyOf(newAuditSecret());
    await writeLog(path, key, entries);
    const { size } = await stat(path);
    let memory = 0;
    const before = process.memoryUsage().rss;
    const verify = async () => {
      const file = {
        name: 'audit-000001-2026-01.jsonl',
        size,
        read: () => chunksOf(path),
        newestFirst: () => fail(),
      };
      const result = await verifyAuditLog({
        files: [file],
        keys: new Map([[key.id, key]]),
        anchor: undefined,
        onProgress: () => (memory = Math.max(memory, process.memoryUsage.rss() - before)),
      });
      if (!result.isIntact || result.proved !== entries)
        throw new Error('The log that was just written is not intact.');
    };
    const [baseline, verification] = [[] as number[], [] as number[]];
    for (let round = 0; round < 3; round++) {
      verification.push(await secondsOf(verify));
      baseline.push(await secondsOf(() => parseAndHmac(path, key)));
    }
    const [baselineSeconds, verificationSeconds] = [Math.min(...baseline), Math.min(...verification)];
    return {
      ...{ appendMedianMs, entries, baselineSeconds, verificationSeconds },
      ratio: verificationSeconds / baselineSeconds,
      memoryMb: memory / 1e6,
    };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function measureAppend(folder: string): Promise<number> {
  const window = new AuditLogOfWindow(folder, { secrets: new MemorySecrets() });
  await window.write(20);
  const times: number[] = [];
  for (let i = 0; i < 1000; i++) times.push((await secondsOf(() => window.write(1))) * 1000);
  return times.sort((a, b) => a - b)[500] ?? Infinity;
}

async function writeLog(path: string, key: AuditKey, entries: number): Promise<void> {
  const file = await open(path, 'w');
  const time = new Date(Date.UTC(2026, 0, 1)).toISOString();
  let tail = emptyTail;
  let text = '';
  for (let i = 0; i < entries; i++) {
    const common = {
      time,
      window: '0000000a',
      actor: { os: '0011223344556677', fhirUser: 'Person/1' },
    } as const;
    const sealed = sealEntry(tail, key, {
      ...{ ...common, connection: 'c1', outcome: 'success', action: 'fhir.read' },
      detail: { resourceType: 'Patient', count: i },
    });
    tail = sealed.tail;
    text += sealed.line;
    if (i % 5000 === 4999 || i === entries - 1) {
      await file.write(text);
      text = '';
    }
  }
  await file.close();
}

/** The least that any verification has to do: read, parse every line, HMAC its bytes. */
async function parseAndHmac(path: string, { key }: AuditKey): Promise<void> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of chunksOf(path)) {
    const buffer = Buffer.concat([rest, chunk]);
    let start = 0;
    for (let end = buffer.indexOf(newline); end >= 0; end = buffer.indexOf(newline, start)) {
      const entry = JSON.parse(buffer.toString('utf8', start, end)) as { mac: string };
      const mac = createHmac('sha256', key)
        .update(buffer.subarray(start, end - sealLength))
        .digest('base64url');
      if (mac !== entry.mac) throw new Error('A seal does not fit.');
      start = end + 1;
    }
    rest = buffer.subarray(start);
  }
}

function chunksOf(path: string): AsyncIterable<Buffer> {
  return createReadStream(path, { highWaterMark: 1024 * 1024 }) as AsyncIterable<Buffer>;
}

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

function fail(): never {
  throw new Error('Verification reads forwards.');
}
