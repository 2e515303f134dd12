import { strict as assert } from 'node:assert';
import { Servers } from '../../../src/core/connection/servers.ts';
import { createFetchTransport } from '../../../src/platform/fetchTransport.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { codeOf } from '../../fakes/failure.ts';

describe('servers', () => {
  let sandbox: RunningSandbox;
  let servers: Servers;
  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());
  beforeEach(() => {
    servers = new Servers(() => createFetchTransport());
  });

  const server = () => ({ baseUrl: sandbox.baseUrl, site: 'default' });
  const byOtherName = () => ({ ...server(), baseUrl: sandbox.baseUrl.replace('127.0.0.1', 'localhost') });
  const requests = async () =>
    ((await (await fetch(`${sandbox.baseUrl}/sandbox/log`)).json()) as unknown[]).length;

  it('are asked for their metadata once, however many want it', async () => {
    const before = await requests();
    await Promise.all([servers.metadata(server()), servers.metadata(server())]);
    await servers.metadata(server());
    assert.equal((await requests()) - before, 1);
    servers.forget(server());
    await servers.metadata(server());
    assert.equal((await requests()) - before, 2);
  });

  it('answer everybody else who asked when one of them cancels', async () => {
    const before = await requests();
    const [first, second, third] = [new AbortController(), new AbortController(), new AbortController()];
    const cancelled = codeOf(servers.metadata(server(), first.signal));
    const others = [servers.metadata(server(), second.signal), servers.metadata(server())];
    first.abort();
    assert.equal(await cancelled, 'operation/cancelled');
    assert.equal((await Promise.all(others)).length, 2);
    third.abort();
    servers.forget(server());
    assert.equal(await codeOf(servers.metadata(server(), third.signal)), 'operation/cancelled');
    assert.equal((await requests()) - before, 1);
  });

  it('remember what a discovery found, until they are forgotten', async () => {
    assert.equal(servers.lastDiscovery(server()), undefined);
    await servers.discover(server());
    assert.equal(servers.lastDiscovery(server())?.era, '8.2');
    const before = await requests();
    await servers.metadata(server());
    assert.equal(await requests(), before);
    servers.forget(server());
    assert.equal(servers.lastDiscovery(server()), undefined);
  });

  it('that call themselves otherwise are used by their own name', async () => {
    const { address, discovery } = await servers.discoverByOwnName(byOtherName());
    assert.equal(address.baseUrl, sandbox.baseUrl);
    assert.ok(discovery.contradictions.length > 0);
    assert.equal((await servers.discoverByOwnName(server())).address.baseUrl, sandbox.baseUrl);
  });

  it('are not believed under a name that is not theirs', async () => {
    assert.equal(await codeOf(servers.metadata(byOtherName())), 'discovery/issuer-mismatch');
  });

  it('are asked again after they did not answer', async () => {
    const gone = await startSandbox();
    const address = { baseUrl: gone.baseUrl, site: 'default' };
    await gone.stop();
    assert.equal(await codeOf(servers.metadata(address)), 'network/refused');
    const back = await startSandbox({ port: Number(new URL(gone.baseUrl).port) });
    assert.ok(await servers.metadata(address));
    await back.stop();
  });
});
