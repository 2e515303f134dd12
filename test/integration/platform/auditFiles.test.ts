import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { auditKeyOf, newAuditSecret } from '../../../src/core/audit/auditChain.ts';
import { verifyAuditLog } from '../../../src/core/audit/auditVerification.ts';
import { systemClock } from '../../../src/core/base/clock.ts';
import { AuditFiles } from '../../../src/platform/auditFiles.ts';
import { QuickLock } from '../../../src/platform/quickLock.ts';
import { useTemporaryFolder } from './temporaryFolder.ts';

const child = new URL('./auditFiles.child.ts', import.meta.url).pathname;

describe('The files of the audit log', function () {
  this.timeout(30_000);
  const folder = useTemporaryFolder();

  it('lose no entry that was written when windows are killed in the middle, again and again', async () => {
    const secret = newAuditSecret();
    const confirmed = new Set<number>();
    for (let round = 0; round < 4; round++) {
      const writers = [0, 1].map(() => spawn(process.execPath, [child, folder(), secret]));
      const ended = Promise.all(writers.map((writer) => once(writer, 'close')));
      for (const writer of writers) {
        let text = '';
        writer.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()));
        writer.on('close', () => {
          for (const line of text.split('\n').slice(0, -1)) confirmed.add(Number(line));
        });
        writer.stdout.once('data', () => setTimeout(() => writer.kill('SIGKILL'), 20 + round * 13));
      }
      await ended;
    }
    const key = auditKeyOf(secret);
    const files = await new AuditFiles(folder(), { clock: systemClock }).files();
    const result = await verifyAuditLog({ files, keys: new Map([[key.id, key]]), anchor: undefined });
    const problems = result.problems.filter(({ kind }) => kind !== 'unfinished');
    assert.deepEqual(problems, []);
    assert.ok(confirmed.size > 20, String(confirmed.size));
    assert.ok(Math.max(...confirmed) <= result.lastSeq);
    assert.equal(result.proved, result.lastSeq);
  });

  it('take a lock over whose process is gone, at once, and wait for one that is alive', async () => {
    const path = join(folder(), 'x.lock');
    await writeFile(path, `999999999 ${(await import('node:os')).hostname()} abc`);
    const start = performance.now();
    await new QuickLock(path).run(() => undefined);
    assert.ok(performance.now() - start < 2_000);
    await writeFile(path, `${process.pid} ${(await import('node:os')).hostname()} abc`);
    await assert.rejects(
      new QuickLock(path, { timeoutMs: 200 }).run(() => undefined),
      { code: 'storage/write-failed' },
    );
  });

  it('say so where the folder cannot be written, and write again once it can', async function () {
    if (process.getuid?.() === 0) this.skip();
    const path = join(folder(), 'audit');
    await mkdir(path);
    await chmod(path, 0o500);
    const files = new AuditFiles(path, { clock: systemClock });
    await assert.rejects(
      files.append(({ tail }) => ({ text: '', tail })),
      { code: 'storage/write-failed' },
    );
    await chmod(path, 0o700);
    await files.append(({ tail }) => ({ text: '', tail }));
  });
});
