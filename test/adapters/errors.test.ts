import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { WorkbenchError, type ErrorCode } from '../../src/core/base/errors.ts';
import { ErrorPresenter, present } from '../../src/vscode/errorPresenter.ts';
import type { ErrorAction } from '../../src/vscode/errorTexts/errorText.ts';
import { LogChannel } from '../../src/vscode/logChannel.ts';
import { host } from '../fakes/vscode.ts';

/** The union itself, read from its source, so that a new code is looked at without anybody thinking of it. */
const source = readFileSync(new URL('../../src/core/base/errors.ts', import.meta.url), 'utf8');
const allCodes = Array.from(
  source.matchAll(/^ {2}\| '([a-z-]+\/[a-z-]+)'/gm),
  ([, code]) => code as ErrorCode,
);

describe('The texts of errors', () => {
  it('exist for every code', () => assert.ok(allCodes.length > 60));

  for (const code of allCodes) {
    it(`say of ${code} what happened, why and what to do`, () => {
      const { happened, why, remedy, action } = present(new WorkbenchError(code));
      for (const sentence of [happened, why, remedy]) {
        assert.match(sentence, /^\p{Lu}.*[.:?]$/su);
        assert.doesNotMatch(sentence, /[{}!]|undefined|null|oops/i, 'no gaps, no exclamation marks');
        assert.ok(sentence.length < 240, 'short enough to be read');
      }
      if (action) assert.match(action.label, /^\p{Lu}/u);
    });
  }

  it('name the server, and the addresses that differ', () => {
    assert.match(
      present(new WorkbenchError('network/dns', { details: { host: 'emr.test' } })).happened,
      /emr\.test/,
    );
    const { why, action } = present(
      new WorkbenchError('authorization/address-refused', {
        details: { expected: 'http://127.0.0.1/callback', actual: 'http://localhost:4711/callback' },
      }),
    );
    assert.match(
      why,
      /registered for http:\/\/127\.0\.0\.1\/callback; .* asked for http:\/\/localhost:4711\/callback/,
    );
    assert.equal(action?.id, 'logInRegisteredAddress');
  });

  it('take the server from the address where the error names only that', () => {
    const error = new WorkbenchError('http/server-error', {
      details: { url: 'https://emr.test/apis', status: 502 },
    });
    assert.match(present(error).happened, /emr\.test/);
    assert.match(present(error).why, /502/);
  });

  it('join lists and cut what is endless', () => {
    const scopes = ['user/Patient.rs', 'user/*.read'];
    const refused = new WorkbenchError('registration/scope-refused', { details: { scopes } });
    assert.match(present(refused).happened, /user\/Patient\.rs, user\/\*\.read/);
    const endless = new WorkbenchError('network/dns', { details: { host: 'a'.repeat(5000) } });
    assert.ok(present(endless).happened.length < 300);
  });

  it('name the screen of OpenEMR where an administrator enables the client', () => {
    const { remedy, action } = present(new WorkbenchError('grant/client-refused'));
    assert.match(remedy, /Administration → System → API Clients/);
    assert.equal(action?.id, 'checkClient');
  });
});

describe('A presented error', () => {
  it('keeps raw server text to the details', () => {
    const error = new WorkbenchError('grant/refused', { details: { hint: 'Bad request' } });
    const { happened, why, remedy, details } = present(error);
    assert.doesNotMatch(`${happened} ${why} ${remedy}`, /Bad request/);
    assert.deepEqual(details, ['grant/refused', 'hint: Bad request']);
  });

  it('holds no token, code or secret, neither of the details nor of the causes', () => {
    const cause = new Error('GET https://emr.test/cb?code=def50200abcdef&state=abc failed', {
      cause: new Error('authorization: Bearer eyJhbGciOi.eyJzdWIi.sig'),
    });
    const error = new WorkbenchError('network/reset', { details: { host: 'u:p4ss@emr.test//x:y@z' }, cause });
    const text = JSON.stringify(present(error));
    assert.doesNotMatch(text, /def50200|abcdef|state=abc|eyJ|x:y/);
    assert.match(text, /<redacted>/);
  });

  it('takes anything that is thrown for a defect', () => {
    for (const thrown of ['text', undefined, 42, new TypeError('x is not a function')]) {
      assert.equal(present(thrown).code, 'internal/unexpected');
    }
    assert.ok(
      present(new TypeError('x is not a function')).details.includes('TypeError: x is not a function'),
    );
  });

  it('stops at the fifth cause', () => {
    const loop: Error = new Error('again');
    loop.cause = loop;
    assert.equal(present(new WorkbenchError('network/reset', { cause: loop })).details.length, 6);
  });
});

describe('The error presenter', () => {
  let log: LogChannel;
  let run: { action: ErrorAction; code: string; connectionId: string | undefined }[];
  let presenter: ErrorPresenter;

  beforeEach(() => {
    host.reset();
    log = new LogChannel();
    run = [];
    presenter = new ErrorPresenter(log, (action, error, connectionId) =>
      run.push({ action, code: error.code, connectionId }),
    );
  });

  it('says all three sentences and offers the action and Details', async () => {
    const shown = presenter.show(new WorkbenchError('refresh/refused'), 'clinic');
    assert.match(host.lastMessage.text, /OpenEMR ended this session\. .* Log in again\./);
    assert.deepEqual(host.lastMessage.buttons, ['Log in again', 'Details']);
    host.lastMessage.press('Log in again');
    await shown;
    assert.deepEqual(
      run.map(({ action, connectionId }) => [action.id, connectionId]),
      [['logIn', 'clinic']],
    );
  });

  it('opens the log for Details', async () => {
    const shown = presenter.show(new WorkbenchError('network/dns', { details: { host: 'emr.test' } }));
    host.lastMessage.press('Details');
    await shown;
    assert.equal(host.logChannels[0]!.isShown, true);
    assert.match(host.logChannels[0]!.lines.join(), /network\/dns \| host: emr\.test/);
    assert.deepEqual(run, []);
  });

  it('offers the log once where the action is the log itself', () => {
    void presenter.show(new WorkbenchError('sandbox/failed'));
    assert.deepEqual(host.lastMessage.buttons, ['Details']);
  });

  it('is silent about what the user cancelled', async () => {
    await presenter.show(new WorkbenchError('operation/cancelled'));
    await presenter.show(new WorkbenchError('authorization/cancelled'));
    await presenter.show(new DOMException('aborted', 'AbortError'));
    assert.equal(host.messages.length, 0);
    assert.equal(host.logChannels.length, 0);
  });

  it('notifies once a cause while the former notification is there', async () => {
    const first = presenter.show(new WorkbenchError('refresh/refused'), 'a');
    await presenter.show(new WorkbenchError('refresh/refused'), 'a');
    assert.equal(host.messages.length, 1);
    void presenter.show(new WorkbenchError('refresh/refused'), 'b');
    void presenter.show(new WorkbenchError('network/dns'), 'a');
    assert.equal(host.messages.length, 3);
    host.messages[0]!.close();
    await first;
    void presenter.show(new WorkbenchError('refresh/refused'), 'a');
    assert.equal(host.messages.length, 4);
  });

  it('lets no server smuggle a link that runs commands into a notification', () => {
    const hostile = '[Fix](command:workbench.action.closeWindow)';
    void presenter.show(new WorkbenchError('network/dns', { details: { host: hostile } }));
    assert.doesNotMatch(host.lastMessage.text, /\]\(command:/);
  });

  it('writes where a defect came from to the log', () => {
    void presenter.show(new TypeError('x is not a function'));
    assert.match(host.logChannels[0]!.lines.join('\n'), /at .*errors\.test\.ts/);
  });
});

describe('The log channel', () => {
  beforeEach(() => host.reset());

  it('is made with the first line, under the name OpenEMR', () => {
    const log = new LogChannel();
    assert.equal(host.logChannels.length, 0);
    log.info('ready');
    log.debug('more');
    assert.deepEqual(
      host.logChannels.map(({ name, lines }) => [name, lines]),
      [['OpenEMR', ['[info] ready', '[debug] more']]],
    );
  });

  it('redacts whatever is written', () => {
    const log = new LogChannel();
    for (const level of ['debug', 'info', 'warn', 'error'] as const) log[level]('Bearer abc.def?code=s3cret');
    assert.equal(host.logChannels[0]!.lines.length, 4);
    assert.doesNotMatch(host.logChannels[0]!.lines.join(), /abc\.def|s3cret/);
  });

  it('goes with its disposal', () => {
    const log = new LogChannel();
    log.dispose();
    assert.equal(host.logChannels.length, 0);
    log.warn('x');
    log.dispose();
    assert.equal(host.logChannels[0]!.isDisposed, true);
  });
});
