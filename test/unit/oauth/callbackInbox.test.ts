import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { pendingLoginLifetimeMs, type PendingLogin } from '../../../src/core/oauth/pendingLogins.ts';
import { CoreWindow, SharedMachine } from '../../fakes/coreWindow.ts';

const redirectUri = 'http://127.0.0.1:5000/callback';
const answerTo = (state: string) => `${redirectUri}?code=the-code&state=${state}`;

describe('callback inbox', () => {
  let machine: SharedMachine;
  let window: CoreWindow;

  beforeEach(async () => {
    machine = new SharedMachine();
    window = new CoreWindow(machine);
    await window.pendingLogins.add(pending('s1'));
  });

  const pending = (state: string): PendingLogin => ({
    ...{ connectionId: 'c1', clientKey: `client of ${state}`, boundTo: 'server-1', state, redirectUri },
    ...{ nonce: 'n', codeVerifier: 'v', scope: 'openid', window: 'a', createdAt: machine.clock.now() },
  });

  /** Waits in a window as a login does; answers with what was delivered. */
  function waitIn({ inbox }: CoreWindow, state = 's1') {
    const delivered: string[] = [];
    const waiting = inbox.expect(state, (callbackUrl) => delivered.push(callbackUrl));
    return { delivered, waiting };
  }

  it('delivers an answer to the login with its state, and to no other', async () => {
    await window.pendingLogins.add(pending('s2'));
    const [one, two] = [waitIn(window, 's1'), waitIn(window, 's2')];
    await window.inbox.receive(answerTo('s2'));
    assert.deepEqual([one.delivered, two.delivered], [[], [answerTo('s2')]]);
  });

  it('delivers errors with state too', async () => {
    const { delivered } = waitIn(window);
    const denied = `${redirectUri}?error=access_denied&state=s1`;
    await window.inbox.receive(denied);
    assert.deepEqual(delivered, [denied]);
  });

  for (const [what, query] of [
    ['a foreign state', 'code=x&state=foreign'],
    ['no state', 'code=x'],
    ['a doubled state', 'code=x&state=s1&state=s1'],
    ['a doubled code', 'code=x&code=y&state=s1'],
    ['code and error', 'code=x&error=access_denied&state=s1'],
    ['nothing at all', ''],
    ['far too much', `code=${'x'.repeat(20_000)}&state=s1`],
  ] as const) {
    it(`drops a callback with ${what} and goes on waiting`, async () => {
      const { delivered } = waitIn(window);
      await window.inbox.receive(`${redirectUri}?${query}`);
      await machine.clock.advanceAsync(10_000);
      assert.deepEqual(delivered, []);
      assert.deepEqual(window.orphans, []);
      assert.equal(machine.handover.offers.size, 0);
      assert.equal(window.log.lines.length, 1);
      assert.doesNotMatch(window.log.lines.join(), /foreign|code=|s1/);
      await window.inbox.receive(answerTo('s1'));
      assert.deepEqual(delivered, [answerTo('s1')]);
    });
  }

  it('drops what is no address', async () => {
    await window.inbox.receive('not an address');
    assert.deepEqual(window.log.lines, ['A callback was dropped: authorization/invalid-response']);
  });

  it('drops a replay after the login was finished', async () => {
    const { waiting } = waitIn(window);
    await window.pendingLogins.take('s1', () => Promise.resolve());
    waiting.dispose();
    await window.inbox.receive(answerTo('s1'));
    await machine.clock.advanceAsync(10_000);
    assert.deepEqual(window.orphans, []);
    assert.equal(machine.handover.offers.size, 0);
  });

  it('hands an answer that comes after ten minutes to whoever tells that it is too late', async () => {
    machine.clock.jump(pendingLoginLifetimeMs + 1);
    await window.inbox.receive(answerTo('s1'));
    assert.deepEqual(window.orphans, [answerTo('s1')]);
    await machine.clock.advanceAsync(10_000);
    assert.equal(machine.handover.offers.size, 0);
  });

  it('shows an error without state beside the login, which goes on', async () => {
    const { delivered } = waitIn(window);
    const shown: string[] = [];
    window.inbox.onDidReceiveStatelessError(({ code }) => shown.push(code));
    await window.inbox.receive(`${redirectUri}?error=invalid_scope`);
    assert.deepEqual(shown, ['authorization/invalid-scope']);
    assert.deepEqual(delivered, []);
  });

  it('hands an answer over to the window that waits for it', async () => {
    const other = new CoreWindow(machine, 'b');
    const { delivered } = waitIn(window);
    await other.inbox.receive(answerTo('s1'));
    await machine.clock.advanceAsync(500);
    assert.deepEqual(delivered, [answerTo('s1')]);
    await machine.clock.advanceAsync(10_000);
    assert.deepEqual(other.orphans, []);
  });

  it('finishes a login whose own window is gone', async () => {
    const other = new CoreWindow(machine, 'b');
    await other.inbox.receive(answerTo('s1'));
    await machine.clock.advanceAsync(2999);
    assert.deepEqual(other.orphans, []);
    await machine.clock.advanceAsync(1);
    assert.deepEqual(other.orphans, [answerTo('s1')]);
    assert.equal(machine.handover.offers.size, 0);
  });

  it('finishes it here after a reload of the window that asked', async () => {
    waitIn(window).waiting.dispose();
    window.inbox.dispose();
    const reloaded = new CoreWindow(machine, 'a2');
    await reloaded.inbox.receive(answerTo('s1'));
    await machine.clock.advanceAsync(3000);
    assert.deepEqual(reloaded.orphans, [answerTo('s1')]);
    assert.deepEqual(window.orphans, []);
  });

  it('leaves an answer that it cannot redeem to the window that can', async () => {
    const blind = new CoreWindow(machine, 'b', false);
    machine.clock.advance(1);
    await window.pendingLogins.add(pending('s2'));
    await blind.inbox.receive(answerTo('s2'));
    await machine.clock.advanceAsync(3000);
    assert.deepEqual(blind.orphans, []);
    const { delivered } = waitIn(window, 's2');
    await machine.clock.advanceAsync(500);
    assert.deepEqual(delivered, [answerTo('s2')]);
  });

  it('goes on looking where the handover fails once', async () => {
    const { delivered } = waitIn(window);
    const { handover } = machine;
    const take = handover.take.bind(handover);
    handover.take = () => {
      handover.take = take;
      return Promise.reject(new WorkbenchError('storage/write-failed'));
    };
    await new CoreWindow(machine, 'b').inbox.receive(answerTo('s1'));
    await machine.clock.advanceAsync(500);
    assert.deepEqual(delivered, []);
    await machine.clock.advanceAsync(500);
    assert.deepEqual(delivered, [answerTo('s1')]);
  });

  it('notes an answer that could neither be handed over nor adopted', async () => {
    const { handover } = machine;
    const other = new CoreWindow(machine, 'b');
    handover.take = () => Promise.reject(new WorkbenchError('storage/write-failed'));
    await other.inbox.receive(answerTo('s1'));
    await machine.clock.advanceAsync(3000);
    handover.offer = () => Promise.reject(new WorkbenchError('storage/write-failed'));
    await other.inbox.receive(answerTo('s1'));
    const line = 'A callback was dropped: storage/write-failed';
    assert.deepEqual(other.log.lines, [line, line]);
  });

  it('stops looking when nobody waits any more', () => {
    const { waiting } = waitIn(window);
    const before = machine.clock.pending;
    waiting.dispose();
    assert.equal(machine.clock.pending, before - 1);
  });
});
