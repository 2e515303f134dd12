import { strict as assert } from 'node:assert';
import { GuardedSecretStore } from '../../../src/core/storage/guardedSecretStore.ts';
import { SessionIndex } from '../../../src/core/storage/sessionIndex.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { FakeSecretStorage } from '../../fakes/extensionContext.ts';
import { codeOf } from '../../fakes/failure.ts';
import { MemoryDocument } from '../../fakes/memoryStorage.ts';

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
});
