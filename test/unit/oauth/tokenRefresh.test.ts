import assert from 'node:assert/strict';
import { WorkbenchError, type ErrorCode } from '../../../src/core/base/errors.ts';
import type { PairFate } from '../../../src/core/oauth/pairFate.ts';
import type { TokenSet } from '../../../src/core/oauth/tokenSet.ts';
import { CoreWindow, grantAt, SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';

const owner = { connectionId: 'c1', boundTo: 'server-1' };

describe('A refresh that went wrong', () => {
  let machine: SharedMachine;
  let window: CoreWindow;
  let asked: string[];

  beforeEach(async () => {
    machine = new SharedMachine();
    window = new CoreWindow(machine);
    asked = [];
    await window.tokens.signedIn(owner, grantAt(machine.clock, '1'), 'openid');
  });

  const answering = (name: string) => (tokens: TokenSet) => {
    asked.push(tokens.refreshToken ?? '');
    return Promise.resolve(grantAt(machine.clock, name));
  };
  const failing =
    (code: ErrorCode, details = {}) =>
    (tokens: TokenSet) => {
      asked.push(tokens.refreshToken ?? '');
      return Promise.reject(new WorkbenchError(code, { details }));
    };
  const session = () => machine.index.session('c1');
  const fate = (is: PairFate) => () => Promise.resolve(is);

  it('is counted for all windows, and says when to try again', async () => {
    await codeOf(window.tokens.refresh(owner, failing('network/refused')));
    await codeOf(new CoreWindow(machine, 'b').tokens.refresh(owner, failing('network/dns')));
    const state = await window.tokens.state(owner);
    assert.equal(state.kind, 'refreshFailed');
    assert.equal('reason' in state && state.reason, 'network/dns');
    assert.equal((await session())?.failing?.count, 2);
    assert.ok('retryAt' in state && state.retryAt <= machine.clock.now() + 2000);
  });

  it('waits as long as the server asks', async () => {
    await codeOf(window.tokens.refresh(owner, failing('http/rate-limited', { retryAfterSeconds: 90 })));
    assert.equal((await session())?.failing?.retryAt, machine.clock.now() + 90_000);
  });

  it('counts from one again after a success', async () => {
    await codeOf(window.tokens.refresh(owner, failing('network/refused')));
    await window.tokens.refresh(owner, answering('2'));
    assert.equal((await session())?.failing, undefined);
    await codeOf(window.tokens.refresh(owner, failing('network/refused')));
    assert.equal((await session())?.failing?.count, 1);
  });

  it('asks after a lost answer whether the old pair lives, and tries it again if so', async () => {
    await codeOf(window.tokens.refresh(owner, failing('refresh/outcome-unknown')));
    const tokens = await window.tokens.refresh(owner, answering('2'), { fateOf: fate('alive') });
    assert.equal(tokens.accessToken, 'access-2');
    assert.deepEqual(asked, ['refresh-1', 'refresh-1']);
  });

  it('never sends a pair again that was spent', async () => {
    await codeOf(window.tokens.refresh(owner, failing('refresh/outcome-unknown')));
    const again = window.tokens.refresh(owner, answering('2'), { fateOf: fate('spent') });
    assert.equal(await codeOf(again), 'refresh/answer-lost');
    assert.deepEqual(asked, ['refresh-1']);
    assert.deepEqual(await window.tokens.state(owner), {
      kind: 'reauthenticationRequired',
      reason: 'refresh/answer-lost',
    });
    assert.equal(await codeOf(window.tokens.refresh(owner, answering('3'))), 'refresh/answer-lost');
    assert.deepEqual(asked, ['refresh-1']);
  });

  it('keeps its doubt while nobody can say what became of the pair', async () => {
    await codeOf(window.tokens.refresh(owner, failing('http/server-error')));
    const offline = () => Promise.reject(new WorkbenchError('network/refused'));
    assert.equal(
      await codeOf(window.tokens.refresh(owner, answering('2'), { fateOf: offline })),
      'network/refused',
    );
    assert.ok((await session())?.refreshMarker);
    assert.deepEqual(asked, ['refresh-1']);
  });

  it('stores a pair later that could not be stored, without asking again', async () => {
    const { secrets } = machine;
    const refreshing = window.tokens.refresh(owner, (tokens) => {
      secrets.store = () => {
        Reflect.deleteProperty(secrets, 'store');
        return Promise.reject(new WorkbenchError('storage/write-failed'));
      };
      return answering('2')(tokens);
    });
    assert.equal(await codeOf(refreshing), 'storage/write-failed');
    assert.equal((await window.tokens.state(owner)).kind, 'refreshFailed');
    assert.equal((await window.tokens.refresh(owner, answering('3'))).accessToken, 'access-2');
    assert.deepEqual(asked, ['refresh-1']);
  });

  it('sends nothing once the lock may belong to somebody else', async () => {
    machine.lock.withLock = (_name, operation) => operation({ isHeld: () => false });
    const refreshing = window.tokens.refresh(owner, (tokens, _signal, beforeSend) => {
      beforeSend?.();
      return answering('2')(tokens);
    });
    assert.equal(await codeOf(refreshing), 'storage/write-failed');
    assert.deepEqual(asked, []);
  });

  it('tries a client again that was disabled, when a person asks', async () => {
    await codeOf(window.tokens.refresh(owner, failing('grant/client-refused')));
    assert.equal((await window.tokens.refresh(owner, answering('2'))).accessToken, 'access-2');
    assert.equal((await window.tokens.state(owner)).kind, 'valid');
  });

  it('is not sent by the clock where another window has done it or is waiting', async () => {
    const isDue = () => false;
    assert.equal((await window.tokens.refresh(owner, answering('2'), { isDue })).accessToken, 'access-1');
    assert.deepEqual(asked, []);
  });

  it('in a window that is behind sends nothing', async () => {
    const behind = new CoreWindow(machine, 'b', false);
    machine.clock.jump(1000);
    await window.tokens.refresh(owner, answering('2'));
    assert.equal(await codeOf(behind.tokens.refresh(owner, answering('3'))), 'storage/behind');
    assert.deepEqual(asked, ['refresh-1']);
  });

  it('brings the index up to a pair whose writer died before it could say so', async () => {
    const before = machine.document.text;
    await window.tokens.refresh(owner, answering('2'));
    machine.document.text = before;
    const isDue = () => false;
    await new CoreWindow(machine, 'b').tokens.refresh(owner, answering('3'), { isDue });
    const tokens = await window.tokens.tokens(owner);
    assert.equal((await session())?.generation, tokens?.generation);
    assert.deepEqual(asked, ['refresh-1']);
  });
});
