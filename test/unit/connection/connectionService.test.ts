import { strict as assert } from 'node:assert';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { tokenOwnerOf } from '../../../src/core/connection/connectionService.ts';
import { grantAt, SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';
import { ServiceWindow } from '../../fakes/serviceWindow.ts';

const connection: Connection = {
  ...{ id: 'c1', name: 'Clinic', baseUrl: 'https://a.example.org', site: 'default', clientId: 'client-1' },
  ...{ clientType: 'confidential', scopes: ['openid', 'api:fhir'], callback: 'automatic' },
};

describe('connection service', () => {
  let machine: SharedMachine;
  let window: ServiceWindow;

  beforeEach(async () => {
    machine = new SharedMachine();
    window = new ServiceWindow(machine);
    await window.connections.save(connection, { clientSecret: 'the-secret' });
  });

  const signIn = () =>
    window.tokens.signedIn(tokenOwnerOf(connection), grantAt(machine.clock, '1'), 'openid');
  const stateKind = async (of = connection) => (await window.connections.state(of)).kind;

  it('keeps the client secret out of settings', async () => {
    assert.equal(await window.connections.clientSecret(connection), 'the-secret');
    assert.doesNotMatch(JSON.stringify(window.settings.value), /the-secret/);
  });

  const moves: [string, Partial<Connection>][] = [
    ['another address', { baseUrl: 'https://evil.example.org' }],
    ['another site', { site: 'other' }],
    ['another client', { clientId: 'client-2' }],
  ];
  for (const [what, change] of moves) {
    it(`never gives secret or tokens to ${what}`, async () => {
      await signIn();
      const edited = { ...connection, ...change };
      assert.equal(await window.connections.clientSecret(edited), undefined);
      assert.deepEqual(await window.connections.state(edited), {
        kind: 'reauthenticationRequired',
        reason: 'token/other-server',
      });
      assert.equal(await codeOf(window.sessions.tokens(edited)), 'token/other-server');
    });
  }

  const ending: [string, Partial<Connection>][] = [
    ...moves,
    ['other permissions', { scopes: ['openid'] }],
    ['another client type', { clientType: 'public' }],
  ];
  for (const [what, change] of ending) {
    it(`refuses to save ${what} while signed in, and signs out when that was agreed`, async () => {
      await signIn();
      const edited = { ...connection, ...change };
      const refusal = codeOf(window.connections.save(edited, { clientSecret: 'new-secret' }));
      assert.equal(await refusal, 'connection/would-lose-settings');
      assert.deepEqual(window.connections.get('c1'), connection);
      assert.equal(await window.connections.clientSecret(connection), 'the-secret');
      assert.equal(await stateKind(), 'valid');
      await window.connections.save(edited, { mayEndSession: true });
      assert.deepEqual(window.connections.get('c1'), edited);
      assert.equal(await stateKind(edited), 'none');
    });
  }

  it('saves what concerns no login without a question', async () => {
    await signIn();
    const scopes = connection.scopes.toReversed();
    await window.connections.save({ ...connection, name: 'Other', callback: 'paste', scopes });
    assert.equal(await stateKind(), 'valid');
    assert.equal(await window.connections.clientSecret(connection), 'the-secret');
  });

  it('keeps the former secret where the settings cannot be written', async () => {
    const edited = { ...connection, clientId: 'client-2' };
    window.settings.failNext = true;
    const saving = window.connections.save(edited, { clientSecret: 'new-secret' });
    assert.equal(await codeOf(saving), 'storage/write-failed');
    assert.equal(await window.connections.clientSecret(connection), 'the-secret');
    window.settings.failNext = true;
    const adding = window.connections.save({ ...edited, id: 'c2' }, { clientSecret: 'other' });
    assert.equal(await codeOf(adding), 'storage/write-failed');
    assert.equal(await window.connections.clientSecret({ ...edited, id: 'c2' }), undefined);
  });

  it('takes a secret that does not parse as none', async () => {
    machine.secrets.entries.set('openemr.clientSecret.c1', '{"secret":""}');
    assert.equal(await window.connections.clientSecret(connection), undefined);
  });

  it('tells of every change', async () => {
    const changes: (string | undefined)[] = [];
    window.connections.connectionChanged((id) => changes.push(id));
    await signIn();
    await window.connections.save({ ...connection, name: 'Other' });
    assert.deepEqual([...new Set(changes)], ['c1', undefined]);
  });

  it('removes a connection with everything secret of it', async () => {
    await signIn();
    await window.connections.remove('c1');
    assert.deepEqual(window.connections.all(), []);
    assert.deepEqual(window.connections.rejected(), []);
    assert.equal(machine.secrets.entries.size, 0);
    assert.throws(() => window.connections.get('c1'), { code: 'connection/not-found' });
  });
});
