import assert from 'node:assert/strict';
import { isWorkbenchError } from '../../src/core/base/errors.ts';
import { VscodeKeyValueStore } from '../../src/vscode/keyValueStore.ts';
import { VscodeSecretStore } from '../../src/vscode/secretStore.ts';
import { SettingsConnections } from '../../src/vscode/settingsConnections.ts';
import { createFakeContext } from '../fakes/extensionContext.ts';
import { host } from '../fakes/vscode.ts';

describe('The secret store', () => {
  it('keeps, gives back and deletes secrets', async () => {
    const store = new VscodeSecretStore(createFakeContext().context.secrets);
    await store.store('a', 'one');
    assert.equal(await store.get('a'), 'one');
    await store.delete('a');
    assert.equal(await store.get('a'), undefined);
  });

  it('says that a secret cannot be read where the keychain fails', async () => {
    const { context, secrets } = createFakeContext();
    secrets.failNext = new Error('keyring is locked');
    await assert.rejects(new VscodeSecretStore(context.secrets).get('a'), (error) =>
      isWorkbenchError(error, 'storage/secret-unreadable'),
    );
  });

  it('says that nothing was saved where storing or deleting fails', async () => {
    const { context, secrets } = createFakeContext();
    const store = new VscodeSecretStore(context.secrets);
    const isWriteError = (error: unknown): boolean => isWorkbenchError(error, 'storage/write-failed');
    secrets.failNext = new Error('disk full');
    await assert.rejects(store.store('a', 'very secret'), isWriteError);
    secrets.failNext = new Error('disk full');
    await assert.rejects(store.delete('a'), isWriteError);
  });

  it('leaves the value out of the error', async () => {
    const { context, secrets } = createFakeContext();
    secrets.failNext = new Error('disk full');
    const failure: unknown = await new VscodeSecretStore(context.secrets)
      .store('a', 'very secret')
      .catch((error: unknown) => error);
    assert.ok(isWorkbenchError(failure));
    assert.doesNotMatch(JSON.stringify([failure.message, failure.details]), /very secret/);
  });
});

describe('The key-value store', () => {
  it('keeps values and forgets those set to nothing', async () => {
    const store = new VscodeKeyValueStore(createFakeContext().context.globalState);
    await store.update('a', { b: 1 });
    assert.deepEqual(store.get('a'), { b: 1 });
    await store.update('a', undefined);
    assert.equal(store.get('a'), undefined);
  });

  it('says that nothing was saved where the editor fails', async () => {
    const { context, globalState } = createFakeContext();
    globalState.failNext = new Error('database is locked');
    await assert.rejects(new VscodeKeyValueStore(context.globalState).update('a', 1), (error) =>
      isWorkbenchError(error, 'storage/write-failed'),
    );
  });
});

describe('Connections in the settings', () => {
  let settings: SettingsConnections;

  beforeEach(() => {
    host.reset();
    settings = new SettingsConnections();
  });
  afterEach(() => settings.dispose());

  it('are the user settings, or the default where there are none', async () => {
    host.settingDefaults.set('openemr.connections', []);
    assert.deepEqual(settings.read(), []);
    await settings.write([{ id: 'a' }]);
    assert.deepEqual(settings.read(), [{ id: 'a' }]);
    assert.deepEqual(host.settings.get('openemr.connections'), [{ id: 'a' }]);
  });

  it('tell about their own changes and no others', () => {
    let changes = 0;
    settings.onDidChange(() => changes++);
    host.changeSetting('editor.fontSize', 12);
    assert.equal(changes, 0);
    host.changeSetting('openemr.connections', []);
    assert.equal(changes, 1);
  });

  it('tell nothing any more after disposal', () => {
    let changes = 0;
    settings.onDidChange(() => changes++);
    settings.dispose();
    host.changeSetting('openemr.connections', []);
    assert.equal(changes, 0);
  });

  it('say that nothing was saved where settings.json cannot be written', async () => {
    host.settingsWriteError = new Error('Unable to write into user settings');
    await assert.rejects(settings.write([]), (error) => isWorkbenchError(error, 'storage/write-failed'));
    assert.equal(host.settings.has('openemr.connections'), false);
  });
});
