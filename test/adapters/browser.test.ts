import assert from 'node:assert/strict';
import {
  asExternalUri,
  callbackUri,
  isBrowserHost,
  VscodeBrowser,
} from '../../src/vscode/externalBrowser.ts';
import { registerUriHandler } from '../../src/vscode/uriHandler.ts';
import { env, host, UIKind, Uri } from '../fakes/vscode.ts';

describe('The external browser', () => {
  beforeEach(() => host.reset());

  it('gets the address byte for byte', async () => {
    const address =
      'https://emr.test/authorize?redirect_uri=http%3A%2F%2F127.0.0.1%2Fcb%3Fa%3D1&state=a%2Bb&scope=a%20b';
    assert.equal(await new VscodeBrowser().open(address), true);
    assert.deepEqual(host.opened, [address]);
  });

  it('passes on that the person did not open it', async () => {
    host.openExternalAnswer = false;
    assert.equal(await new VscodeBrowser().open('https://emr.test/'), false);
  });

  it('knows a browser host from a desktop', () => {
    assert.equal(isBrowserHost(), false);
    env.uiKind = UIKind.Web;
    assert.equal(isBrowserHost(), true);
  });

  it('builds the callback address with the scheme of the product', () => {
    env.uriScheme = 'vscode-insiders';
    assert.equal(callbackUri(), 'vscode-insiders://emr-workbench.openemr-workbench/callback');
  });

  it('leaves the query of an external address readable', async () => {
    host.asExternalUri = () =>
      Uri.parse('http://127.0.0.1:8000/callback?vscode-reqid=1&vscode-scheme=code-oss');
    assert.equal(
      await asExternalUri(callbackUri()),
      'http://127.0.0.1:8000/callback?vscode-reqid=1&vscode-scheme=code-oss',
    );
  });
});

describe('The URI handler', () => {
  beforeEach(() => host.reset());

  const callback = 'vscode://emr-workbench.openemr-workbench/callback';

  it('loads the receiver with the first callback only', async () => {
    let loads = 0;
    registerUriHandler(() => {
      loads++;
      return Promise.resolve(() => undefined);
    });
    assert.equal(loads, 0);
    await host.deliverUri(`${callback}?code=1&state=2`);
    assert.equal(loads, 1);
  });

  it('hands over the address with its query', async () => {
    const received: string[] = [];
    registerUriHandler(() => Promise.resolve((url) => received.push(url)));
    await host.deliverUri(`${callback}?code=abc-_&state=s1&windowId=3`);
    assert.deepEqual(received, [`${callback}?code=abc-_&state=s1&windowId=3`]);
  });

  it('keeps a number sign inside the query from cutting it off', async () => {
    const received: string[] = [];
    registerUriHandler(() => Promise.resolve((url) => received.push(url)));
    await host.deliverUri(`${callback}?error=invalid_scope&hint=a%23b&state=s1`);
    assert.equal(new URL(received[0]!).searchParams.get('hint'), 'a#b');
    assert.equal(new URL(received[0]!).searchParams.get('state'), 's1');
  });

  it('hands over a callback without a query, for the core to judge', async () => {
    const received: string[] = [];
    registerUriHandler(() => Promise.resolve((url) => received.push(url)));
    await host.deliverUri(callback);
    assert.deepEqual(received, [callback]);
  });

  it('ignores every other path in silence', async () => {
    let loads = 0;
    registerUriHandler(() => {
      loads++;
      return Promise.resolve(() => undefined);
    });
    for (const path of ['', '/', '/callback/', '/callbacks', '/open?code=1']) {
      await host.deliverUri(`vscode://emr-workbench.openemr-workbench${path}`);
    }
    assert.equal(loads, 0);
  });

  it('tries to load again after a failure', async () => {
    const received: string[] = [];
    let isBroken = true;
    registerUriHandler(() =>
      isBroken ? Promise.reject(new Error('disk')) : Promise.resolve((url) => received.push(url)),
    );
    await assert.rejects(host.deliverUri(`${callback}?code=1`));
    isBroken = false;
    await host.deliverUri(`${callback}?code=2`);
    assert.deepEqual(received, [`${callback}?code=2`]);
  });

  it('hears nothing any more after disposal', async () => {
    const received: string[] = [];
    registerUriHandler(() => Promise.resolve((url) => received.push(url))).dispose();
    await host.deliverUri(`${callback}?code=1`);
    assert.deepEqual(received, []);
  });
});
