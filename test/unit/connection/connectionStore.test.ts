import { strict as assert } from 'node:assert';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { ConnectionStore } from '../../../src/core/connection/connectionStore.ts';
import { codeOf } from '../../fakes/failure.ts';
import { MemorySettings } from '../../fakes/memoryStorage.ts';

const good: Connection = {
  ...{ id: 'a', name: 'Clinic A', baseUrl: 'https://a.example.org', site: 'default' },
  ...{ clientType: 'confidential', scopes: ['openid'], callback: 'automatic' },
};
const bad = { id: 'a', name: 'Broken', baseUrl: 'http://a.example.org' };

describe('connection store', () => {
  const storeOf = (value: unknown) => {
    const settings = new MemorySettings(value);
    return { settings, store: new ConnectionStore(settings) };
  };

  it('is empty where nothing was set', () => {
    const { store } = storeOf(undefined);
    assert.deepEqual([store.all(), store.rejected()], [[], []]);
  });

  it('loads the good entries beside those that do not validate, and says why', () => {
    const unknownField = { ...good, id: 'c', secret: 'x' };
    const { store } = storeOf([
      bad,
      good,
      7,
      good,
      { ...good, id: 'b', baseUrl: 'https://b.example.org/' },
      unknownField,
    ]);
    assert.deepEqual(store.all(), [good]);
    const rejected = store.rejected();
    assert.deepEqual(
      rejected.map(({ index, name }) => [index, name]),
      [
        [0, 'Broken'],
        [2, undefined],
        [3, 'Clinic A'],
        [4, 'Clinic A'],
        [5, 'Clinic A'],
      ],
    );
    assert.ok(rejected[0]?.problems.includes('baseUrl: address/insecure-http'));
    assert.deepEqual(rejected[2]?.problems, ['id: "a" is used twice.']);
    assert.match(rejected[3]?.problems.join() ?? '', /not in its plain form/);
  });

  it('leaves what does not validate untouched when it writes, even under the same id', async () => {
    const { store, settings } = storeOf([bad, good, good, 'rubbish']);
    const renamed = { ...good, name: 'Clinic B' };
    await store.save(renamed);
    assert.deepEqual(settings.value, [bad, renamed, good, 'rubbish']);
    assert.deepEqual(store.get('a'), renamed);
    await store.save({ ...good, id: 'new' });
    assert.deepEqual(settings.value, [bad, renamed, good, 'rubbish', { ...good, id: 'new' }]);
  });

  it('removes only the entry that is used', async () => {
    const { store, settings } = storeOf([bad, good, 'rubbish']);
    await store.remove('a');
    assert.deepEqual(settings.value, [bad, 'rubbish']);
    await store.remove('a');
    assert.deepEqual(settings.value, [bad, 'rubbish']);
  });

  it('does not write what would not load', async () => {
    const { store, settings } = storeOf([good]);
    assert.equal(await codeOf(store.save({ ...good, site: '../x' })), 'connection/invalid-settings');
    assert.deepEqual(settings.value, [good]);
  });

  it('does not take a step out of the folder of sites for a site', async () => {
    const { store, settings } = storeOf([
      good,
      ...['.', '..', '...'].map((site) => ({ ...good, site, id: site.replaceAll('.', 'd') })),
    ]);
    assert.deepEqual(
      store.rejected().map(({ index }) => index),
      [1, 2, 3],
    );
    assert.equal(await codeOf(store.save({ ...good, site: '..' })), 'connection/invalid-settings');
    assert.equal((settings.value as unknown[]).length, 4);
  });

  it('does not write over a setting that is no list', async () => {
    const { store, settings } = storeOf({ mine: true });
    assert.deepEqual(store.rejected(), [{ index: 0, problems: ['openemr.connections must be a list.'] }]);
    assert.equal(await codeOf(store.save(good)), 'connection/invalid-settings');
    assert.equal(await codeOf(store.remove('a')), 'connection/invalid-settings');
    assert.deepEqual(settings.value, { mine: true });
  });

  it('keeps both of two changes made at once', async () => {
    const other: Connection = { ...good, id: 'b' };
    const { store, settings } = storeOf([good, other]);
    const registered = { ...good, clientId: 'client' };
    const renamed = { ...other, name: 'Clinic B' };
    await Promise.all([store.save(registered), store.save(renamed), store.move('b', -1)]);
    assert.deepEqual(settings.value, [renamed, registered]);
  });

  it('goes on after a write that failed', async () => {
    const { store, settings } = storeOf([good]);
    settings.failNext = true;
    const [failed] = await Promise.all([codeOf(store.remove('a')), store.save({ ...good, id: 'b' })]);
    assert.equal(failed, 'storage/write-failed');
    assert.deepEqual(
      store.all().map(({ id }) => id),
      ['a', 'b'],
    );
  });

  it('edits what is saved by then, and nothing that is gone', async () => {
    const { store, settings } = storeOf([{ ...good, environment: 'test' }]);
    const registered = { ...good, clientId: 'client' };
    const edits = { name: 'Clinic B', environment: undefined };
    await Promise.all([store.save(registered), store.edit('a', edits)]);
    assert.deepEqual(settings.value, [{ ...registered, name: 'Clinic B' }]);
    const [code] = await Promise.all([codeOf(store.edit('b', edits)), store.remove('a')]);
    assert.equal(code, 'connection/not-found');
    assert.deepEqual(settings.value, []);
  });

  it('knows no connection that is not there', () => {
    const { store } = storeOf([good]);
    assert.equal(store.find('b'), undefined);
    assert.throws(() => store.get('b'), { code: 'connection/not-found' });
  });
});
