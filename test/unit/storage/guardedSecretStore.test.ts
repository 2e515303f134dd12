import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { GuardedSecretStore } from '../../../src/core/storage/guardedSecretStore.ts';
import { SessionIndex } from '../../../src/core/storage/sessionIndex.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { Deferred } from '../../fakes/deferred.ts';
import { FakeSecretStorage } from '../../fakes/extensionContext.ts';
import { codeOf } from '../../fakes/failure.ts';
import { MemoryDocument, MemoryLock } from '../../fakes/memoryStorage.ts';

describe('guarded secret store', () => {
  let clock: FakeClock;
  let index: SessionIndex;

  beforeEach(() => {
    clock = new FakeClock();
    index = new SessionIndex(new MemoryDocument());
  });

  /** A window that starts now; in a browser host it never sees what others write afterwards. */
  function openWindow(id: string, sharesSecrets: boolean, secrets = new FakeSecretStorage()) {
    const window = { id, startedAt: clock.now(), sharesSecrets };
    return { secrets, store: new GuardedSecretStore(secrets, index, window, clock) };
  }

  it('counts every write in the index', async () => {
    const { store } = openWindow('a', true);
    await store.store('k', 'v');
    await store.delete('k');
    const { secretWrites, lastWriters } = await index.read();
    assert.equal(secretWrites, 2);
    assert.deepEqual(lastWriters, [{ window: 'a', at: clock.now() }]);
  });

  it('counts no write where there was nothing to delete', async () => {
    const { store } = openWindow('a', true);
    await store.delete('k');
    assert.equal((await index.read()).secretWrites, 0);
  });

  it('lets windows that share their secrets write in turn', async () => {
    const secrets = new FakeSecretStorage();
    const a = openWindow('a', true, secrets);
    const b = openWindow('b', true, secrets);
    clock.advance(1);
    await a.store.store('k', '1');
    clock.advance(1);
    await b.store.store('k', '2');
    await a.store.store('k', '3');
    assert.equal(await b.store.get('k'), '3');
  });

  it('refuses to write from a window that another one has overtaken', async () => {
    const a = openWindow('a', false);
    const b = openWindow('b', false);
    clock.advance(1);
    await b.store.store('k', 'new');
    assert.equal(await codeOf(a.store.store('other', 'old')), 'storage/behind');
    assert.equal(a.secrets.entries.size, 0);
    assert.equal((await index.read()).secretWrites, 1);
  });

  it('refuses to delete what an overtaken window cannot even see', async () => {
    const a = openWindow('a', false);
    const b = openWindow('b', false);
    clock.advance(1);
    await b.store.store('k', 'new');
    assert.equal(await codeOf(a.store.delete('k')), 'storage/behind');
  });

  it('lets a window write that started after the last write', async () => {
    const b = openWindow('b', false);
    await b.store.store('k', 'new');
    clock.advance(1);
    const c = openWindow('c', false);
    await c.store.store('k', 'newer');
    assert.equal(c.secrets.entries.get('k'), 'newer');
  });

  it('tells every window but the last writer that it is behind, however often that one wrote', async () => {
    const [a, b] = [openWindow('a', false), openWindow('b', false)];
    clock.advance(1);
    await b.store.store('k', '1');
    clock.advance(1);
    const c = openWindow('c', false);
    clock.advance(1);
    await c.store.store('k', '2');
    await c.store.store('k', '3');
    const document = await index.read();
    assert.deepEqual(
      [a, b, c].map(({ store }) => store.isBehind(document)),
      [true, true, false],
    );
  });

  describe('in windows with views of their own, under a lock', () => {
    let lock: MemoryLock;

    beforeEach(() => {
      lock = new MemoryLock();
    });

    function lockedWindow(id: string) {
      const window = { id, startedAt: clock.now(), sharesSecrets: false };
      return new GuardedSecretStore(new FakeSecretStorage(), index, window, clock, lock);
    }
    const settle = () => new Promise((tick) => setImmediate(tick));

    it('keeps others out until the last of its operations has stored what it brings', async () => {
      const [a, b] = [lockedWindow('a'), lockedWindow('b')];
      clock.advance(1);
      const [short, answer] = [new Deferred<void>(), new Deferred<void>()];
      const first = a.exclusively(() => short.promise);
      await settle();
      const refresh = a.exclusively(async () => {
        await answer.promise;
        await a.store('tokens', 'new pair');
      });
      await settle();
      const other = codeOf(b.store('clientSecret', 'secret'));
      short.resolve();
      await first;
      await settle();
      answer.resolve();
      await refresh;
      assert.equal(await a.get('tokens'), 'new pair');
      assert.equal(await other, 'storage/behind');
    });

    it('lets others in once it is done, also after a failure', async () => {
      const a = lockedWindow('a');
      await a.store('k', '1');
      await assert.rejects(a.exclusively(() => Promise.reject(new Error('failed'))));
      clock.advance(1);
      const b = lockedWindow('b');
      await b.store('k', '2');
      assert.equal(await codeOf(a.store('k', '3')), 'storage/behind');
    });

    it('tries again after the lock could not be had', async () => {
      const a = lockedWindow('a');
      const withLock = lock.withLock.bind(lock);
      lock.withLock = () => Promise.reject(new WorkbenchError('storage/write-failed'));
      const both = [codeOf(a.store('k', '1')), codeOf(a.store('k', '2'))];
      assert.deepEqual(await Promise.all(both), ['storage/write-failed', 'storage/write-failed']);
      lock.withLock = withLock;
      await a.store('k', '3');
      assert.equal(await a.get('k'), '3');
    });
  });
});
