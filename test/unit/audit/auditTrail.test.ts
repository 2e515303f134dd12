import assert from 'node:assert/strict';
import { appendFile, readdir, readFile, rename, rm, stat, truncate, writeFile } from 'node:fs/promises';
import * as nodeFileSystem from 'node:fs';
import { join } from 'node:path';
import { auditKeysSecret } from '../../../src/core/audit/auditKeys.ts';
import { anchorDelayMs, anchorEveryEntries } from '../../../src/core/audit/auditTrail.ts';
import { parseRecord, readPage } from '../../../src/core/audit/auditRecord.ts';
import type { AuditFileSystem } from '../../../src/platform/auditFiles.ts';
import { AuditLogOfWindow, MemorySecrets } from '../../fakes/auditLog.ts';
import { MemoryLock } from '../../fakes/memoryStorage.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { useTemporaryFolder } from '../../integration/platform/temporaryFolder.ts';

describe('The audit log', () => {
  const folder = useTemporaryFolder();
  let secrets: MemorySecrets;
  beforeEach(() => {
    secrets = new MemorySecrets();
  });

  const windowOf = (options: Partial<ConstructorParameters<typeof AuditLogOfWindow>[1]> = {}) =>
    new AuditLogOfWindow(folder(), { secrets, ...options });
  const paths = async () =>
    (await readdir(join(folder(), 'audit'))).sort().map((name) => join(folder(), 'audit', name));
  const lines = async () =>
    (await Promise.all((await paths()).map((path) => readFile(path, 'utf8')))).join('').trimEnd().split('\n');
  const rewrite = async (change: (lines: string[]) => string[]) => {
    const [path = ''] = await paths();
    const changed = change((await readFile(path, 'utf8')).trimEnd().split('\n'));
    await writeFile(path, changed.map((line) => `${line}\n`).join(''));
  };

  it('begins with a segment and is proved whole', async () => {
    const window = windowOf();
    await window.write(5);
    await window.trail.close();
    const result = await window.verify();
    assert.deepEqual(
      [result.isIntact, result.entries, result.proved, result.anchoredSeq, result.keyUnavailable],
      [true, 6, 6, 6, 0],
    );
    assert.equal(parseRecord((await lines())[0] ?? '')?.action, 'log.segmentStarted');
  });

  it('is readable by its owner only', async () => {
    await windowOf().write(1);
    const [path = ''] = await paths();
    assert.equal((await stat(path)).mode & 0o777, 0o600);
    assert.equal((await stat(join(folder(), 'audit'))).mode & 0o777, 0o700);
  });

  it('is one chain though several windows write it in turn and at once', async () => {
    const lock = new MemoryLock();
    const [a, b] = [windowOf({ window: '0000000a', lock }), windowOf({ window: '0000000b', lock })];
    for (let round = 0; round < 20; round++) await Promise.all([a.write(2), b.write(3)]);
    const result = await a.verify();
    assert.deepEqual(
      [result.isIntact, result.entries, result.proved],
      [true, 101, 101],
      JSON.stringify(result),
    );
  });

  const edits: readonly (readonly [name: string, kind: string, edit: (lines: string[]) => string[]])[] = [
    [
      'a changed value',
      'changed',
      (all) => all.map((line, i) => (i === 3 ? line.replace('true', 'false') : line)),
    ],
    ['an entry taken out', 'missing', (all) => all.toSpliced(3, 1)],
    ['an entry put in twice', 'out-of-order', (all) => all.toSpliced(3, 0, all[2] ?? '')],
    ['two entries swapped', 'missing', (all) => all.with(3, all[4] ?? '').with(4, all[3] ?? '')],
    ['a line of somebody else', 'unreadable', (all) => all.toSpliced(3, 0, '{"seq":4}')],
    ['an empty line', 'unreadable', (all) => all.toSpliced(3, 0, '')],
    [
      'a swapped key',
      'key-swapped',
      (all) => all.map((line, i) => (i === 3 ? line.replace(/"key":"\w{8}"/, '"key":"00000000"') : line)),
    ],
    ['a last entry cut off', 'truncated', (all) => all.slice(0, -1)],
    ['a first entry cut off', 'missing', (all) => all.slice(1)],
    [
      'all keys swapped',
      'key-swapped',
      (all) => all.map((line) => line.replace(/"key":"\w{8}"/, '"key":"00000000"')),
    ],
  ];
  for (const [name, kind, edit] of edits) {
    it(`shows ${name}`, async () => {
      const window = windowOf();
      await window.write(7);
      await window.trail.close();
      await rewrite(edit);
      const result = await window.verify();
      assert.equal(result.isIntact, false);
      assert.ok(
        result.problems.some((problem) => problem.kind === kind),
        JSON.stringify(result.problems),
      );
    });
  }

  it('says the first bad place and what is proved before it', async () => {
    const window = windowOf();
    await window.write(9);
    await rewrite((all) => all.map((line, i) => (i === 4 ? line.replace('success', 'failure') : line)));
    const result = await window.verify();
    assert.equal(result.provedBefore, 4);
    assert.deepEqual([result.problems[0]?.line, result.problems[0]?.seq], [5, 5]);
    assert.equal(result.proved, 9);
  });

  it('begins a file a month and when one is full, and shows one that is missing', async () => {
    const clock = new FakeClock(Date.UTC(2026, 0, 31, 23, 59));
    const window = windowOf({ clock, maxBytes: 2000 });
    await window.write(10);
    clock.advance(120_000);
    await window.write(3);
    await window.trail.close();
    const names = (await paths()).map((path) => path.slice(-13, -6));
    assert.ok(names.includes('2026-01') && names.includes('2026-02') && names.length >= 3, names.join());
    assert.equal((await window.verify()).isIntact, true);
    const all = await paths();
    for (const index of [0, 1, all.length - 1]) {
      await rename(all[index] ?? '', `${folder()}/aside`);
      const result = await window.verify();
      assert.equal(result.isIntact, false, `file ${index}`);
      assert.ok(result.problems.some(({ kind }) => kind === 'files-changed'));
      await rename(`${folder()}/aside`, all[index] ?? '');
    }
    assert.equal((await window.verify()).isIntact, true);
  });

  it('keeps showing a cut-off end after it was written on', async () => {
    const first = windowOf();
    await first.write(9);
    await first.trail.close();
    await rewrite((all) => all.slice(0, 5));
    const second = windowOf();
    await second.write(20);
    await second.trail.close();
    const result = await second.verify();
    assert.deepEqual(
      result.problems.map(({ kind, seq }) => [kind, seq]),
      [['missing', 6]],
    );
  });

  it('verifies what a lost key sealed as unavailable, not as tampering', async () => {
    await windowOf().write(4);
    secrets.entries.clear();
    const later = windowOf();
    await later.write(2);
    const result = await later.verify();
    assert.deepEqual(
      [result.isIntact, result.keyUnavailable, result.proved],
      [true, 5, 3],
      JSON.stringify(result),
    );
  });

  it('goes on with a key of its own where secret storage refuses', async () => {
    secrets.failWith = new Error('locked');
    const window = windowOf();
    await window.write(2);
    assert.equal((await window.verify()).entries, 3);
    secrets.failWith = undefined;
    const later = windowOf();
    await later.write(1);
    const result = await later.verify();
    assert.deepEqual([result.isIntact, result.keyUnavailable], [true, 3]);
  });

  it('anchors its end after ten seconds, after a hundred entries, and at the end', async () => {
    const window = windowOf();
    await window.write(2);
    assert.equal(await window.anchors.read(), undefined);
    window.clock.advance(anchorDelayMs);
    await untilAnchored(window, 3);
    await window.write(anchorEveryEntries);
    await untilAnchored(window, 3 + anchorEveryEntries);
    await window.write(1);
    await window.trail.close();
    await untilAnchored(window, 4 + anchorEveryEntries);
  });

  it('anchors at the end what was written while it anchored', async () => {
    const window = windowOf();
    await window.write(3);
    const store = secrets.store.bind(secrets);
    let release = () => {};
    const held = new Promise<void>((resolve) => (release = resolve));
    secrets.store = async (key, value) => {
      await held;
      await store(key, value);
    };
    const anchoring = window.trail.anchor();
    await window.write(1);
    release();
    await anchoring;
    assert.equal((await window.anchors.read())?.seq, 4);
    await window.trail.close();
    assert.equal((await window.anchors.read())?.seq, 5);
  });

  it('leaves the anchor to token writes where windows do not share secrets', async () => {
    const window = windowOf({ anchorsByItself: false });
    await window.write(anchorEveryEntries);
    window.clock.advance(anchorDelayMs);
    await window.trail.close();
    assert.equal(await window.anchors.read(), undefined);
    await window.trail.anchor();
    assert.equal((await window.anchors.read())?.seq, anchorEveryEntries + 1);
  });

  it('takes an unfinished line off, says so, and loses no other', async () => {
    const window = windowOf();
    await window.write(3);
    const [path = ''] = await paths();
    await appendFile(path, '{"seq":5,"prev":"half a li');
    assert.deepEqual(
      (await window.verify()).problems.map(({ kind }) => kind),
      ['unfinished'],
    );
    const next = windowOf();
    await next.write(1);
    const result = await next.verify();
    assert.deepEqual([result.isIntact, result.repairs, result.entries], [true, 1, 6]);
  });

  it('goes on in a new file where the end is no entry, and still shows it', async () => {
    const window = windowOf();
    await window.write(3);
    const [path = ''] = await paths();
    await appendFile(path, 'nonsense\n');
    await windowOf().write(2);
    assert.equal((await paths()).length, 2);
    const result = await window.verify();
    assert.deepEqual(
      result.problems.map(({ kind }) => kind),
      ['unreadable'],
    );
    assert.equal(result.proved, 7);
  });

  it('keeps entries in memory while the disk is full and writes them afterwards, none twice', async () => {
    let isFull = false;
    const fileSystem: AuditFileSystem = {
      ...nodeFileSystem,
      writeSync: ((file: number, bytes: Uint8Array, offset: number, length: number, position: number) => {
        if (!isFull) return nodeFileSystem.writeSync(file, bytes, offset, length, position);
        nodeFileSystem.writeSync(file, bytes, offset, Math.floor(length / 2), position);
        throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      }) as typeof nodeFileSystem.writeSync,
    };
    const window = windowOf({ fileSystem });
    await window.write(2);
    isFull = true;
    await window.write(3);
    assert.equal(window.trail.isFailing, true);
    assert.equal((await window.verify()).isIntact, true);
    isFull = false;
    window.clock.advance(60_000);
    await window.trail.flush();
    const result = await window.verify();
    assert.deepEqual([result.isIntact, result.entries, window.trail.isFailing], [true, 6, false]);
    assert.match(window.log.lines.join('\n'), /could not be written \(storage\/write-failed\)/);
  });

  it('writes what is recorded in the very moment in which it finishes', async () => {
    for (let turns = 0; turns < 8; turns++) {
      const window = windowOf();
      const later = { action: 'token.refreshed', outcome: 'success', detail: {} } as const;
      const recordLater = async () => {
        for (let turn = 0; turn < turns; turn++) await Promise.resolve();
        window.trail.record(later);
      };
      let writes = 0;
      window.trail.onDidWrite(() => {
        if (++writes === 1) void recordLater();
      });
      const before = (await window.verify()).entries;
      await window.write(1);
      await until(async () => (await window.verify()).entries - before >= 2);
      await window.trail.close();
    }
  });

  it('says how many entries are lost where the window closes while the disk is full', async () => {
    const window = windowOf();
    await writeFile(join(folder(), 'audit'), 'in the way');
    await window.write(2);
    await window.trail.close();
    assert.match(window.log.lines.join('\n'), /could not be written: 2\./);
  });

  it('counts entries that it could not keep', async () => {
    const window = windowOf();
    await writeFile(join(folder(), 'audit'), 'in the way');
    for (let i = 0; i < 1010; i++) {
      window.trail.record({ action: 'logout', outcome: 'success', detail: { endedOnServer: true } });
    }
    await window.trail.flush();
    await rm(join(folder(), 'audit'));
    window.clock.advance(60_000);
    await window.trail.flush();
    const result = await window.verify();
    assert.deepEqual([result.isIntact, result.gaps, result.entries], [true, 10, 1002]);
  });

  it('counts an entry that it could not keep while it was writing', async () => {
    let isFirst = true;
    const window = windowOf({
      fileSystem: {
        ...nodeFileSystem,
        writeSync: ((...given: Parameters<typeof nodeFileSystem.writeSync>) => {
          if (isFirst)
            window.trail.record({ action: 'logout', outcome: 'success', detail: { wrong: 1 } as never });
          isFirst = false;
          return nodeFileSystem.writeSync(...given);
        }) as typeof nodeFileSystem.writeSync,
      },
    });
    await window.write(1);
    assert.equal((await window.verify()).gaps, 1);
  });

  it('refuses an event that does not follow the schema, and says that one is missing', async () => {
    const window = windowOf();
    const token = `eyJ${'a'.repeat(40)}.${'b'.repeat(40)}.${'c'.repeat(40)}`;
    window.trail.record({ action: 'login', outcome: 'failure', detail: { token } as never, code: token });
    await window.trail.flush();
    assert.ok(!(await lines()).join('\n').includes(token));
    assert.equal((await window.verify()).gaps, 1);
  });

  it('is read page by page, newest first, filtered', async () => {
    const window = windowOf({ maxBytes: 3000 });
    await window.write(25);
    window.trail.record({
      action: 'token.refreshed',
      outcome: 'failure',
      code: 'refresh/refused',
      detail: {},
    });
    await window.trail.flush();
    const files = await window.files.files();
    const first = await readPage(files, { limit: 10 });
    assert.deepEqual(
      first.records.map(({ seq }) => seq),
      [27, 26, 25, 24, 23, 22, 21, 20, 19, 18],
    );
    const second = await readPage(files, { limit: 100, before: first.before });
    assert.deepEqual([second.records[0]?.seq, second.records.length, second.before], [17, 17, undefined]);
    const failures = await readPage(files, { limit: 10, filter: { outcome: 'failure' } });
    assert.deepEqual(
      failures.records.map(({ action }) => action),
      ['token.refreshed'],
    );
  });

  it('is read on from an older entry without a look into the newer files', async () => {
    const window = windowOf({ maxBytes: 3000 });
    await window.write(40);
    const files = await window.files.files();
    assert.ok(files.length >= 4);
    const untouched = {
      newestFirst: () => assert.fail('A file was read in which there is nothing to find.'),
    };
    const [last, ...older] = files.toReversed();
    assert.ok(last);
    const page = await readPage([...older.toReversed(), { ...last, ...untouched }], { limit: 3, before: 12 });
    assert.deepEqual(
      page.records.map(({ seq }) => seq),
      [11, 10, 9],
    );
  });

  it('names who is signed in with all that is done on a connection until the logout', async () => {
    const { trail } = windowOf();
    const fhirUser = 'https://emr.example.org/apis/default/fhir/Person/7';
    const on = { connection: 'c1', outcome: 'success' } as const;
    const read = { action: 'fhir.read', detail: { resourceType: 'Patient', count: 1 } } as const;
    trail.record({ ...on, ...read });
    trail.record({ ...on, action: 'login', detail: {}, fhirUser });
    trail.record({ ...on, ...read });
    trail.record({ ...on, ...read, connection: 'c2' });
    trail.record({ ...on, action: 'login', outcome: 'started', detail: {} });
    trail.record({ ...on, action: 'logout', detail: { endedOnServer: true } });
    trail.record({ ...on, ...read });
    await trail.flush();
    const who = (await lines()).flatMap((line) => parseRecord(line) ?? []).map(({ actor }) => actor.fhirUser);
    const person = 'Person/7';
    assert.deepEqual(who.slice(1), [undefined, person, person, undefined, undefined, person, undefined]);
  });

  it('keeps its key in secret storage and out of the files', async () => {
    const window = windowOf();
    await window.write(3);
    const { secret } = (
      JSON.parse(secrets.entries.get(auditKeysSecret) ?? '') as { keys: [{ secret: string }] }
    ).keys[0];
    assert.ok(!(await lines()).join('\n').includes(secret));
  });

  it('does not take a file cut in the middle for a whole one', async () => {
    const window = windowOf();
    await window.write(5);
    await window.trail.close();
    const [path = ''] = await paths();
    const { size } = await stat(path);
    for (const cut of [1, 10, 100, 300]) {
      await truncate(path, size - cut);
      assert.equal((await window.verify()).isIntact, false, `${cut} bytes`);
    }
  });
});

function untilAnchored(window: AuditLogOfWindow, seq: number): Promise<void> {
  return until(async () => (await window.anchors.read())?.seq === seq);
}

async function until(isSo: () => Promise<boolean>): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (await isSo()) return;
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  assert.fail('What was waited for did not happen.');
}
