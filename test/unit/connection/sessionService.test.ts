import { strict as assert } from 'node:assert';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';
import { signIn } from '../../fakes/personAtBrowser.ts';
import { RecordingUi, ServiceWindow } from '../../fakes/serviceWindow.ts';

describe('session service', () => {
  let sandbox: RunningSandbox;
  let machine: SharedMachine;
  let window: ServiceWindow;
  let connection: Connection;

  beforeEach(async () => {
    sandbox = await startSandbox();
    machine = new SharedMachine();
    // The sandbox reads the real clock.
    machine.clock.jump(Date.now() - machine.clock.now());
    window = new ServiceWindow(machine);
    connection = await window.connect(sandbox);
  });
  afterEach(async () => {
    window.login.dispose();
    await sandbox.stop();
  });

  async function logIn(id = 'c1') {
    const opened = window.nextPage();
    const result = window.sessions.logIn(id, new RecordingUi(), new AbortController().signal);
    await fetch(await signIn(await opened, sandbox));
    return result;
  }
  const stateOf = (id = 'c1') => window.connections.state(window.connections.get(id));
  const control = (path: string, body = {}) =>
    fetch(`${sandbox.baseUrl}/sandbox/${path}`, { method: 'POST', body: JSON.stringify(body) });

  /** A second connection to the same site with the same client. */
  async function share(): Promise<void> {
    const secret = await window.connections.clientSecret(connection);
    await window.connections.save({ ...connection, id: 'c2', name: 'Twin' }, { clientSecret: secret });
  }

  it('refreshes by hand', async () => {
    const before = await logIn();
    const after = await window.sessions.refresh('c1');
    assert.ok(after.generation > before.generation);
    assert.notEqual(after.refreshToken, before.refreshToken);
    assert.equal((await window.sessions.tokens(connection))?.accessToken, after.accessToken);
  });

  it('needs a new login when the server refuses the refresh', async () => {
    await logIn();
    await control('tokens/revoke', { refreshTokens: true });
    assert.equal(await codeOf(window.sessions.refresh('c1')), 'refresh/refused');
    assert.deepEqual(await stateOf(), { kind: 'reauthenticationRequired', reason: 'refresh/refused' });
  });

  it('keeps the session when nobody answers the refresh', async () => {
    await logIn();
    await control('faults/connection-reset');
    await assert.rejects(window.sessions.refresh('c1'));
    assert.notEqual((await stateOf()).kind, 'reauthenticationRequired');
    assert.ok(await window.sessions.tokens(connection));
  });

  it('logs out at the server and here', async () => {
    const { accessToken } = await logIn();
    assert.deepEqual(await window.sessions.logOut('c1'), { endedOnServer: true, alsoEnded: [] });
    assert.equal((await stateOf()).kind, 'none');
    const headers = { authorization: `Bearer ${accessToken}` };
    const answer = await fetch(`${sandbox.fhirBaseUrl}/Patient?_count=1`, { headers });
    assert.ok(answer.status >= 400);
  });

  it('logs out here even where the server is gone', async () => {
    await logIn();
    window.servers.forget(connection);
    await sandbox.stop();
    assert.deepEqual(await window.sessions.logOut('c1'), { endedOnServer: false, alsoEnded: [] });
    assert.equal((await stateOf()).kind, 'none');
  });

  it('logs out where nobody was signed in', async () => {
    assert.deepEqual(await window.sessions.logOut('c1'), { endedOnServer: false, alsoEnded: [] });
  });

  it('ends the sessions of connections that share user and client, and of no other', async () => {
    await share();
    await window.connect(sandbox, { id: 'c3', name: 'Another client' });
    for (const id of ['c1', 'c3', 'c2']) await logIn(id);
    assert.deepEqual(
      (await window.sessions.sharingSession('c2')).map(({ id }) => id),
      ['c1'],
    );
    const { endedOnServer, alsoEnded } = await window.sessions.logOut('c2');
    assert.equal(endedOnServer, true);
    assert.deepEqual(
      alsoEnded.map(({ id }) => id),
      ['c1'],
    );
    assert.equal((await stateOf('c2')).kind, 'none');
    assert.deepEqual(await stateOf('c1'), { kind: 'reauthenticationRequired', reason: 'fhir/signed-out' });
    assert.equal((await stateOf('c3')).kind, 'valid');
  });

  it('names no connection that needs a new login anyway', async () => {
    await share();
    await logIn('c1');
    await logIn('c2');
    await window.sessions.sessionEnded(window.connections.get('c2'), 'fhir/signed-out');
    assert.deepEqual(await window.sessions.sharingSession('c1'), []);
  });

  it('takes unreadable tokens of another connection as no session', async () => {
    await share();
    await logIn('c1');
    machine.secrets.entries.set('openemr.tokens.c2', 'rubbish');
    assert.deepEqual(await window.sessions.sharingSession('c1'), []);
  });

  it('forgets a login without asking the server', async () => {
    await logIn();
    await window.sessions.forget(connection);
    assert.equal((await stateOf()).kind, 'none');
  });

  it('finishes nothing that nobody asked for', async () => {
    for (const query of ['code=x&state=foreign', 'error=invalid_scope']) {
      const callbackUrl = `http://127.0.0.1:1/callback?${query}`;
      assert.equal(await codeOf(window.sessions.finishLogin(callbackUrl)), 'authorization/unsolicited');
    }
  });

  it('signs a public client in and refreshes it without a secret', async () => {
    const scopes = ['openid', 'offline_access', 'api:fhir', 'launch/patient', 'patient/Patient.read'];
    const open = await window.connect(sandbox, { id: 'open', clientType: 'public', scopes });
    assert.equal(await window.connections.clientSecret(open), undefined);
    await logIn('open');
    assert.ok((await window.sessions.refresh('open')).accessToken);
  });
});
