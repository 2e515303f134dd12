import { strict as assert } from 'node:assert';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { loginWaitMs } from '../../../src/core/oauth/login.ts';
import { pendingLoginLifetimeMs } from '../../../src/core/oauth/pendingLogins.ts';
import { freePort } from '../../../src/platform/freePort.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';
import { signIn } from '../../fakes/personAtBrowser.ts';
import { RecordingUi, ServiceWindow } from '../../fakes/serviceWindow.ts';

describe('login', () => {
  let sandbox: RunningSandbox;
  let machine: SharedMachine;
  let window: ServiceWindow;
  let connection: Connection;

  before(async () => {
    sandbox = await startSandbox();
  });
  after(() => sandbox.stop());
  beforeEach(async () => {
    machine = new SharedMachine();
    window = new ServiceWindow(machine);
    connection = await window.connect(sandbox);
  });
  afterEach(() => window.login.dispose());

  /** Starts a login and waits for its page. */
  async function begin(inWindow = window) {
    const ui = new RecordingUi();
    const abort = new AbortController();
    const opened = inWindow.nextPage();
    const result = inWindow.sessions.logIn('c1', ui, abort.signal);
    const code = codeOf(result);
    code.catch(() => undefined);
    const page = await Promise.race([opened, result.then(() => '')]);
    return { ui, abort, page, result, code };
  }
  const answerOf = (page: string) => signIn(page, sandbox);
  const secretKeys = () => [...machine.secrets.entries.keys()].map((key) => key.split('.')[1]);
  const stateOf = () => window.connections.state(connection);

  it('ends signed in, with one token request and nothing left behind', async () => {
    const { ui, page, result } = await begin();
    assert.equal((await stateOf()).kind, 'authorizing');
    assert.deepEqual(secretKeys().sort(), ['clientSecret', 'pendingLogin']);
    await fetch(await answerOf(page));
    assert.ok((await result).refreshToken);
    assert.deepEqual(ui.said, ['preparing', 'waiting', 'redeeming']);
    assert.deepEqual(secretKeys().sort(), ['clientSecret', 'tokens']);
    assert.equal(window.progress.clientState(connection), 'enabled');
  });

  it('is ended by Cancel, which forgets the request', async () => {
    const { abort, page, code } = await begin();
    const callbackUrl = await answerOf(page);
    abort.abort();
    assert.equal(await code, 'authorization/cancelled');
    assert.deepEqual(secretKeys(), ['clientSecret']);
    await window.inbox.receive(callbackUrl);
    await machine.clock.advanceAsync(5000);
    assert.deepEqual(window.orphans, []);
  });

  it('can be cancelled while the editor still asks whether to open the page', async () => {
    const ui = new RecordingUi();
    const abort = new AbortController();
    window.nextPage = () => new Promise(() => undefined);
    const result = codeOf(window.sessions.logIn('c1', ui, abort.signal));
    await ui.offered;
    abort.abort();
    assert.equal(await result, 'authorization/cancelled');
  });

  it('stops waiting after five minutes; an answer is still good until ten', async () => {
    const { page, code } = await begin();
    const callbackUrl = await answerOf(page);
    await machine.clock.advanceAsync(loginWaitMs);
    assert.equal(await code, 'authorization/timed-out');
    assert.deepEqual(secretKeys().sort(), ['clientSecret', 'pendingLogin']);
    // The browser still finds somebody to answer it.
    assert.equal((await fetch(callbackUrl)).status, 200);
    await new Promise((tick) => setTimeout(tick, 20));
    await machine.clock.advanceAsync(3000);
    assert.deepEqual(window.orphans, [callbackUrl]);
    assert.equal((await window.sessions.finishLogin(callbackUrl)).id, 'c1');
    assert.equal((await stateOf()).kind, 'valid');
    await assert.rejects(window.sessions.finishLogin(callbackUrl), WorkbenchError);
  });

  it('closes its port when the request itself is over', async () => {
    const { page, code } = await begin();
    const callbackUrl = await answerOf(page);
    await machine.clock.advanceAsync(pendingLoginLifetimeMs);
    assert.equal(await code, 'authorization/timed-out');
    await new Promise((tick) => setTimeout(tick, 20));
    await assert.rejects(fetch(callbackUrl));
    machine.clock.advance(1);
    assert.equal(await codeOf(window.sessions.finishLogin(callbackUrl)), 'authorization/expired');
  });

  it('takes a pasted address, and nothing that is not its answer', async () => {
    const { ui, page, result } = await begin();
    const callbackUrl = await answerOf(page);
    const actions = await ui.offered;
    const codeOfPaste = (text: string) => codeOf(Promise.resolve().then(() => actions.paste(text)));
    for (const text of ['', 'nonsense', page, callbackUrl.replace(/state=[^&]*/, 'state=foreign')]) {
      assert.equal(await codeOfPaste(text), 'authorization/paste-invalid');
    }
    const scopeRefusal = 'http://127.0.0.1:1/callback?error=invalid_scope';
    assert.equal(await codeOfPaste(scopeRefusal), 'authorization/invalid-scope');
    actions.paste(`  ${callbackUrl}\n`);
    assert.ok((await result).accessToken);
  });

  it('opens the sign-in page again when asked', async () => {
    const { ui, abort, page } = await begin();
    await (await ui.offered).openLoginPage();
    assert.deepEqual(window.opened, [page, page]);
    abort.abort();
  });

  it('goes on when an error without state arrives, and ends by one with its state', async () => {
    const { ui, page, code } = await begin();
    const redirectUri = new URL(page).searchParams.get('redirect_uri') ?? '';
    await window.inbox.receive(`${redirectUri}?error=invalid_scope`);
    await window.inbox.receive(`${redirectUri}?code=x&state=foreign`);
    assert.deepEqual(ui.said.slice(-1), ['note: authorization/invalid-scope']);
    const state = new URL(page).searchParams.get('state') ?? '';
    await window.inbox.receive(`${redirectUri}?error=access_denied&state=${state}`);
    assert.equal(await code, 'authorization/denied');
    assert.deepEqual(secretKeys(), ['clientSecret']);
  });

  it('does not store tokens for an address that was edited meanwhile', async () => {
    const { page, code } = await begin();
    const edited = { ...connection, baseUrl: 'https://other.example.org' };
    await window.connections.save(edited, { mayEndSession: true });
    await fetch(await answerOf(page));
    assert.equal(await code, 'token/other-server');
    assert.equal(secretKeys().includes('tokens'), false);
  });

  it('is not begun without client, secret or server', async () => {
    const run = () => codeOf(window.sessions.logIn('c1', new RecordingUi(), new AbortController().signal));
    await window.clientSecrets.delete('c1');
    assert.equal(await run(), 'connection/secret-missing');
    const withoutClient = { ...connection };
    delete withoutClient.clientId;
    await window.connections.save(withoutClient);
    assert.equal(await run(), 'connection/client-missing');
  });

  describe('channels', () => {
    const automatic = async (host: ConstructorParameters<typeof ServiceWindow>[3], changes = {}) => {
      const other = new ServiceWindow(machine, 'b', window.settings, host);
      const saved = await other.connect(sandbox, { id: 'c1', callback: 'automatic', ...changes });
      return { other, saved };
    };
    const redirectUriOf = (page: string) => new URL(page).searchParams.get('redirect_uri') ?? '';

    it('begin with the URI handler, by its bare address', async () => {
      const { other } = await automatic({});
      const { page, abort } = await begin(other);
      assert.equal(redirectUriOf(page), 'vscode://emr-workbench.openemr-workbench/callback');
      abort.abort();
    });

    it('fall back to loopback where the server refuses the address of a browser host, with the reason', async () => {
      const external = 'https://code.example.org/callback?vscode-reqid=1';
      const host = { isBrowserHost: true, externalCallbackUri: () => Promise.resolve(external) };
      const { other } = await automatic(host);
      const { ui, page, abort, code } = await begin(other);
      assert.match(page, /^http:\/\/127\.0\.0\.1:\d+\/go\/[\w-]+$/);
      assert.deepEqual(ui.said.slice(0, 2), [
        'preparing',
        'vscode-uri passed over: authorization/address-refused',
      ]);
      const led = await fetch(page, { redirect: 'manual' });
      assert.match(redirectUriOf(led.headers.get('location') ?? ''), /^http:\/\/127\.0\.0\.1:\d+\/callback$/);
      abort.abort();
      await code;
    });

    it('say all reasons when none is left', async () => {
      const external = 'https://code.example.org/callback?vscode-reqid=1';
      const { other } = await automatic({
        externalCallbackUri: () => Promise.resolve(external),
        listen: () => Promise.reject(new WorkbenchError('authorization/no-channel')),
      });
      await assert.rejects(
        other.sessions.logIn('c1', new RecordingUi(), new AbortController().signal),
        (error: WorkbenchError) => {
          assert.equal(error.code, 'authorization/no-channel');
          const reasons = ['authorization/address-refused', 'authorization/no-channel'];
          assert.deepEqual(error.details['reasons'], reasons);
          return true;
        },
      );
      assert.equal(secretKeys().includes('pendingLogin'), false);
    });

    it('are not tried in turn when one was chosen', async () => {
      const { other } = await automatic(
        { listen: () => Promise.reject(new WorkbenchError('authorization/no-channel')) },
        { callback: 'loopback' },
      );
      const ui = new RecordingUi();
      const result = other.sessions.logIn('c1', ui, new AbortController().signal);
      assert.equal(await codeOf(result), 'authorization/no-channel');
      assert.deepEqual(ui.said, ['preparing']);
    });

    it('end with pasting where that was chosen: nobody listens, but for /go in a browser host', async () => {
      const { other } = await automatic({ isBrowserHost: true, freePort }, { callback: 'paste' });
      const { ui, page, result } = await begin(other);
      const target = (await fetch(page, { redirect: 'manual' })).headers.get('location') ?? '';
      const callbackUrl = await answerOf(target);
      await assert.rejects(fetch(callbackUrl));
      (await ui.offered).paste(callbackUrl);
      assert.ok((await result).accessToken);
      await new Promise((tick) => setTimeout(tick, 20));
      await assert.rejects(fetch(page));
    });
  });
});
