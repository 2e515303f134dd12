import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import sinon from 'sinon';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { admin, until, WorkbenchWindow } from '../adapters/workbenchWindow.ts';
import { signIn } from '../fakes/personAtBrowser.ts';
import { host } from '../fakes/vscode.ts';

const minuteMs = 60_000;

describe("A browser's answer", () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;
  let connectionId: string;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
    connectionId = await window.connect(sandbox, { callback: 'automatic' });
  });
  afterEach(async () => {
    sinon.restore();
    await window.close();
    await sandbox.stop();
  });

  const deliver = (url: string) => host.deliverUri(url);
  const isSignedIn = () => window.fake.secrets.entries.has(`openemr.tokens.${connectionId}`);
  const log = () => host.logChannels.flatMap(({ lines }) => lines).join('\n');
  const settled = () => new Promise((done) => setTimeout(done, 300));
  const laterBy = (ms: number) => sinon.useFakeTimers({ now: Date.now() + ms, toFake: ['Date'] });
  const tokenRequests = async (): Promise<number> => {
    const answer = await fetch(`${sandbox.baseUrl}/sandbox/log`);
    return ((await answer.text()).match(/authorization_code/g) ?? []).length;
  };

  const spoilt: Record<string, (url: URL) => void> = {
    'without state': (url) => url.searchParams.delete('state'),
    'with an empty state': (url) => url.searchParams.set('state', ''),
    'with a foreign state': (url) => url.searchParams.set('state', 'somebody-else'),
    'with two states': (url) => url.searchParams.append('state', 'somebody-else'),
    'with two codes': (url) => url.searchParams.append('code', 'another'),
    'with neither code nor error': (url) => url.searchParams.delete('code'),
    'with a code and an error': (url) => url.searchParams.set('error', 'access_denied'),
    'with the name of another issuer': (url) => url.searchParams.set('iss', 'https://evil.example'),
    'with an endless code': (url) => url.searchParams.set('code', 'x'.repeat(100_000)),
    'at another path': (url) => (url.pathname = '/elsewhere'),
  };
  for (const [what, spoil] of Object.entries(spoilt)) {
    it(`${what} saves nothing, and is never redeemed with a made-up part`, async () => {
      const before = host.opened.length;
      const outcome = window.request('session.logIn');
      const callback = await signIn(await window.openedPage(before), admin);
      const url = new URL(callback);
      spoil(url);
      await deliver(url.href);
      await settled();
      assert.equal(isSignedIn(), false);
      await deliver(callback);
      const result = await outcome;
      if (result['kind'] === 'failed') {
        const { code, happened } = result['error'] as { code: string; happened: string };
        assert.match(code, /^(authorization|grant)\//);
        assert.doesNotMatch(happened, /evil|xxx/);
        assert.equal((await window.logIn(admin, deliver))['kind'], 'done', 'the next login works');
      } else assert.equal(result['kind'], 'done');
      assert.ok(isSignedIn());
    });
  }

  it('that came before is dropped with a line in the log, and the login stays', async () => {
    let callback = '';
    await window.logIn(admin, (url) => deliver((callback = url)));
    const requests = await tokenRequests();
    await deliver(callback);
    await settled();
    assert.match(log(), /A callback was dropped/);
    assert.equal(await tokenRequests(), requests, 'a code is never sent twice');
    assert.ok(isSignedIn());
  });

  it('that comes twice at once is redeemed once', async () => {
    const outcome = await window.logIn(admin, (url) =>
      Promise.all([deliver(url), deliver(url), deliver(url)]),
    );
    assert.equal(outcome['kind'], 'done', JSON.stringify(outcome));
    await settled();
    assert.equal(await tokenRequests(), 1);
  });

  it('that nobody asked for is dropped, without a word to the person', async () => {
    const messages = host.messages.length;
    await deliver('vscode://emr-workbench.openemr-workbench/callback?code=made-up&state=made-up');
    await settled();
    assert.match(log(), /A callback was dropped/);
    assert.equal(host.messages.length, messages);
  });

  it('that comes after ten minutes ends the login that waited, with the reason', async () => {
    const outcome = await window.logIn(admin, (url) => {
      laterBy(11 * minuteMs);
      return deliver(url);
    });
    assert.equal((outcome['error'] as { code: string }).code, 'authorization/expired');
    assert.equal(isSignedIn(), false);
  });

  it('that comes after ten minutes, when no progress is left, is told to be too late', async () => {
    const before = host.opened.length;
    window.request('session.logIn').catch(() => undefined);
    const callback = await signIn(await window.openedPage(before), admin);
    await window.reload();
    await window.command('showLog');
    laterBy(11 * minuteMs);
    await deliver(callback);
    const message = await until(() => host.messages.find(({ text }) => /came too late/.test(text)));
    assert.match(message.text, /[Ll]og in again/);
    assert.equal(isSignedIn(), false);
    await deliver(callback);
    await settled();
    assert.equal(host.messages.filter(({ text }) => /came too late/.test(text)).length, 1);
  });
});
