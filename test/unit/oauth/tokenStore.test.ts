import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import type { TokenSet } from '../../../src/core/oauth/tokenSet.ts';
import { CoreWindow, grantAt, SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';

const key = 'openemr.tokens.c1';

describe('token store', () => {
  let machine: SharedMachine;
  beforeEach(() => {
    machine = new SharedMachine();
  });

  const tokensOf = (name: string): Omit<TokenSet, 'generation'> => ({
    ...grantAt(machine.clock, name),
    boundTo: 'server-1',
    requestedScope: 'openid',
    loggedInAt: machine.clock.now(),
  });
  const save = (window: CoreWindow, name: string) => window.tokenStore.save('c1', tokensOf(name));

  async function reading(window: CoreWindow, boundTo = 'server-1'): Promise<string> {
    const found = await window.tokenStore.read('c1', boundTo);
    if (found.kind === 'failed') return found.error.code;
    return found.kind === 'tokens' ? found.tokens.accessToken : found.kind;
  }

  it('has nothing before the first login', async () => {
    assert.equal(await reading(new CoreWindow(machine)), 'none');
  });

  it('gives each new pair a later generation, after a logout too', async () => {
    const window = new CoreWindow(machine);
    const generations = [(await save(window, '1')).generation, (await save(window, '2')).generation];
    await window.tokenStore.clear('c1');
    assert.equal(await reading(window), 'none');
    generations.push((await save(window, '3')).generation);
    assert.deepEqual(
      generations,
      [...new Set(generations)].sort((a, b) => a - b),
    );
  });

  it('keeps connections apart', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    await window.tokenStore.save('c2', tokensOf('2'));
    await window.tokenStore.clear('c2');
    assert.equal(await reading(window), 'access-1');
  });

  it('gives tokens to nobody but the server and client they came from', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    assert.equal(await reading(window, 'server-2'), 'token/other-server');
  });

  it('tells a keychain that lost them from a login that never was', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    machine.secrets.entries.delete(key);
    assert.equal(await reading(window), 'storage/secret-lost');
  });

  it('sets tokens aside that do not parse, and wipes them at the next logout', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    machine.secrets.entries.set(key, '{"accessToken":7}');
    assert.equal(await reading(window), 'storage/secret-unreadable');
    assert.equal(machine.secrets.entries.get(`${key}.unreadable`), '{"accessToken":7}');
    await window.tokenStore.clear('c1');
    assert.equal(machine.secrets.entries.size, 0);
    assert.equal(await reading(window), 'none');
  });

  it('says that a keychain cannot be read instead of failing', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    machine.secrets.failNext = new WorkbenchError('storage/secret-unreadable');
    assert.equal(await reading(window), 'storage/secret-unreadable');
    assert.equal(await reading(window), 'access-1');
  });

  it('can be logged in over tokens that do not parse', async () => {
    const window = new CoreWindow(machine);
    machine.secrets.entries.set(key, 'rubbish');
    await save(window, '1');
    assert.equal(await reading(window), 'access-1');
  });

  describe('between windows that do not share their secrets', () => {
    it('says that a window is behind after a login, a refresh and a logout with login elsewhere', async () => {
      const empty = new CoreWindow(machine, 'empty', false);
      machine.clock.advance(1);
      await save(new CoreWindow(machine, 'first'), '1');
      machine.clock.advance(1);
      const old = new CoreWindow(machine, 'old', false);
      machine.clock.advance(1);
      const other = new CoreWindow(machine, 'other');
      await save(other, '2');
      assert.equal(await reading(empty), 'storage/behind');
      assert.equal(await reading(old), 'storage/behind');
      await other.tokenStore.clear('c1');
      assert.equal(await reading(old), 'storage/behind');
      await save(other, '3');
      assert.equal(await reading(old), 'storage/behind');
    });

    it('writes no secret and forgets no session from a window that is behind', async () => {
      const old = new CoreWindow(machine, 'old', false);
      machine.clock.advance(1);
      const other = new CoreWindow(machine, 'other');
      await save(other, '1');
      assert.equal(await codeOf(save(old, '2')), 'storage/behind');
      assert.equal(await codeOf(old.tokenStore.clear('c1')), 'storage/behind');
      assert.equal(await reading(other), 'access-1');
      assert.ok(await machine.index.session('c1'));
    });

    it('finds its own login that storage lost as lost', async () => {
      await save(new CoreWindow(machine, 'first'), '1');
      machine.secrets.entries.clear();
      machine.clock.advance(1);
      assert.equal(await reading(new CoreWindow(machine, 'next', false)), 'storage/secret-lost');
    });
  });

  it('reads the newer pair where another window saves it meanwhile', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    const { document } = machine;
    const read = document.read.bind(document);
    document.read = async () => {
      document.read = read;
      const before = await read();
      await save(new CoreWindow(machine, 'other'), '2');
      return before;
    };
    assert.equal(await reading(window), 'access-2');
  });

  it('uses a pair whose index entry could not be written any more, without what was noted of the former', async () => {
    const window = new CoreWindow(machine);
    await save(window, '1');
    await window.tokenStore.requireReauthentication('c1', 'refresh/refused');
    const { document } = machine;
    const before = document.text;
    await save(window, '2');
    document.text = before;
    const found = await window.tokenStore.read('c1', 'server-1');
    assert.equal(found.kind === 'tokens' && found.tokens.accessToken, 'access-2');
    assert.equal(found.kind === 'tokens' && found.session?.reauthenticationReason, undefined);
  });

  it('notes the end of one generation and not of a later one', async () => {
    const window = new CoreWindow(machine);
    const { generation } = await save(window, '1');
    await save(window, '2');
    await window.tokenStore.requireReauthentication('c1', 'refresh/refused', generation);
    assert.equal((await machine.index.session('c1'))?.reauthenticationReason, undefined);
    await window.tokenStore.requireReauthentication('c1', 'refresh/refused', generation + 1);
    assert.equal((await machine.index.session('c1'))?.reauthenticationReason, 'refresh/refused');
  });
});
