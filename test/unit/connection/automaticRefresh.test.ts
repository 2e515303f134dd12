import assert from 'node:assert/strict';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { connection, KeptWindow } from './keptWindow.ts';

const minute = 60_000;
const hour = 60 * minute;

describe('The automatic refresh', () => {
  let machine: SharedMachine;
  let window: KeptWindow;

  beforeEach(async () => {
    machine = new SharedMachine();
    window = new KeptWindow(machine);
    await window.logIn();
  });
  afterEach(() => window.automatic.dispose());

  const pass = (ms: number) => machine.clock.advanceAsync(ms);
  const index = () => machine.index.session('c1');

  it('renews five minutes before the end, once, and again an hour later', async () => {
    await window.automatic.check();
    await pass(54 * minute);
    assert.equal(window.requests, 0);
    await pass(2 * minute);
    assert.equal(window.requests, 1);
    assert.equal((await window.state()).kind, 'valid');
    await pass(56 * minute);
    assert.equal(window.requests, 2);
  });

  it('keeps to the setting', async () => {
    window.settings = { ...window.settings, refreshBeforeExpiryMs: 12 * minute };
    await window.automatic.check();
    await pass(47 * minute);
    assert.equal(window.requests, 0);
    await pass(2 * minute);
    assert.equal(window.requests, 1);
  });

  it('does nothing by itself where it is switched off, and says so', async () => {
    window.settings = { ...window.settings, autoRefresh: false };
    await window.automatic.check();
    await pass(2 * hour);
    assert.equal(window.requests, 0);
    assert.equal((await window.state()).kind, 'expired');
    assert.equal((await window.automatic.report(connection))?.byItself, false);
  });

  it('wakes at most once a minute while nothing is due', async () => {
    await window.automatic.check();
    const schedule = machine.clock.schedule.bind(machine.clock);
    let wakes = 0;
    machine.clock.schedule = (callback, delayMs) =>
      schedule(() => {
        wakes++;
        callback();
      }, delayMs);
    await pass(30 * minute);
    assert.ok(wakes <= 31 && wakes >= 28, String(wakes));
  });

  it('sets no timer where nobody is signed in', async () => {
    await window.automatic.check();
    assert.equal(machine.clock.pending, 1);
    await window.core.tokens.signOut('c1');
    await pass(0);
    assert.equal(machine.clock.pending, 0);
    await pass(3 * hour);
    assert.equal(window.requests, 0);
  });

  it('notices a sleep by the clock and renews what ran out meanwhile', async () => {
    await window.automatic.check();
    machine.clock.jump(8 * hour);
    await pass(minute);
    assert.equal(window.requests, 1);
    assert.ok(
      window.core.log.lines.some((line) => /Awake again/.test(line)),
      window.core.log.lines.join('\n'),
    );
    assert.equal((await window.state()).kind, 'valid');
  });

  it('lets the window with the focus go first, and the others find the work done', async () => {
    const other = new KeptWindow(machine, 'b');
    other.attention = { focused: false, active: false };
    await Promise.all([window.automatic.check(), other.automatic.check()]);
    await pass(56 * minute);
    assert.deepEqual([window.requests, other.requests], [1, 0]);
    assert.equal((await other.state()).kind, 'valid');
    other.automatic.dispose();
  });

  it('tells of a pair that another window renewed, without a request of its own', async () => {
    const other = new KeptWindow(machine, 'b');
    await other.automatic.check();
    let told = 0;
    other.core.tokens.tokenSetChanged(() => told++);
    await machine.clock.advanceAsync(56 * minute);
    await window.automatic.check();
    await other.automatic.check();
    assert.ok(told > 0);
    assert.equal(window.requests + other.requests, 1);
    other.automatic.dispose();
  });

  it('waits longer and longer while the server is gone, and recovers', async () => {
    window.answer = () => Promise.reject(new WorkbenchError('network/refused'));
    await window.automatic.check();
    await pass(57 * minute);
    const { failures, nextAttemptAt = 0 } = (await window.automatic.report(connection)) ?? {};
    assert.ok(failures && failures >= 5 && failures < 15, String(failures));
    assert.ok(nextAttemptAt > machine.clock.now());
    assert.equal((await window.state()).kind, 'refreshFailed');
    window.answer = (...given) => new KeptWindow(machine).answer(...given);
    await pass(6 * minute);
    assert.equal((await window.state()).kind, 'valid');
    assert.equal((await window.automatic.report(connection))?.failures, 0);
  });

  it('stops at a definitive refusal', async () => {
    window.answer = () => Promise.reject(new WorkbenchError('refresh/refused'));
    await window.automatic.check();
    await pass(5 * hour);
    assert.equal(window.requests, 1);
    assert.equal((await window.state()).kind, 'reauthenticationRequired');
  });

  it('does not run hot where not even the failure can be noted', async () => {
    await window.automatic.check();
    window.answer = () => {
      machine.document.update = () => Promise.reject(new WorkbenchError('storage/write-failed'));
      return Promise.reject(new WorkbenchError('network/refused'));
    };
    await pass(57 * minute);
    assert.ok(window.requests >= 1 && window.requests < 20, String(window.requests));
  });

  it('waits for a change where a client secret is missing', async () => {
    window.answer = () => Promise.reject(new WorkbenchError('connection/secret-missing'));
    await window.automatic.check();
    await pass(59 * minute);
    assert.equal(window.requests, 1);
    await window.automatic.checkAfterChange();
    await pass(100);
    assert.equal(window.requests, 2);
  });

  it('signs out after the time without work that was set, also over a sleep, and not before', async () => {
    window.settings = { ...window.settings, idleSignOutMs: 30 * minute };
    await window.automatic.check();
    await pass(40 * minute);
    assert.equal((await window.state()).kind, 'valid');
    window.attention = { focused: true, active: false };
    await pass(20 * minute);
    window.attention = { focused: true, active: true };
    machine.clock.jump(30 * minute);
    await window.automatic.check();
    assert.equal((await window.state()).kind, 'none');
    assert.deepEqual(window.ended, ['idle']);
    assert.equal(machine.secrets.entries.size, 0);
  });

  it('counts no time during which the idle sign-out was off', async () => {
    window.settings = { ...window.settings, idleSignOutMs: 15 * minute };
    await window.automatic.check();
    window.settings = { ...window.settings, idleSignOutMs: 0 };
    await pass(hour);
    window.attention = { focused: true, active: false };
    window.settings = { ...window.settings, idleSignOutMs: 15 * minute };
    await window.automatic.checkAfterChange();
    await pass(14 * minute);
    assert.deepEqual(window.ended, []);
    assert.equal((await window.state()).kind, 'valid');
    await pass(2 * minute);
    assert.deepEqual(window.ended, ['idle']);
  });

  it('signs out when the login is as old as it may get, however often it was renewed', async () => {
    window.settings = { ...window.settings, maximumSessionMs: 2.5 * hour };
    await window.automatic.check();
    await pass(2 * hour);
    assert.ok(window.requests >= 2);
    await pass(31 * minute);
    assert.deepEqual(window.ended, ['age']);
    assert.equal(await index(), undefined);
  });

  it('removes pending logins that nobody may redeem any more', async () => {
    await window.core.tokens.signOut('c1');
    await window.core.pendingLogins.add({
      ...{ connectionId: 'c1', clientKey: 'k', boundTo: 'b', state: 's', nonce: 'n', codeVerifier: 'v' },
      ...{
        redirectUri: 'http://127.0.0.1/callback',
        scope: 'openid',
        window: 'a',
        createdAt: machine.clock.now(),
      },
    });
    await window.automatic.check();
    await pass(9 * minute);
    assert.equal(Object.keys((await machine.index.read()).pendingLogins).length, 1);
    await pass(3 * minute);
    assert.equal(Object.keys((await machine.index.read()).pendingLogins).length, 0);
    assert.equal(machine.clock.pending, 0);
  });
});
