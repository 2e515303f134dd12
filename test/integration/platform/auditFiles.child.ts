// Appends to an audit log until it is killed, and says which entries are written: <folder> <secret>
import { auditKeyOf, sealEntry } from '../../../src/core/audit/auditChain.ts';
import { systemClock } from '../../../src/core/base/clock.ts';
import { AuditFiles } from '../../../src/platform/auditFiles.ts';

const [folder = '', secret = ''] = process.argv.slice(2);
const files = new AuditFiles(folder, { clock: systemClock, maxBytes: 20_000 });
const key = auditKeyOf(secret);
const entry = {
  time: '2026-01-01T00:00:00.000Z',
  window: '0000000a',
  actor: { os: '0011223344556677' },
  outcome: 'success',
} as const;

for (;;) {
  let seq = 0;
  await files.append(({ tail, repairedBytes }) => {
    const first =
      tail.seq === 0
        ? ({ ...entry, action: 'log.segmentStarted', detail: { reason: 'first' } } as const)
        : repairedBytes > 0
          ? ({ ...entry, action: 'log.repaired', detail: { bytes: repairedBytes } } as const)
          : ({ ...entry, action: 'logout', detail: { endedOnServer: true } } as const);
    const sealed = sealEntry(tail, key, first);
    seq = sealed.tail.seq;
    return { text: sealed.line, tail: sealed.tail };
  });
  process.stdout.write(`${seq}\n`);
}
