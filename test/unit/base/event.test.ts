import assert from 'node:assert/strict';
import { EventEmitter } from '../../../src/core/base/event.ts';

describe('EventEmitter', () => {
  it('tells every listener', () => {
    const emitter = new EventEmitter<number>();
    const heard: string[] = [];
    emitter.event((value) => heard.push(`first ${value}`));
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire(7);
    assert.deepEqual(heard, ['first 7', 'second 7']);
  });

  it('tells nothing to a listener whose subscription was disposed of', () => {
    const emitter = new EventEmitter<number>();
    const heard: number[] = [];
    const subscription = emitter.event((value) => heard.push(value));
    emitter.fire(1);
    subscription.dispose();
    emitter.fire(2);
    assert.deepEqual(heard, [1]);
  });

  it('lets listeners come and go while it fires', () => {
    const emitter = new EventEmitter<string>();
    const heard: string[] = [];
    const first = emitter.event((value) => {
      heard.push(`first ${value}`);
      first.dispose();
      emitter.event((later) => heard.push(`late ${later}`));
    });
    emitter.event((value) => heard.push(`second ${value}`));
    emitter.fire('a');
    emitter.fire('b');
    assert.deepEqual(heard, ['first a', 'second a', 'second b', 'late b']);
  });

  it('is silent after its disposal', () => {
    const emitter = new EventEmitter<number>();
    let calls = 0;
    emitter.event(() => calls++);
    emitter.dispose();
    emitter.fire(1);
    assert.equal(calls, 0);
  });
});
