import assert from 'node:assert/strict';
import { rootCertificates } from 'node:tls';
import { readFileSync } from 'node:fs';
import { Agent, fetch as undiciFetch } from 'undici';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { ConnectionTestResult } from '../../src/core/fhir/connectionTest.ts';
import { defaultScopesFor } from '../../src/core/oauth/scope.ts';
import {
  createHeadlessWorkbench,
  newConnection,
  silentUi,
  type HeadlessWorkbench,
} from '../fakes/headlessWorkbench.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { runAfterRegister, type LiveServer } from './liveServer.ts';

const signal = new AbortController().signal;

/** A browser whose person accepted the certificate that the connection trusts. */
function browserFetch({ address: { pinnedCertificate, caFile } }: LiveServer): typeof fetch {
  const own = caFile ? readFileSync(caFile, 'utf8') : pinnedCertificate?.pem;
  if (!own) return fetch;
  const connect = {
    ca: [...rootCertificates, own],
    allowPartialTrustChain: true,
    ...(pinnedCertificate ? { checkServerIdentity: () => undefined } : {}),
  };
  const dispatcher = new Agent({ connect });
  const trustingFetch = (url: string, init: object) => undiciFetch(url, { ...init, dispatcher });
  return trustingFetch as unknown as typeof fetch;
}

/** The whole way with one server, as tests. Without a command that enables the client it ends after registration. */
export function testFlowsAgainst(findServer: () => Promise<LiveServer>): void {
  let server: LiveServer;
  let workbench: HeadlessWorkbench;
  let connection: Connection;

  before(async () => {
    workbench = await createHeadlessWorkbench(async (loginPage) => {
      const { username, password } = server;
      await fetch(await signIn(loginPage, { username, password, fetch: browserFetch(server) }));
    });
    server = await findServer();
  });
  after(() => workbench.dispose());

  const state = async () => (await workbench.connections.state(connection)).kind;

  it('discovers the server', async () => {
    const { address, discovery } = await workbench.servers.discoverByOwnName(server.address);
    assert.notEqual(discovery.era, 'unknown');
    assert.ok(discovery.openEmrVersion);
    assert.match(discovery.fhirVersion ?? '', /^4\./);
    connection = newConnection(address, defaultScopesFor('confidential'));
    await workbench.connections.save(connection);
  });

  it('registers a client', async () => {
    connection = await workbench.clients.register(connection, { mayEndSession: false });
    assert.ok(connection.clientId);
    assert.ok(connection.registeredRedirectUris?.includes('http://127.0.0.1/callback'));
    assert.deepEqual(workbench.clients.registeredAt(connection).length, 1);
  });

  it('finds the new client known but not enabled', async () => {
    const probe = await workbench.clients.check(connection);
    assert.equal(probe.isKnown, true);
    assert.equal(probe.isRedirectUriRegistered, true);
    assert.equal(probe.isEnabled, false);
  });

  it('finds it enabled, with the right secret, after the administrator’s part', async function () {
    if (!server.afterRegister) return this.skip();
    await runAfterRegister(server.afterRegister, connection.clientId ?? '');
    const probe = await workbench.clients.check(connection);
    assert.equal(probe.isEnabled, true, 'OPENEMR_AFTER_REGISTER has not enabled the client.');
    assert.notEqual(probe.isSecretRight, false);
  });

  it('logs in', async function () {
    if (!server.afterRegister) return this.skip();
    const tokens = await workbench.sessions.logIn(connection.id, silentUi, signal);
    assert.ok(tokens.refreshToken);
    assert.ok(tokens.idToken);
    assert.ok(tokens.grantedScopes.includes('user/Patient.read'));
    assert.equal(await state(), 'valid');
  });

  const test = (): Promise<ConnectionTestResult> =>
    workbench.tests.test(connection.id, () => undefined, signal);

  it('tests the connection and counts patients', async function () {
    if (!server.afterRegister) return this.skip();
    const result = await test();
    assert.deepEqual(
      result.rows.filter(({ errorCode }) => errorCode !== undefined),
      [],
    );
    assert.equal(result.failed, 0);
    assert.ok(result.openEmrVersion);
    assert.ok(result.patientCount && result.patientCount.count >= 0);
  });

  it('refreshes the tokens, and the new ones work', async function () {
    if (!server.afterRegister) return this.skip();
    const before = await workbench.sessions.tokens(connection);
    const after = await workbench.sessions.refresh(connection.id);
    assert.notEqual(after.accessToken, before?.accessToken);
    assert.notEqual(after.refreshToken, before?.refreshToken);
    assert.equal((await test()).failed, 0);
  });

  it('logs out on the server and here', async function () {
    if (!server.afterRegister) return this.skip();
    const { endedOnServer } = await workbench.sessions.logOut(connection.id);
    assert.equal(endedOnServer, true);
    assert.equal(await state(), 'none');
    assert.equal(await workbench.sessions.tokens(connection), undefined);
  });
}
