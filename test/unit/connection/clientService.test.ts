import { strict as assert } from 'node:assert';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { grantAt, SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';
import { tokenOwnerOf } from '../../../src/core/connection/connectionService.ts';
import { ServiceWindow } from '../../fakes/serviceWindow.ts';

const loopback = 'http://127.0.0.1/callback';
const scheme = 'vscode://emr-workbench.openemr-workbench/callback';

describe('client service', () => {
  let sandbox: RunningSandbox;
  let machine: SharedMachine;
  let window: ServiceWindow;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());
  beforeEach(() => {
    machine = new SharedMachine();
    window = new ServiceWindow(machine);
  });

  const connection = (changes: Partial<Connection> = {}): Connection => ({
    ...{ id: 'c1', name: 'Clinic', baseUrl: sandbox.baseUrl, site: 'default', clientType: 'confidential' },
    ...{ scopes: ['openid', 'api:fhir', 'user/Patient.read'], callback: 'automatic' },
    ...changes,
  });
  const register = (of = connection(), mayEndSession = false) =>
    window.clients.register(of, { mayEndSession });
  const control = (path: string) => fetch(`${sandbox.baseUrl}/sandbox/${path}`, { method: 'POST' });

  it('registers a client, keeps its id, secret and addresses, and lists it', async () => {
    const registered = await register();
    assert.deepEqual(registered.registeredRedirectUris, [scheme, loopback]);
    assert.deepEqual(window.connections.get('c1'), registered);
    assert.ok(await window.connections.clientSecret(registered));
    machine.clock.advance(1000);
    const second = await register();
    assert.deepEqual(
      window.clients.registeredAt(second).map(({ clientId }) => clientId),
      [second.clientId, registered.clientId],
    );
    assert.deepEqual(window.clients.registeredAt(connection({ site: 'other' })), []);
  });

  it('registers nothing anew while somebody is signed in, unless that was agreed', async () => {
    const registered = await register();
    await window.tokens.signedIn(tokenOwnerOf(registered), grantAt(machine.clock, '1'), 'openid');
    assert.equal(await codeOf(register(registered)), 'connection/would-lose-settings');
    assert.deepEqual(window.connections.get('c1'), registered);
    const renewed = await register(registered, true);
    assert.notEqual(renewed.clientId, registered.clientId);
    assert.equal((await window.connections.state(renewed)).kind, 'none');
  });

  it('saves nothing where the server refuses a permission', async () => {
    const refusing = connection({ scopes: ['openid', 'user/Bogus.read'] });
    assert.equal(await codeOf(register(refusing)), 'registration/scope-refused');
    assert.deepEqual(window.connections.all(), []);
    assert.equal(machine.secrets.entries.size, 0);
  });

  it("leaves a browser host's changing address out, except for those who chose that way", async () => {
    const external = 'https://code.example.org/callback';
    window = new ServiceWindow(machine, 'b', undefined, {
      externalCallbackUri: () => Promise.resolve(`${external}?vscode-reqid=1`),
    });
    assert.deepEqual((await register()).registeredRedirectUris, [loopback]);
    const chosen = await register(connection({ callback: 'vscode-uri' }));
    assert.deepEqual(chosen.registeredRedirectUris, [external, loopback]);
  });

  it('registers loopback alone at a server that refuses the scheme of the editor', async () => {
    const asked: string[][] = [];
    const server = createServer((request, response) => {
      const baseUrl = `http://${request.headers.host ?? ''}`;
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        const issuer = `${baseUrl}/oauth2/default`;
        const body = Buffer.concat(chunks).toString();
        if (!body) {
          const endpoints = { authorization_endpoint: `${issuer}/a`, token_endpoint: `${issuer}/t` };
          const rest = { jwks_uri: `${issuer}/j`, registration_endpoint: `${issuer}/registration` };
          response.setHeader('content-type', 'application/json');
          response.end(JSON.stringify({ issuer, ...endpoints, ...rest }));
          return;
        }
        const { redirect_uris: uris } = JSON.parse(body) as { redirect_uris: string[] };
        asked.push(uris);
        const isRefused = uris.includes(scheme);
        response.writeHead(isRefused ? 400 : 200, { 'content-type': 'application/json' });
        const client = { client_id: 'c', client_secret: 's', redirect_uris: uris };
        response.end(JSON.stringify(isRefused ? { error: 'invalid_redirect_uri' } : client));
      });
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const baseUrl = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    const registered = await register(connection({ baseUrl }));
    server.close();
    server.closeAllConnections();
    assert.deepEqual(asked, [[scheme, loopback], [loopback]]);
    assert.deepEqual(registered.registeredRedirectUris, [loopback]);
  });

  it('finds out whether a client works, and remembers it', async () => {
    const registered = await register();
    assert.equal((await window.clients.check(registered)).isEnabled, false);
    assert.equal(window.progress.clientState(registered), 'disabled');
    assert.equal(window.progress.nextStep(registered, 'none'), 'enable');
    await control(`clients/${registered.clientId ?? ''}/enable`);
    const probe = await window.clients.check({ ...registered, callback: 'vscode-uri' });
    assert.equal(probe.isEnabled, true);
    assert.equal(probe.isRedirectUriRegistered, true);
    assert.equal(window.progress.nextStep(registered, 'none'), 'logIn');
    assert.equal(window.progress.nextStep(registered, 'valid'), 'verify');
    await window.progress.learnVerified(registered, true);
    assert.equal(window.progress.nextStep(registered, 'expiring'), 'done');
    assert.equal(window.progress.clientState({ ...registered, clientId: 'another' }), 'unknown');
  });

  it('learns nothing of a client that the server does not know', async () => {
    await window.clients.check(connection({ clientId: 'nobody' }));
    assert.equal(window.progress.clientState(connection({ clientId: 'nobody' })), 'unknown');
  });

  it('has nothing to check without a client', async () => {
    assert.equal(await codeOf(window.clients.check(connection())), 'connection/client-missing');
    assert.equal(window.progress.clientState(connection()), 'none');
    assert.equal(window.progress.nextStep(connection(), 'none'), 'register');
  });
});
