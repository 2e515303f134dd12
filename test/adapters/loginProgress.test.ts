import assert from 'node:assert/strict';
import { WorkbenchError } from '../../src/core/base/errors.ts';
import type { LoginUi } from '../../src/core/oauth/loginUi.ts';
import { runLogin } from '../../src/vscode/loginProgress.ts';
import { commands, host } from '../fakes/vscode.ts';

/** A login that waits until the test ends it. */
function startLogin(connectionName = 'Clinic A') {
  const errors: unknown[] = [];
  let end: (result: string) => void = () => undefined;
  let started: { ui: LoginUi; signal: AbortSignal } | undefined;
  const result = runLogin(
    { connectionName, showError: (error) => errors.push(error) },
    (ui, signal) =>
      new Promise<string>((resolve, reject) => {
        started = { ui, signal };
        end = resolve;
        signal.addEventListener('abort', () => reject(new WorkbenchError('authorization/cancelled')));
      }),
  );
  return { ...started!, result, errors, end: (value: string) => end(value) };
}

const settled = () => new Promise((resolve) => setImmediate(resolve));

describe('The login progress', () => {
  beforeEach(() => host.reset());

  it('is one notification that can be cancelled and ends with the login', async () => {
    const login = startLogin();
    const { options } = host.lastProgress;
    assert.deepEqual(
      [options.title, options.cancellable, options.location],
      ['Logging in to Clinic A', true, 15],
    );
    login.end('done');
    assert.equal(await login.result, 'done');
    assert.equal(host.lastProgress.isRunning, false);
    assert.equal(host.messages.length, 0);
  });

  it('tells each stage, and the minute that OpenEMR allows while it waits', () => {
    const { ui } = startLogin();
    ui.report('preparing');
    ui.report('waiting');
    ui.report('redeeming');
    const [preparing, waiting, redeeming] = host.lastProgress.messages;
    assert.match(preparing!, /sign-in page/);
    assert.match(waiting!, /one minute .* Authorize/);
    assert.match(redeeming!, /Checking the answer/);
  });

  it('aborts the login on Cancel', async () => {
    const login = startLogin();
    assert.equal(login.signal.aborted, false);
    host.lastProgress.cancel();
    assert.equal(login.signal.aborted, true);
    await assert.rejects(login.result, { code: 'authorization/cancelled' });
  });

  it('offers to open the login page again, as often as it is clicked', async () => {
    const login = startLogin();
    let opened = 0;
    const openLoginPage = (): Promise<void> => {
      opened++;
      return Promise.resolve();
    };
    login.ui.offer({ openLoginPage, paste: () => undefined });
    login.ui.report('waiting');
    const command = host.lastProgress.links.get('Open login page')!;
    await commands.executeCommand(command);
    await commands.executeCommand(command);
    assert.equal(opened, 2);
  });

  it('offers its links only while there is something to wait for', async () => {
    const login = startLogin();
    login.ui.report('waiting');
    assert.equal(host.lastProgress.links.size, 0);
    login.ui.offer({ openLoginPage: () => Promise.resolve(), paste: () => undefined });
    assert.deepEqual([...host.lastProgress.links.keys()], ['Open login page', 'Paste address']);
    login.ui.report('redeeming');
    assert.equal(host.lastProgress.links.size, 0);
    login.end('done');
    await login.result;
    assert.equal(host.commands.size, 0);
  });

  it('keeps two logins of one window apart', async () => {
    const opened: string[] = [];
    for (const name of ['A', 'B']) {
      const { ui } = startLogin(name);
      ui.report('waiting');
      ui.offer({ openLoginPage: () => Promise.resolve(void opened.push(name)), paste: () => undefined });
    }
    for (const progress of host.progresses) {
      await commands.executeCommand(progress.links.get('Open login page')!);
    }
    assert.deepEqual(opened, ['A', 'B']);
  });

  it('shows what goes wrong on opening the page and stays', async () => {
    const login = startLogin();
    const failure = new WorkbenchError('authorization/no-channel');
    login.ui.report('waiting');
    login.ui.offer({ openLoginPage: () => Promise.reject(failure), paste: () => undefined });
    await commands.executeCommand(host.lastProgress.links.get('Open login page')!);
    assert.deepEqual(login.errors, [failure]);
    assert.equal(host.lastProgress.isRunning, true);
  });

  it('shows an error that arrives beside the login without ending it', () => {
    const login = startLogin();
    const failure = new WorkbenchError('authorization/invalid-scope');
    login.ui.note(failure);
    assert.deepEqual(login.errors, [failure]);
    assert.equal(host.lastProgress.isRunning, true);
  });

  it('says which way back was passed over, and why', () => {
    for (const [kind, words] of [
      ['vscode-uri', /address of VS Code/],
      ['loopback', /loopback/],
      ['paste', /pasting/],
    ] as const) {
      const { ui } = startLogin();
      ui.channelPassedOver(kind, new WorkbenchError('authorization/address-refused'));
      ui.report('waiting');
      assert.match(host.lastProgress.messages.at(-1)!, words);
      assert.match(host.lastProgress.messages.at(-1)!, /does not accept the address/);
    }
  });

  it('lets no connection name become a link', () => {
    startLogin('[x](command:evil)');
    assert.doesNotMatch(host.lastProgress.options.title!, /\]\(command:/);
  });
});

describe('Pasting the address of a login', () => {
  beforeEach(() => host.reset());

  const good = 'http://127.0.0.1:4711/callback?code=abc&state=right';

  async function openPasteBox() {
    const login = startLogin();
    const pasted: string[] = [];
    login.ui.report('waiting');
    login.ui.offer({
      openLoginPage: () => Promise.resolve(),
      paste(text) {
        if (!text.includes('state=right')) throw new WorkbenchError('authorization/paste-invalid');
        pasted.push(text);
      },
    });
    const closed = commands.executeCommand(host.lastProgress.links.get('Paste address')!);
    await settled();
    return { login, pasted, closed };
  }

  it('hands the address to the login', async () => {
    const { pasted, closed } = await openPasteBox();
    assert.equal(await host.lastInputBox.enter(good), undefined);
    await closed;
    assert.deepEqual(pasted, [good]);
  });

  it('complains in the box about what cannot be the end of a login', async () => {
    const { pasted } = await openPasteBox();
    for (const text of [
      '',
      '  ',
      'hello',
      'http://127.0.0.1:4711/callback',
      'https://emr.test/oauth2/authorize?x=1',
    ]) {
      assert.match((await host.lastInputBox.enter(text)) ?? '', /\.$/);
    }
    assert.deepEqual(pasted, []);
    assert.equal(host.lastInputBox.options.ignoreFocusOut, true);
  });

  it('asks again, with the text kept, for the answer of another login', async () => {
    const { pasted, closed } = await openPasteBox();
    const foreign = good.replace('right', 'wrong');
    await host.lastInputBox.enter(foreign);
    await settled();
    assert.equal(host.inputBoxes.length, 2);
    assert.equal(host.lastInputBox.options.value, foreign);
    assert.match((await host.lastInputBox.enter(foreign)) ?? '', /not the answer of this login/);
    await host.lastInputBox.enter(good);
    await closed;
    assert.deepEqual(pasted, [good]);
  });

  it('lets an error answer through, for the login to explain', async () => {
    const { pasted, closed } = await openPasteBox();
    await host.lastInputBox.enter('http://127.0.0.1/callback?error=invalid_scope&state=right');
    await closed;
    assert.equal(pasted.length, 1);
  });

  it('changes nothing when the box is closed', async () => {
    const { login, pasted, closed } = await openPasteBox();
    host.lastInputBox.close();
    await closed;
    assert.deepEqual([pasted, login.errors], [[], []]);
    assert.equal(host.lastProgress.isRunning, true);
  });

  it('closes the box when the login ends without it', async () => {
    const { login, closed } = await openPasteBox();
    login.end('by loopback');
    await login.result;
    await closed;
    assert.equal(host.lastInputBox.isOpen, false);
  });
});

describe('A second login with the same client', () => {
  beforeEach(() => host.reset());

  for (const [button, answer] of [
    ['Wait for it', 'wait'],
    ['Start a new login', 'takeOver'],
    [undefined, 'cancel'],
  ] as const) {
    it(`means ${answer} on ${button ?? 'closing the question'}`, async () => {
      host.scriptedButtons.push(button);
      assert.equal(await startLogin().ui.askAboutPendingLogin(), answer);
      assert.equal(host.lastMessage.options.modal, true);
    });
  }
});
