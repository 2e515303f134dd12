import assert from 'node:assert/strict';
import { refreshLines } from '../../src/vscode/refreshTexts.ts';
import { statusBarView } from '../../src/vscode/statusBar.ts';
import { readSessionSettings } from '../../src/vscode/sessionSettings.ts';
import { SessionNotices } from '../../src/vscode/sessionNotices.ts';
import type { AutomaticRefresh } from '../../src/core/connection/automaticRefresh.ts';
import type { ConnectionService } from '../../src/core/connection/connectionService.ts';
import { tokenOwnerOf } from '../../src/core/connection/connectionService.ts';
import { WorkbenchError } from '../../src/core/base/errors.ts';
import { EventEmitter } from '../../src/core/base/event.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { Overstay } from '../../src/core/oauth/sessionPolicy.ts';
import { defaultSessionSettings } from '../../src/core/oauth/sessionSettings.ts';
import { SharedMachine } from '../fakes/coreWindow.ts';
import { codeOf } from '../fakes/failure.ts';
import { host } from '../fakes/vscode.ts';
import { connection, KeptWindow } from '../unit/connection/keptWindow.ts';

const now = Date.UTC(2026, 0, 1, 12);

describe('How a login is kept alive, in words', () => {
  it('says whether it refreshes by itself, what failed and when it is tried again', () => {
    const report = { byItself: true, failures: 3, lastSuccessAt: now, nextAttemptAt: now + 60_000 };
    const lines = refreshLines(report, undefined);
    assert.equal(lines[0], 'Refreshes by itself.');
    assert.equal(lines[1], '3 attempts in a row failed.');
    assert.match(lines[2] ?? '', /^Last login or refresh: /);
    assert.match(lines[3] ?? '', /^Next attempt: /);
    assert.match(
      refreshLines({ ...report, byItself: false, failures: 0 }, undefined)[0] ?? '',
      /does not|Does not/,
    );
  });

  it('warns of a clock that is wrong, with its direction', () => {
    assert.deepEqual(refreshLines(undefined, undefined), []);
    assert.match(refreshLines(undefined, 45_000).join(), /45 s ahead/);
    assert.match(refreshLines(undefined, -90_000).join(), /90 s behind/);
  });
});

describe('The status bar of a window that is behind', () => {
  it('says what to do and does it with one click', () => {
    const view = statusBarView(
      {
        ...{ connectionId: 'c1', connectionName: 'Clinic A', isSandbox: false },
        ...{ state: 'reauthenticationRequired', isBehind: true },
      },
      now,
    );
    assert.equal(view.text, '$(refresh) OpenEMR: Clinic A · reload to pick up the login');
    assert.deepEqual(
      view.links.map(({ command }) => command),
      ['workbench.action.reloadWindow'],
    );
  });
});

describe('Settings of sessions', () => {
  it('are the defaults where nothing is set', () => {
    host.reset();
    assert.deepEqual(readSessionSettings(), defaultSessionSettings);
  });
});

describe('Notices about a login', () => {
  let machine: SharedMachine;
  let windows: { window: KeptWindow; notices: SessionNotices; shown: string[] }[];
  const ended = new EventEmitter<{ connection: Connection; reason: Overstay }>();
  const actions: string[] = [];

  function open(id: string, isFocused: boolean) {
    const window = new KeptWindow(machine, id);
    const shown: string[] = [];
    const changes = new EventEmitter<string | undefined>();
    window.core.tokens.tokenSetChanged(({ connectionId }) => changes.fire(connectionId));
    const connections = {
      all: () => [connection],
      state: () => window.state(),
      connectionChanged: changes.event,
    } as unknown as ConnectionService;
    const notices = new SessionNotices({
      ...{ connections, index: machine.index, isFocused: () => isFocused },
      automaticRefresh: {
        onDidEndSession: ended.event,
      } as unknown as AutomaticRefresh,
      settings: () => ({ ...defaultSessionSettings, failureAlert: 2 }),
      showError: (error) => shown.push((error as WorkbenchError).code),
      runAction: (action, id) => actions.push(`${action} ${id}`),
    });
    return { window, notices, shown };
  }

  beforeEach(async () => {
    host.reset();
    actions.length = 0;
    machine = new SharedMachine();
    windows = [open('a', true), open('b', true), open('c', false)];
    await windows[0]!.window.logIn();
  });

  const fail = async (code: 'network/refused' | 'refresh/refused') => {
    const { tokens } = windows[0]!.window.core;
    await codeOf(tokens.refresh(tokenOwnerOf(connection), () => Promise.reject(new WorkbenchError(code))));
    for (const { notices } of windows) await notices.check();
  };

  it('come once a cause, in one window that has the focus', async () => {
    await fail('refresh/refused');
    for (const { notices } of windows) await notices.check();
    const shown = windows.map((each) => each.shown);
    assert.deepEqual(shown.flat(), ['refresh/refused']);
    assert.deepEqual(shown[2], []);
  });

  it('alert once after the number of failures that was set', async () => {
    await fail('network/refused');
    assert.equal(host.messages.length, 0);
    await fail('network/refused');
    await fail('network/refused');
    assert.equal(host.messages.length, 1);
    assert.match(host.messages[0]?.text ?? '', /could not be refreshed/);
    host.lastMessage.press('Run doctor');
    await new Promise(setImmediate);
    assert.deepEqual(actions, [`runDoctor ${connection.id}`]);
    assert.deepEqual(
      windows.flatMap(({ shown }) => shown),
      [],
    );
  });

  it('say why a login was ended here, once, and lead to the next one', async () => {
    for (let times = 0; times < 2; times++) ended.fire({ connection, reason: 'idle' });
    assert.equal(host.messages.length, 1);
    assert.match(host.lastMessage.text, /nobody worked here/);
    host.lastMessage.press('Log in');
    await new Promise(setImmediate);
    assert.deepEqual(actions, [`logIn ${connection.id}`]);
  });
});
