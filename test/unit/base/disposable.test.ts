import assert from 'node:assert/strict';
import { DisposableStore, toDisposable } from '../../../src/core/base/disposable.ts';

describe('toDisposable', () => {
  it('runs its function once, however often it is disposed of', () => {
    let calls = 0;
    const disposable = toDisposable(() => calls++);
    disposable.dispose();
    disposable.dispose();
    assert.equal(calls, 1);
  });
});

describe('DisposableStore', () => {
  it('disposes of its members, last added first', () => {
    const store = new DisposableStore();
    const order: string[] = [];
    store.add(toDisposable(() => order.push('first')));
    store.add(toDisposable(() => order.push('second')));
    store.dispose();
    assert.deepEqual(order, ['second', 'first']);
  });

  it('disposes of its members once', () => {
    const store = new DisposableStore();
    let calls = 0;
    store.add({ dispose: () => calls++ });
    store.dispose();
    store.dispose();
    assert.equal(calls, 1);
  });

  it('disposes at once of what is added too late, and hands it back', () => {
    const store = new DisposableStore();
    store.dispose();
    let isDisposed = false;
    const member = { dispose: () => void (isDisposed = true) };
    assert.equal(store.add(member), member);
    assert.equal(isDisposed, true);
  });
});
