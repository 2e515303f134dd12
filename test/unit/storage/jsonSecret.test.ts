import { strict as assert } from 'node:assert';
import * as z from 'zod/mini';
import { deleteSecret, readSecret, writeSecret } from '../../../src/core/storage/jsonSecret.ts';
import { FakeSecretStorage } from '../../fakes/extensionContext.ts';

const schema = z.object({ n: z.number() });

describe('JSON secret', () => {
  let secrets: FakeSecretStorage;
  beforeEach(() => {
    secrets = new FakeSecretStorage();
  });

  it('is read as it was written', async () => {
    await writeSecret(secrets, 'k', { n: 1 });
    assert.deepEqual(await readSecret(secrets, 'k', schema), { kind: 'value', value: { n: 1 } });
  });

  it('is absent before it was written', async () => {
    assert.deepEqual(await readSecret(secrets, 'k', schema), { kind: 'absent' });
  });

  for (const [what, text] of [
    ['that is no JSON', '{"n":'],
    ['of another shape', '{"n":"one"}'],
  ] as const) {
    it(`${what} is set aside once, for whoever wants to look`, async () => {
      secrets.entries.set('k', text);
      assert.deepEqual(await readSecret(secrets, 'k', schema), { kind: 'unreadable' });
      assert.deepEqual([...secrets.entries], [['k.unreadable', text]]);
      assert.deepEqual(await readSecret(secrets, 'k', schema), { kind: 'absent' });
    });
  }

  it('that cannot be set aside is still told apart from an absent one', async () => {
    secrets.entries.set('k', 'rubbish');
    const locked = { ...bound(secrets), store: () => Promise.reject(new Error('The keychain is locked.')) };
    assert.deepEqual(await readSecret(locked, 'k', schema), { kind: 'unreadable' });
    assert.equal(secrets.entries.get('k'), 'rubbish');
  });

  it('is deleted with what was set aside of it', async () => {
    secrets.entries.set('k', 'rubbish');
    await readSecret(secrets, 'k', schema);
    await writeSecret(secrets, 'k', { n: 1 });
    await deleteSecret(secrets, 'k');
    assert.equal(secrets.entries.size, 0);
  });
});

function bound(secrets: FakeSecretStorage) {
  return {
    get: (key: string) => secrets.get(key),
    store: (key: string, value: string) => secrets.store(key, value),
    delete: (key: string) => secrets.delete(key),
  };
}
