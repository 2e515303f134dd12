import assert from 'node:assert/strict';
import { readdir, readFile, stat, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { CallbackHandover } from '../../../src/platform/callbackHandover.ts';
import { FakeClock } from '../../fakes/clock.ts';
import { useTemporaryFolder } from './temporaryFolder.ts';

const state = 'k3vN0_Zq-state-with-enough-chance-in-it';
const url = `http://127.0.0.1:4711/callback?code=def50200abc&state=${state}`;

describe('handing over a callback', () => {
  const temporary = useTemporaryFolder();
  const folder = () => join(temporary(), 'handover');
  let clock: FakeClock;
  let here: CallbackHandover;
  let there: CallbackHandover;

  beforeEach(() => {
    clock = new FakeClock(Date.now());
    here = new CallbackHandover(folder(), clock);
    there = new CallbackHandover(folder(), clock);
  });

  it('reaches the window that knows the state, once', async () => {
    assert.equal(await there.take(state), undefined);
    await here.offer(state, url);
    assert.equal(await there.take('another state'), undefined);
    assert.equal(await there.take(state), url);
    assert.equal(await there.take(state), undefined);
    assert.deepEqual(await readdir(folder()), []);
  });

  it('reaches one of several windows that ask at once', async () => {
    await here.offer(state, url);
    const taken = await Promise.all(Array.from({ length: 5 }, () => there.take(state)));
    assert.deepEqual(
      taken.filter((one) => one !== undefined),
      [url],
    );
  });

  it('writes neither state nor code in readable form, for the owner only', async () => {
    await here.offer(state, url);
    const [name = ''] = await readdir(folder());
    const content = await readFile(join(folder(), name), 'latin1');
    for (const text of [name, content]) {
      for (const secret of [state, 'def50200abc', 'callback']) assert.ok(!text.includes(secret));
    }
    if (process.platform !== 'win32') {
      assert.equal((await stat(join(folder(), name))).mode & 0o777, 0o600);
      assert.equal((await stat(folder())).mode & 0o777, 0o700);
    }
  });

  it('keeps the later of two callbacks with one state', async () => {
    await here.offer(state, url);
    await here.offer(state, `${url}&again`);
    assert.equal(await there.take(state), `${url}&again`);
  });

  it('is worth nothing after a minute', async () => {
    await here.offer(state, url);
    clock.advance(60_000);
    assert.equal(await there.take(state), url);
    await here.offer(state, url);
    clock.advance(60_001);
    assert.equal(await there.take(state), undefined);
    assert.deepEqual(await readdir(folder()), []);
  });

  it('is worth nothing when it seems to come from the future', async () => {
    await here.offer(state, url);
    clock.jump(-120_000);
    assert.equal(await there.take(state), undefined);
  });

  it('trusts nothing that was changed, cut or put there by somebody else', async () => {
    await here.offer(state, url);
    const [name = ''] = await readdir(folder());
    const path = join(folder(), name);
    const content = await readFile(path);
    const flipped = Buffer.from(content);
    flipped[flipped.length - 1]! ^= 1;
    for (const bad of [
      flipped,
      content.subarray(0, 20),
      Buffer.alloc(0),
      Buffer.from('{"callbackUrl":"x"}'),
    ]) {
      await writeFile(path, bad);
      assert.equal(await there.take(state), undefined);
      assert.deepEqual(await readdir(folder()), []);
    }
  });

  it('cannot be moved to another state', async () => {
    await here.offer('first state', url);
    const [first = ''] = await readdir(folder());
    const content = await readFile(join(folder(), first));
    await here.offer('second state', url);
    const second = (await readdir(folder())).find((name) => name !== first) ?? '';
    await writeFile(join(folder(), second), content);
    assert.equal(await there.take('second state'), undefined);
  });

  it('cleans up what nobody came for, and nothing else', async () => {
    await here.offer('old', url);
    const [old = ''] = await readdir(folder());
    const past = new Date(clock.now() - 61_000);
    await utimes(join(folder(), old), past, past);
    await here.offer('new', url);
    const left = await readdir(folder());
    assert.equal(left.length, 1);
    assert.ok(!left.includes(old));
    await there.prune();
    assert.equal(await there.take('new'), url);
  });

  it('has nothing to clean where nothing was ever offered', async () => {
    await there.prune();
    assert.equal(await there.take(state), undefined);
  });

  it('takes no callback beyond measure and no flood of them', async () => {
    await assert.rejects(here.offer(state, 'x'.repeat(17_000)), { code: 'storage/write-failed' });
    for (let count = 0; count < 50; count++) await here.offer(`state ${count}`, url);
    await assert.rejects(here.offer('one more', url), { code: 'storage/write-failed' });
    assert.equal(await there.take('state 49'), url);
  });

  it('says when it cannot write', async () => {
    await writeFile(folder(), 'a file where the folder should be');
    await assert.rejects(here.offer(state, url), {
      code: 'storage/write-failed',
      details: { systemCode: 'EEXIST' },
    });
  });
});
