import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { StatusBar, statusBarView, timeLeft } from '../../src/vscode/statusBar.ts';
import { showStatusMenu, statusMenuItems } from '../../src/vscode/statusMenu.ts';
import { readStatusSnapshot, type StatusSnapshot } from '../../src/vscode/statusSnapshot.ts';
import { FakeClock } from '../fakes/clock.ts';
import { commands, host, type MarkdownString } from '../fakes/vscode.ts';

const now = Date.UTC(2026, 0, 1, 12);
const minute = 60_000;

function snapshot(change: Partial<StatusSnapshot> = {}): StatusSnapshot {
  return {
    connectionId: 'clinic-a',
    connectionName: 'Clinic A',
    isSandbox: false,
    state: 'valid',
    expiresAt: now + 42 * minute,
    ...change,
  };
}

const states: StatusSnapshot['state'][] = [
  'none',
  'authorizing',
  'valid',
  'expiring',
  'refreshing',
  'expired',
  'refreshFailed',
  'reauthenticationRequired',
];

describe('The time left', () => {
  it('is told in whole minutes, with hours from sixty on', () => {
    const told = [0, 59_999, minute, 42.9 * minute, 60 * minute, 65 * minute, 121 * minute].map(timeLeft);
    assert.deepEqual(told, ['< 1 min', '< 1 min', '1 min', '42 min', '1 h', '1 h 5 min', '2 h 1 min']);
  });
});

describe('The status bar text', () => {
  const faces: [Partial<StatusSnapshot>, string, string | undefined][] = [
    [{}, '$(pulse) OpenEMR: Clinic A · 42 min', undefined],
    [{ state: 'expiring', expiresAt: now + 30_000 }, '$(watch) OpenEMR: Clinic A · < 1 min', undefined],
    [{ state: 'refreshing' }, '$(sync~spin) OpenEMR: Clinic A · refreshing', undefined],
    [{ state: 'authorizing' }, '$(sync~spin) OpenEMR: Clinic A · signing in', undefined],
    [{ state: 'none' }, '$(circle-outline) OpenEMR: Clinic A · signed out', undefined],
    [{ state: 'expired' }, '$(warning) OpenEMR: Clinic A · expired', 'statusBarItem.warningBackground'],
    [
      { state: 'refreshFailed' },
      '$(warning) OpenEMR: Clinic A · offline, retrying',
      'statusBarItem.warningBackground',
    ],
    [
      { state: 'reauthenticationRequired' },
      '$(error) OpenEMR: Clinic A · log in again',
      'statusBarItem.errorBackground',
    ],
    [{ isSandbox: true, connectionName: 'Sandbox' }, '$(beaker) OpenEMR: Sandbox · 42 min', undefined],
  ];
  for (const [change, text, background] of faces) {
    it(`is "${text}"`, () => {
      const view = statusBarView(snapshot(change), now);
      assert.equal(view.text, text);
      assert.equal(view.background, background);
    });
  }

  it('says expired for a snapshot that has aged past its end', () => {
    assert.match(statusBarView(snapshot(), now + 42 * minute).text, /expired$/);
    const undated = { connectionId: 'a', connectionName: 'A', isSandbox: false, state: 'valid' } as const;
    assert.match(statusBarView(undated, now).text, /expired$/);
  });

  it('keeps a hostile or endless name from making icons, lines or width', () => {
    const { text } = statusBarView(snapshot({ connectionName: `$(flame)\n${'x'.repeat(80)}` }), now);
    assert.ok(text.startsWith('$(pulse) OpenEMR: \\$(flame) xxx'));
    assert.ok(text.length < 80);
  });

  it('has a sentence and links to real commands in every state', () => {
    for (const state of states) {
      const view = statusBarView(snapshot({ state }), now);
      assert.match(view.sentence, /\.$/);
      assert.ok(view.links.length > 0);
      for (const { command } of view.links) assert.match(command, /^openemr\.[a-zA-Z]+$/);
    }
  });

  it('links to the next step while signed out', () => {
    const first = (nextStep: NonNullable<StatusSnapshot['nextStep']>): string | undefined =>
      statusBarView(snapshot({ state: 'none', nextStep }), now).links[0]?.command;
    assert.equal(first('register'), 'openemr.registerClient');
    assert.equal(first('enable'), 'openemr.configureConnection');
    assert.equal(first('logIn'), 'openemr.logIn');
  });
});

describe('The status bar item', () => {
  let clock: FakeClock;
  let bar: StatusBar;
  const item = () => host.statusBarItems[0]!;

  beforeEach(() => {
    host.reset();
    clock = new FakeClock(now);
    bar = new StatusBar(clock);
  });
  afterEach(() => bar.dispose());

  it('is one item at the left, named, that opens the menu', () => {
    assert.equal(host.statusBarItems.length, 1);
    const { id, alignment, name, command } = item();
    assert.deepEqual(
      [id, alignment, name, command],
      ['openemr.status', 1, 'OpenEMR connection', 'openemr.showMenu'],
    );
  });

  it('hides until there is a connection, and again without one', () => {
    assert.equal(item().isVisible, false);
    bar.show(snapshot());
    assert.equal(item().isVisible, true);
    bar.show(undefined);
    assert.equal(item().isVisible, false);
    assert.equal(clock.pending, 0);
  });

  it('counts down once a minute, and then says that the token has expired', () => {
    bar.show(snapshot({ expiresAt: now + 2 * minute + 30_000 }));
    const seen: string[] = [];
    for (let tick = 0; tick < 6; tick++) {
      seen.push(item().text.split(' · ')[1]!);
      assert.ok(clock.pending <= 1);
      clock.advance(30_001);
    }
    assert.deepEqual(seen, ['2 min', '1 min', '1 min', '< 1 min', '< 1 min', 'expired']);
    assert.equal(clock.pending, 0);
    assert.equal(item().backgroundColor?.id, 'statusBarItem.warningBackground');
  });

  it('sets no timer where nothing runs down', () => {
    for (const state of states.filter((kind) => kind !== 'valid' && kind !== 'expiring')) {
      bar.show(snapshot({ state }));
      assert.equal(clock.pending, 0);
    }
  });

  it('catches up when the window gets the focus, for timers sleep with the computer', () => {
    bar.show(snapshot());
    clock.jump(20 * minute);
    host.focus(false);
    assert.match(item().text, /42 min/);
    host.focus(true);
    assert.match(item().text, /22 min/);
  });

  it('takes the colour back when the trouble is over', () => {
    bar.show(snapshot({ state: 'reauthenticationRequired' }));
    assert.equal(item().backgroundColor?.id, 'statusBarItem.errorBackground');
    bar.show(snapshot());
    assert.equal(item().backgroundColor, undefined);
  });

  it('explains itself in a tooltip whose links may run these commands only', () => {
    bar.show(snapshot({ connectionName: '[x](command:evil)' }));
    const tooltip = item().tooltip as MarkdownString;
    assert.match(tooltip.value, /\[Test connection\]\(command:openemr\.testConnection\)/);
    assert.doesNotMatch(tooltip.value, /[^\\]\]\(command:evil/);
    assert.deepEqual(tooltip.isTrusted, {
      enabledCommands: ['openemr.testConnection', 'openemr.refreshToken', 'openemr.configureConnection'],
    });
  });

  it('tells screen readers the state in words', () => {
    bar.show(snapshot());
    assert.match(item().accessibilityInformation!.label, /Clinic A: You are signed in\. .* 42 min/);
  });

  it('leaves nothing behind', () => {
    bar.show(snapshot());
    bar.dispose();
    assert.equal(item().isDisposed, true);
    assert.equal(clock.pending, 0);
    assert.equal(host.onDidChangeWindowState.listenerCount, 0);
  });

  it('loads nothing but the editor at start-up', () => {
    for (const file of ['statusBar.ts', 'statusSnapshot.ts']) {
      const source = readFileSync(new URL(`../../src/vscode/${file}`, import.meta.url), 'utf8');
      const loaded = Array.from(
        source.matchAll(/^import (?!type )[^;]*? from '([^']+)'/gms),
        ([, from]) => from,
      );
      assert.deepEqual(loaded, file === 'statusBar.ts' ? ['vscode'] : []);
    }
  });
});

describe('A stored snapshot', () => {
  it('is read back as it was', () => {
    const stored = snapshot({ nextStep: 'verify' });
    assert.deepEqual(readStatusSnapshot(JSON.parse(JSON.stringify(stored))), stored);
  });

  it('is dropped where it is no snapshot', () => {
    const bad = [undefined, null, 'text', 7, [], {}, { ...snapshot(), state: 'toString' }];
    for (const value of [...bad, { ...snapshot(), connectionName: 1 }]) {
      assert.equal(readStatusSnapshot(value), undefined);
    }
  });

  it('loses only the parts that are wrong', () => {
    const read = readStatusSnapshot({
      ...snapshot(),
      expiresAt: 'soon',
      nextStep: 'dance',
      isSandbox: 'yes',
    });
    assert.deepEqual(read, {
      connectionId: 'clinic-a',
      connectionName: 'Clinic A',
      isSandbox: false,
      state: 'valid',
    });
  });

  it('forgets a login or refresh that was under way', () => {
    assert.equal(readStatusSnapshot(snapshot({ state: 'authorizing' }))?.state, 'none');
    assert.equal(readStatusSnapshot(snapshot({ state: 'refreshing' }))?.state, 'valid');
  });
});

describe('The status menu', () => {
  const facts = { connectionCount: 1, isSandboxRunning: false };
  const commandsFor = (change: Partial<StatusSnapshot>, more: Partial<typeof facts> = {}): string[] =>
    statusMenuItems({ ...facts, ...more, snapshot: snapshot(change) }).flatMap(
      ({ command }) => command ?? [],
    );

  beforeEach(() => host.reset());

  it('offers testing, refreshing and logging out to who is signed in, and no login', () => {
    const offered = commandsFor({ state: 'valid' });
    assert.deepEqual(offered.slice(0, 3), [
      'openemr.testConnection',
      'openemr.refreshToken',
      'openemr.logOut',
    ]);
    assert.ok(!offered.includes('openemr.logIn'));
  });

  it('begins with the login for who is signed out, and with the registration where that comes first', () => {
    assert.equal(commandsFor({ state: 'none' })[0], 'openemr.logIn');
    assert.equal(commandsFor({ state: 'reauthenticationRequired' })[0], 'openemr.logIn');
    assert.equal(commandsFor({ state: 'none', nextStep: 'register' })[0], 'openemr.registerClient');
    assert.equal(commandsFor({ state: 'none', nextStep: 'connect' })[0], 'openemr.configureConnection');
    assert.equal(commandsFor({ state: 'expired' })[0], 'openemr.refreshToken');
  });

  it('offers nothing of the session while it changes', () => {
    assert.equal(commandsFor({ state: 'refreshing' })[0], 'openemr.configureConnection');
    assert.equal(commandsFor({ state: 'authorizing' })[0], 'openemr.configureConnection');
  });

  it('offers to switch only where there is another connection', () => {
    assert.ok(!commandsFor({}).includes('openemr.switchConnection'));
    assert.ok(commandsFor({}, { connectionCount: 2 }).includes('openemr.switchConnection'));
  });

  it('starts the sandbox or stops the one that runs', () => {
    assert.ok(commandsFor({}).includes('openemr.startSandbox'));
    assert.ok(commandsFor({}, { isSandboxRunning: true }).includes('openemr.stopSandbox'));
  });

  it('helps to a first connection where there is none', () => {
    const items = statusMenuItems({ connectionCount: 0, isSandboxRunning: false });
    assert.match(items[0]!.label, /Add connection/);
  });

  it('runs what is chosen, and nothing when it is closed', async () => {
    let tests = 0;
    commands.registerCommand('openemr.testConnection', () => tests++);
    const shown = showStatusMenu({ ...facts, snapshot: snapshot() });
    assert.equal(host.lastQuickPick.options.title, 'OpenEMR: Clinic A');
    host.lastQuickPick.pick('Test connection');
    await shown;
    assert.equal(tests, 1);
    const closed = showStatusMenu(facts);
    host.lastQuickPick.close();
    await closed;
    assert.equal(host.executed.length, 1);
  });
});
