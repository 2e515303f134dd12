import { strict as assert } from 'node:assert';
import type { Connection } from '../../../src/core/connection/connection.ts';
import { loginWaitMs } from '../../../src/core/oauth/login.ts';
import { reopenCallbacks } from '../../../src/core/oauth/reopenedCallbacks.ts';
import { listenOnLoopback } from '../../../src/platform/loopbackListener.ts';
import { startSandbox, type RunningSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { SharedMachine } from '../../fakes/coreWindow.ts';
import { codeOf } from '../../fakes/failure.ts';
import { signIn } from '../../fakes/personAtBrowser.ts';
import { RecordingUi, ServiceWindow } from '../../fakes/serviceWindow.ts';

describe('a login while another one with the same client waits', () => {
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

  function run(answer: RecordingUi['answer'], inWindow = window, id = 'c1') {
    const ui = new RecordingUi();
    ui.answer = answer;
    const abort = new AbortController();
    const result = inWindow.sessions.logIn(id, ui, abort.signal);
    const code = codeOf(result);
    code.catch(() => undefined);
    return { ui, abort, result, code };
  }

  /** A login whose page is open. */
  async function begin(inWindow = window, id = 'c1') {
    const opened = inWindow.nextPage();
    const login = run('cancel', inWindow, id);
    return { ...login, page: await opened };
  }
  const answerOf = (page: string) => signIn(page, sandbox);
  const otherWindow = (host = {}) => new ServiceWindow(machine, 'b', window.settings, host);
  const stateIn = async (inWindow: ServiceWindow) => (await inWindow.connections.state(connection)).kind;
  const untilWaiting = async ({ said }: RecordingUi) => {
    while (!said.includes('waiting')) await new Promise((tick) => setTimeout(tick, 5));
  };
  const pendingKey = () =>
    [...machine.secrets.entries.keys()].find((key) => key.includes('pendingLogin')) ?? '';
  /** Until both windows have looked again; real requests go on meanwhile. */
  async function whileTimePasses<T>(result: Promise<T>): Promise<T> {
    const wait = { isOver: false };
    const over = () => void (wait.isOver = true);
    result.then(over, over);
    for (let turn = 0; turn < 200 && !wait.isOver; turn++) {
      await machine.clock.advanceAsync(100);
      await new Promise((tick) => setTimeout(tick, 5));
    }
    assert.ok(wait.isOver, 'still waiting after 20 seconds');
    return result;
  }

  it('asks, and leaves it alone when told to', async () => {
    const first = await begin();
    assert.equal(await run('cancel', otherWindow()).code, 'authorization/cancelled');
    await fetch(await answerOf(first.page));
    assert.ok((await first.result).accessToken);
  });

  it('asks too when both were begun at once', async () => {
    const opened = window.nextPage();
    const both = [run('cancel'), run('cancel')];
    const page = await opened;
    const refused = await Promise.race(both.map(({ code }) => code));
    assert.equal(refused, 'authorization/cancelled');
    assert.equal(both.filter(({ ui }) => ui.said.includes('asked')).length, 1);
    assert.equal(window.opened.length, 1);
    await fetch(await answerOf(page));
    assert.ok((await Promise.any(both.map(({ result }) => result))).accessToken);
    assert.deepEqual((await machine.index.read()).pendingLogins, {});
  });

  it('takes over: the former ends, and its answer is worth nothing', async () => {
    const first = await begin();
    const former = await answerOf(first.page);
    const opened = window.nextPage();
    const { ui, result } = run('takeOver');
    const page = await opened;
    assert.equal(await first.code, 'authorization/cancelled');
    await window.inbox.receive(former);
    await fetch(await answerOf(page));
    assert.ok((await result).accessToken);
    assert.deepEqual(ui.said, ['preparing', 'asked', 'waiting', 'redeeming']);
  });

  it('takes over from another window, which hears of it', async () => {
    const first = await begin();
    const other = otherWindow();
    const opened = other.nextPage();
    const { result } = run('takeOver', other);
    const page = await opened;
    assert.equal(await whileTimePasses(first.code), 'authorization/cancelled');
    await fetch(await answerOf(page));
    assert.ok((await result).accessToken);
  });

  it('waits with it in the same window, and stores its tokens once', async () => {
    const first = await begin();
    const joined = run('wait');
    const callbackUrl = await answerOf(first.page);
    const store = machine.secrets.store.bind(machine.secrets);
    const written: string[] = [];
    machine.secrets.store = (key, value) => (written.push(key), store(key, value));
    await fetch(callbackUrl);
    const { accessToken } = await first.result;
    assert.equal((await joined.result).accessToken, accessToken);
    assert.deepEqual(written, ['openemr.tokens.c1']);
  });

  it('waits for it in another window', async () => {
    const first = await begin();
    const joined = run('wait', otherWindow());
    await joined.ui.offered;
    await fetch(await answerOf(first.page));
    const { accessToken } = await first.result;
    assert.equal((await whileTimePasses(joined.result)).accessToken, accessToken);
  });

  it('may be answered in the window that only waits: the one that asked is signed in too', async () => {
    const first = await begin();
    const joined = run('wait', otherWindow());
    (await joined.ui.offered).paste(await answerOf(first.page));
    const { accessToken } = await joined.result;
    assert.equal((await whileTimePasses(first.result)).accessToken, accessToken);
  });

  it('goes on when somebody who only waits for it cancels that', async () => {
    const first = await begin();
    for (const inWindow of [window, otherWindow()]) {
      const joined = run('wait', inWindow);
      await untilWaiting(joined.ui);
      joined.abort.abort();
      assert.equal(await joined.code, 'authorization/cancelled');
    }
    await fetch(await answerOf(first.page));
    assert.ok((await first.result).accessToken);
  });

  it('ends for all who wait when it is cancelled', async () => {
    const first = await begin();
    const joined = run('wait', otherWindow());
    await joined.ui.offered;
    first.abort.abort();
    assert.equal(await whileTimePasses(joined.code), 'authorization/cancelled');
  });

  it('waits for it after a reload, on the port it named', async () => {
    const first = await begin();
    const callbackUrl = await answerOf(first.page);
    window.login.dispose();
    window.inbox.dispose();
    const reloaded = new ServiceWindow(machine, 'a2', window.settings);
    const donePage = { language: 'en', title: '', text: '' };
    const reopened = await reopenCallbacks(
      reloaded.pendingLogins,
      (options) => listenOnLoopback({ ...options, donePage }),
      reloaded.inbox,
      machine.clock,
    );
    const { ui, result } = run('wait', reloaded);
    await (await ui.offered).openLoginPage();
    assert.deepEqual(reloaded.opened, []);
    await fetch(callbackUrl);
    assert.ok((await result).accessToken);
    reopened.dispose();
    await assert.rejects(fetch(callbackUrl));
  });

  it('is told to reload where it cannot see what the other window stored', async () => {
    const other = otherWindow({ sharesSecrets: false });
    machine.clock.advance(1);
    const first = await begin();
    const joined = run('wait', other);
    await fetch(await answerOf(first.page));
    await first.result;
    assert.equal(await whileTimePasses(joined.code), 'storage/behind');
  });

  it('waits no longer than any login where the request itself was lost', async () => {
    const first = await begin();
    machine.secrets.entries.delete(pendingKey());
    const joined = run('wait', otherWindow());
    await untilWaiting(joined.ui);
    await machine.clock.advanceAsync(loginWaitMs);
    assert.equal(await joined.code, 'authorization/timed-out');
    assert.equal(await first.code, 'authorization/timed-out');
  });

  describe('for another connection', () => {
    const ownScopes = ['openid', 'offline_access', 'api:fhir', 'user/Patient.read'];

    beforeEach(async () => {
      const clientSecret = await window.connections.clientSecret(connection);
      const twin = { ...connection, id: 'c2', name: 'Twin', scopes: ownScopes };
      await window.connections.save(twin, { clientSecret });
    });

    for (const [where, windowOf] of [
      ['the same window', () => window],
      ['another window', () => otherWindow()],
    ] as const) {
      it(`waits in ${where} for its end, and then for an answer of its own`, async () => {
        const first = await begin();
        const inWindow = windowOf();
        const second = run('wait', inWindow, 'c2');
        const opened = inWindow.nextPage();
        await fetch(await answerOf(first.page));
        const tokens = await first.result;
        const page = await whileTimePasses(Promise.race([opened, second.result.then(() => '')]));
        assert.deepEqual(second.ui.said, ['preparing', 'asked', 'waiting', 'preparing', 'waiting']);
        await fetch(await answerOf(page));
        const own = await second.result;
        assert.equal(own.requestedScope, ownScopes.join(' '));
        assert.notEqual(own.refreshToken, tokens.refreshToken);
        await inWindow.sessions.refresh('c1');
        await inWindow.sessions.refresh('c2');
        assert.equal(await stateIn(inWindow), 'valid');
      });
    }

    it('begins its own when the other one is cancelled', async () => {
      const first = await begin();
      const second = run('wait', window, 'c2');
      const opened = window.nextPage();
      await untilWaiting(second.ui);
      first.abort.abort();
      await first.code;
      await fetch(await answerOf(await whileTimePasses(opened)));
      assert.ok((await second.result).accessToken);
    });

    it('can be cancelled while it waits, which leaves the other one alone', async () => {
      const first = await begin();
      const second = run('wait', window, 'c2');
      await untilWaiting(second.ui);
      second.abort.abort();
      assert.equal(await second.code, 'authorization/cancelled');
      await fetch(await answerOf(first.page));
      assert.ok((await first.result).accessToken);
    });
  });
});
