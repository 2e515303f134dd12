import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { expiredFiles, lastSequence } from '../../../src/core/audit/auditRetention.ts';
import type { AuditFile } from '../../../src/core/audit/auditStorage.ts';
import { monthOf } from '../../../src/platform/auditFiles.ts';
import { AuditLogOfWindow, MemorySecrets } from '../../fakes/auditLog.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { useTemporaryFolder } from '../../integration/platform/temporaryFolder.ts';

const now = Date.UTC(2026, 4, 15);
const fileOf = (month: string, index: number) =>
  ({ name: `audit-00000${index + 1}-${month}.jsonl` }) as AuditFile;
const expiredOf = (months: readonly string[], years: number) =>
  expiredFiles(months.map(fileOf), monthOf, { now, years }).map(({ name }) => monthOf(name));

describe('Files of the audit log that are past their time', () => {
  it('are those whose last possible entry is older than the years that were set', () => {
    const months = ['2020-03', '2020-04', '2020-05', '2020-06', '2026-05'];
    assert.deepEqual(expiredOf(months, 6), ['2020-03', '2020-04']);
    assert.deepEqual(expiredOf(months, 7), []);
  });

  it('are never the newest, however old, since the log goes on in it', () => {
    assert.deepEqual(expiredOf(['2001-01'], 6), []);
    assert.deepEqual(expiredOf(['2001-01', '2001-02'], 6), ['2001-01']);
    assert.deepEqual(expiredOf([], 6), []);
  });

  it('are only those in front of the first that is kept', () => {
    assert.deepEqual(expiredOf(['2001-01', '2026-01', '2001-02', '2026-05'], 6), ['2001-01']);
  });
});

describe('Removing old files of the audit log', () => {
  const folder = useTemporaryFolder();
  const secrets = new MemorySecrets();

  /** A log of three files, of January to March 2026, with the removal of the first two written down. */
  async function logWithRemoval(): Promise<AuditLogOfWindow> {
    const clock = new FakeClock(Date.UTC(2026, 0, 31));
    const window = new AuditLogOfWindow(folder(), { secrets, clock });
    for (const days of [20, 20, 0]) {
      await window.write(5);
      clock.advance(days * 86_400_000);
    }
    const files = await window.files.files();
    assert.equal(files.length, 3);
    const throughSequence = (await lastSequence(files[1]!)) ?? 0;
    window.trail.record({
      ...{ action: 'log.retention', outcome: 'success' },
      detail: { files: 2, throughSequence },
    });
    await window.trail.close();
    return window;
  }
  const names = async () =>
    (await readdir(join(folder(), 'audit'))).filter((name) => name.endsWith('.jsonl')).sort();
  const kindsIn = async (window: AuditLogOfWindow) =>
    (await window.verify()).problems.map(({ kind }) => kind);

  it('leaves a log that is proved from there on', async () => {
    const window = await logWithRemoval();
    await window.files.remove((await names()).slice(0, 2));
    const { isIntact, firstSeq, proved } = await window.verify();
    assert.deepEqual([isIntact, firstSeq, proved], [true, 12, 6]);
  });

  it('that was cut short by a crash leaves a log that is proved too, before or between two files', async () => {
    const window = await logWithRemoval();
    assert.deepEqual(await kindsIn(window), []);
    await window.files.remove((await names()).slice(0, 1));
    assert.deepEqual(await kindsIn(window), []);
  });

  it('shows where more was removed than was written down', async () => {
    const window = await logWithRemoval();
    await window.write(3);
    const clock = window.clock;
    clock.advance(40 * 86_400_000);
    await window.write(3);
    await window.trail.close();
    await window.files.remove((await names()).slice(0, 3));
    assert.ok((await kindsIn(window)).includes('missing'));
  });

  it('shows where it was written down by nobody', async () => {
    const window = new AuditLogOfWindow(folder(), { secrets, clock: new FakeClock(Date.UTC(2026, 0, 31)) });
    await window.write(5);
    window.clock.advance(20 * 86_400_000);
    await window.write(5);
    await window.trail.close();
    await window.files.remove((await names()).slice(0, 1));
    assert.deepEqual((await kindsIn(window)).toSorted(), ['files-changed', 'missing']);
  });

  it('takes no other file of the folder along', async () => {
    const window = await logWithRemoval();
    const before = await names();
    await window.files.remove(['../index.json', 'settings-seen.json', 'audit.lock', '']);
    assert.deepEqual(await names(), before);
  });
});
