// Measures one thing about an audit log and prints it as JSON: append <folder> | verify <folder> <secret> | baseline <folder> <secret>
import { createHmac } from 'node:crypto';
import { auditKeyOf, sealLength, type AuditKey } from '../../src/core/audit/auditChain.ts';
import { verifyAuditLog } from '../../src/core/audit/auditVerification.ts';
import { systemClock } from '../../src/core/base/clock.ts';
import { AuditFiles } from '../../src/platform/auditFiles.ts';
import { AuditLogOfWindow, MemorySecrets } from '../fakes/auditLog.ts';
import { peakMemoryKb } from '../bench/peakMemory.ts';

const [what = '', folder = '', secret = ''] = process.argv.slice(2);
const newline = 0x0a;

async function secondsOf(work: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await work();
  return (performance.now() - start) / 1000;
}

/** Seconds in the median over 1,000 entries, written one by one, the lock included. */
async function append(): Promise<number> {
  const window = new AuditLogOfWindow(folder, { secrets: new MemorySecrets() });
  await window.write(20);
  const times: number[] = [];
  for (let i = 0; i < 1000; i++) times.push(await secondsOf(() => window.write(1)));
  return times.sort((a, b) => a - b)[500] ?? Infinity;
}

async function verify(key: AuditKey): Promise<void> {
  const files = await new AuditFiles(folder, { clock: systemClock }).files();
  const { isIntact, proved, lastSeq } = await verifyAuditLog({
    ...{ files, keys: new Map([[key.id, key]]), anchor: undefined },
  });
  if (!isIntact || proved !== lastSeq) throw new Error('The log that was just written is not intact.');
}

/** The least that any verification has to do: read, parse every line, HMAC its bytes. */
async function parseAndHmac({ key }: AuditKey): Promise<void> {
  for (const file of await new AuditFiles(folder, { clock: systemClock }).files()) {
    let rest: Buffer = Buffer.alloc(0);
    for await (const chunk of file.read()) {
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
}

const key = auditKeyOf(secret);
const seconds =
  what === 'append'
    ? await append()
    : await secondsOf(() => (what === 'verify' ? verify(key) : parseAndHmac(key)));
console.log(JSON.stringify({ seconds, peakMemoryMb: peakMemoryKb() / 1024 }));
