import { strict as assert } from 'node:assert';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import {
  callbackChannels,
  channelsFor,
  registrableCallbackUri,
  type CallbackHost,
} from '../../../src/core/oauth/callbackChannel.ts';
import { Deferred } from '../../fakes/deferred.ts';
import type { LoopbackListener } from '../../../src/core/oauth/loopback.ts';

const schemeUri = 'vscode://emr-workbench.openemr-workbench/callback';
const onCallback = () => undefined;
const localPage = 'http://127.0.0.1:8080/authorize?x=1';

/** A host whose listeners are counted. */
function hostWith(changes: Partial<CallbackHost> = {}) {
  const open = new Set<number>();
  let port = 4000;
  const host: CallbackHost = {
    isBrowserHost: true,
    schemeUri,
    externalCallbackUri: () => Promise.resolve(`${schemeUri}?windowId=1`),
    listen: (options) => {
      const own = options.port ?? ++port;
      open.add(own);
      const addGoPage = (target: string) => ({ url: `go ${own} ${target}` });
      return Promise.resolve({ port: own, addGoPage, dispose: () => open.delete(own) });
    },
    freePort: () => Promise.resolve(5000),
    ...changes,
  };
  return { host, open };
}

describe('callback channels', () => {
  it('are tried automatically but for pasting, or alone when chosen', () => {
    const channels = callbackChannels(hostWith().host);
    const kinds = (preference: Parameters<typeof channelsFor>[0]) =>
      channelsFor(preference, channels).map(({ kind }) => kind);
    assert.deepEqual(kinds('automatic'), ['vscode-uri', 'loopback']);
    assert.deepEqual(kinds('paste'), ['paste']);
    assert.deepEqual(kinds('vscode-uri'), ['vscode-uri']);
  });

  it('register the address of the editor without its own query', async () => {
    assert.equal(await registrableCallbackUri(hostWith().host), schemeUri);
  });

  it('use the http address of a browser host as it is', async () => {
    const external = 'https://code.example.org/callback?vscode-reqid=7';
    const { host } = hostWith({ externalCallbackUri: () => Promise.resolve(external) });
    const callback = await callbackChannels(host)[0]!.open({ onCallback });
    assert.equal(callback.redirectUri, external);
  });

  it('open again on the port of a login that waits', async () => {
    const { host, open } = hostWith();
    const [, loopback, paste] = callbackChannels(host);
    const callback = await loopback!.open({ port: 4711, onCallback });
    assert.equal(callback.redirectUri, 'http://127.0.0.1:4711/callback');
    assert.equal(callback.port, 4711);
    callback.dispose();
    assert.equal(open.size, 0);
    const pasted = await paste!.open({ port: 4711, onCallback });
    assert.equal(pasted.redirectUri, 'http://127.0.0.1:4711/callback');
    assert.equal((await paste!.open({ onCallback })).redirectUri, 'http://127.0.0.1:5000/callback');
  });

  it('open loopback pages through one listener of their own in a browser host, others as they are', async () => {
    const { host, open } = hostWith();
    const callback = await callbackChannels(host)[0]!.open({ onCallback });
    assert.equal(await callback.addressFor('https://emr.example.org/x'), 'https://emr.example.org/x');
    assert.equal(open.size, 0);
    const both = await Promise.all([callback.addressFor(localPage), callback.addressFor(localPage)]);
    assert.deepEqual(both, [`go 4001 ${localPage}`, `go 4001 ${localPage}`]);
    assert.equal(open.size, 1);
    callback.dispose();
    await Promise.resolve();
    assert.equal(open.size, 0);
  });

  it('open loopback pages as they are on a desktop', async () => {
    const { host } = hostWith({ isBrowserHost: false });
    const callback = await callbackChannels(host)[2]!.open({ onCallback });
    assert.equal(await callback.addressFor(localPage), localPage);
    callback.dispose();
  });

  it('leave no listener behind that opens after their end', async () => {
    const late = new Deferred<LoopbackListener>();
    const { host } = hostWith({ listen: () => late.promise });
    const callback = await callbackChannels(host)[2]!.open({ onCallback });
    const address = callback.addressFor(localPage);
    callback.dispose();
    let isClosed = false;
    late.resolve({ port: 1, addGoPage: (url) => ({ url }), dispose: () => void (isClosed = true) });
    await address;
    assert.equal(isClosed, true);
  });

  it('bear that a port cannot be had', async () => {
    const { host } = hostWith({
      listen: () => Promise.reject(new WorkbenchError('authorization/no-channel')),
    });
    const callback = await callbackChannels(host)[2]!.open({ onCallback });
    await assert.rejects(callback.addressFor(localPage), WorkbenchError);
    callback.dispose();
  });
});
