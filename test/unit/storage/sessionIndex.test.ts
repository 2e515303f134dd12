import { strict as assert } from 'node:assert';
import { SessionIndex } from '../../../src/core/storage/sessionIndex.ts';
import { MemoryDocument } from '../../fakes/memoryStorage.ts';

const session = { generation: 3, boundTo: 'b', savedAt: 1 };

describe('session index', () => {
  let document: MemoryDocument;
  let index: SessionIndex;

  beforeEach(() => {
    document = new MemoryDocument();
    index = new SessionIndex(document);
  });

  it('starts empty', async () => {
    assert.deepEqual((await index.read()).sessions, {});
    assert.equal(await index.session('c1'), undefined);
  });

  it('keeps what is changed', async () => {
    await index.update(({ sessions }) => {
      sessions['c1'] = session;
    });
    await index.updateSession('c1', (entry) => {
      entry.reauthenticationReason = 'refresh/refused';
    });
    assert.deepEqual(await index.session('c1'), { ...session, reauthenticationReason: 'refresh/refused' });
  });

  it('makes no session by changing one that is not there', async () => {
    await index.updateSession('c1', (entry) => {
      entry.generation = 9;
    });
    assert.equal(await index.session('c1'), undefined);
  });

  for (const [what, text] of [
    ['of another version', '{"version":2,"sessions":{"c1":{}}}'],
    ['of another shape', '[1,2,3]'],
    ['with a broken session', '{"version":1,"secretWrites":0,"lastWriters":[],"sessions":{"c1":7}}'],
  ] as const) {
    it(`takes a document ${what} as an empty one`, async () => {
      document.text = text;
      assert.deepEqual(await index.read(), {
        version: 1,
        secretWrites: 0,
        lastWriters: [],
        sessions: {},
        pendingLogins: {},
      });
    });
  }
});
