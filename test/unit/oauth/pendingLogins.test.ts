import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { hashOf, pendingLoginLifetimeMs, type PendingLogin } from '../../../src/core/oauth/pendingLogins.ts';
import { CoreWindow, SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';

const taken = (login: PendingLogin) => Promise.resolve(login);

describe('pending logins', () => {
  let machine: SharedMachine;
  let window: CoreWindow;

  beforeEach(() => {
    machine = new SharedMachine();
    window = new CoreWindow(machine);
  });

  const login = (state: string, changes: Partial<PendingLogin> = {}): PendingLogin => ({
    connectionId: 'c1',
    clientKey: 'client-1',
    boundTo: 'server-1',
    state,
    nonce: 'nonce',
    codeVerifier: 'the-verifier',
    redirectUri: 'http://127.0.0.1:5000/callback',
    scope: 'openid',
    window: 'a',
    port: 5000,
    createdAt: machine.clock.now(),
    ...changes,
  });

  it('are taken once, by any window', async () => {
    await window.pendingLogins.add(login('s1'));
    const other = new CoreWindow(machine, 'b');
    assert.equal(await other.pendingLogins.canRedeem('s1'), true);
    assert.deepEqual(await other.pendingLogins.take('s1', taken), login('s1'));
    assert.equal(await codeOf(window.pendingLogins.take('s1', taken)), 'authorization/unsolicited');
    assert.equal(await window.pendingLogins.fateOf('s1'), 'unknown');
    assert.equal(machine.secrets.entries.size, 0);
  });

  it('are taken once by two at the same time', async () => {
    await window.pendingLogins.add(login('s1'));
    const other = new CoreWindow(machine, 'b');
    const both = await Promise.allSettled([
      window.pendingLogins.take('s1', taken),
      other.pendingLogins.take('s1', taken),
    ]);
    assert.deepEqual(both.map(({ status }) => status).sort(), ['fulfilled', 'rejected']);
  });

  it('never put state, verifier or nonce into the index', async () => {
    await window.pendingLogins.add(login('the-state', { nonce: 'the-nonce' }));
    assert.ok(machine.document.text);
    assert.doesNotMatch(machine.document.text, /the-state|the-nonce|the-verifier/);
  });

  it('are redeemable until ten minutes are over', async () => {
    await window.pendingLogins.add(login('s1'));
    await window.pendingLogins.add(login('s2', { clientKey: 'client-2' }));
    machine.clock.jump(pendingLoginLifetimeMs);
    assert.equal(await window.pendingLogins.fateOf('s1'), 'waiting');
    assert.equal((await window.pendingLogins.take('s1', taken)).state, 's1');
    machine.clock.jump(1);
    assert.equal(await window.pendingLogins.fateOf('s2'), 'expired');
    assert.equal(await window.pendingLogins.waitingFor('client-2'), undefined);
    assert.equal(await window.pendingLogins.peek(hashOf('s2')), undefined);
    assert.deepEqual(await window.pendingLogins.waitingPorts(), []);
    assert.equal(await codeOf(window.pendingLogins.take('s2', taken)), 'authorization/expired');
    assert.equal(await codeOf(window.pendingLogins.take('s2', taken)), 'authorization/unsolicited');
  });

  it('are found by issuer and client, whichever window they belong to', async () => {
    await window.pendingLogins.add(login('s1'));
    const { pendingLogins } = new CoreWindow(machine, 'b');
    const waiting = await pendingLogins.waitingFor('client-1');
    assert.deepEqual(waiting?.stateHash, hashOf('s1'));
    assert.equal(waiting.entry.window, 'a');
    assert.equal(await pendingLogins.waitingFor('client-2'), undefined);
    assert.equal((await pendingLogins.peek(waiting.stateHash))?.state, 's1');
  });

  it('wait one at a time for an issuer and client: the second one is not added', async () => {
    const other = new CoreWindow(machine, 'b');
    const both = [window.pendingLogins.add(login('s1')), other.pendingLogins.add(login('s2'))];
    const added = (await Promise.all(both)).filter((waiting) => waiting !== undefined);
    assert.equal(added.length, 1);
    assert.equal(machine.secrets.entries.size, 1);
    assert.deepEqual(Object.keys((await machine.index.read()).pendingLogins), [added[0]?.stateHash]);
  });

  it('leave no entry behind where the request could not be stored', async () => {
    machine.secrets.store = () => Promise.reject(new WorkbenchError('storage/write-failed'));
    assert.equal(await codeOf(window.pendingLogins.add(login('s1'))), 'storage/write-failed');
    assert.equal(await window.pendingLogins.waitingFor('client-1'), undefined);
  });

  it('are over for others when they have been redeemed, not when that begins', async () => {
    const waiting = await window.pendingLogins.add(login('s1'));
    assert.ok(waiting);
    const ends: boolean[] = [];
    const other = new CoreWindow(machine, 'b');
    const watch = other.pendingLogins.watch(waiting, (isSignedIn) => ends.push(isSignedIn));
    await window.pendingLogins.take('s1', async () => {
      await machine.clock.advanceAsync(2000);
      assert.deepEqual(ends, []);
      assert.equal(await other.pendingLogins.waitingFor('client-1'), undefined);
      assert.equal(await codeOf(other.pendingLogins.take('s1', taken)), 'authorization/unsolicited');
    });
    await machine.clock.advanceAsync(2000);
    assert.deepEqual(ends, [false]);
    watch.dispose();
    assert.equal(machine.clock.pending, 0);
  });

  it('are not taken for over while the index cannot be read', async () => {
    const waiting = await window.pendingLogins.add(login('s1'));
    assert.ok(waiting);
    const ends: boolean[] = [];
    window.pendingLogins.watch(waiting, (isSignedIn) => ends.push(isSignedIn));
    const { text } = machine.document;
    machine.document.text = undefined;
    await machine.clock.advanceAsync(2000);
    machine.document.text = text;
    await machine.clock.advanceAsync(2000);
    assert.deepEqual(ends, []);
  });

  it('name the ports that their answers may come to', async () => {
    const withoutPort = login('s2', { clientKey: 'client-2' });
    delete withoutPort.port;
    await window.pendingLogins.add(login('s1'));
    await window.pendingLogins.add(withoutPort);
    assert.deepEqual(await window.pendingLogins.waitingPorts(), [5000]);
  });

  it('are gone when cancelled', async () => {
    await window.pendingLogins.add(login('s1'));
    await window.pendingLogins.cancel(hashOf('s1'));
    assert.equal(machine.secrets.entries.size, 0);
    assert.equal(await codeOf(window.pendingLogins.take('s1', taken)), 'authorization/unsolicited');
  });

  it('are tidied away when they are over, and only then', async () => {
    await window.pendingLogins.add(login('old'));
    machine.clock.jump(pendingLoginLifetimeMs + 1);
    await window.pendingLogins.add(login('new'));
    await window.pendingLogins.prune();
    assert.equal(await window.pendingLogins.fateOf('new'), 'waiting');
    assert.deepEqual([...machine.secrets.entries.keys()], [`openemr.pendingLogin.${hashOf('new')}`]);
    assert.deepEqual(Object.keys((await machine.index.read()).pendingLogins), [hashOf('new')]);
  });

  it('that do not parse count as never asked for, and leave nothing behind', async () => {
    await window.pendingLogins.add(login('s1'));
    machine.secrets.entries.set(`openemr.pendingLogin.${hashOf('s1')}`, '{"state":"s1"}');
    assert.equal(await codeOf(window.pendingLogins.take('s1', taken)), 'authorization/unsolicited');
    assert.equal(machine.secrets.entries.size, 0);
  });

  it('of another window cannot be redeemed where secrets are not shared', async () => {
    const other = new CoreWindow(machine, 'b', false);
    machine.clock.advance(1);
    await window.pendingLogins.add(login('s1'));
    assert.equal(await other.pendingLogins.fateOf('s1'), 'waiting');
    assert.equal(await other.pendingLogins.canRedeem('s1'), false);
    assert.equal(
      await codeOf(other.pendingLogins.add(login('s2', { clientKey: 'client-2' }))),
      'storage/behind',
    );
    assert.equal(await codeOf(other.pendingLogins.cancel(hashOf('s1'))), 'storage/behind');
    assert.equal(await window.pendingLogins.fateOf('s1'), 'waiting');
  });
});
