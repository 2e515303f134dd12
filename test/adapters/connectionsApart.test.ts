import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { EventEmitter } from '../../src/core/base/event.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { ConnectionProgress } from '../../src/core/connection/connectionProgress.ts';
import type { ConnectionService } from '../../src/core/connection/connectionService.ts';
import type { TokenState } from '../../src/core/oauth/tokenSet.ts';
import type { PanelViewModel } from '../../src/protocol/viewModels.ts';
import { ActiveConnection } from '../../src/vscode/activeConnection.ts';
import { sessionView } from '../../src/vscode/sessionTexts.ts';
import { StatusBar } from '../../src/vscode/statusBar.ts';
import { StatusPresenter } from '../../src/vscode/statusPresenter.ts';
import { present } from '../../src/vscode/errorPresenter.ts';
import { ConnectionPanels } from '../../src/vscode/webview/connectionPanels.ts';
import { FakeClock } from '../fakes/clock.ts';
import { host, MarkdownString, Uri } from '../fakes/vscode.ts';
import type { FakeStatusBarItem } from '../fakes/vscodeSurfaces.ts';
import type { FakeWebviewPanel } from '../fakes/webviewPanel.ts';
import { Random } from '../soak/random.ts';
import { ScriptedAuditLog } from './webview/scriptedAuditLog.ts';
import { ScriptedBackend, viewModelOf } from './webview/scriptedBackend.ts';
import { ScriptedDoctor } from './webview/scriptedDoctor.ts';

const runs = 150;
const stepsPerRun = 40;
const minuteMs = 60_000;

/** Answers that arrive in any order; each says what was true when it was asked for. */
class SlowAnswers {
  readonly #random: Random;
  readonly #waiting: (() => void)[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  answer<T>(value: T): Promise<T> {
    return new Promise((resolve) => this.#waiting.push(() => resolve(value)));
  }

  /** One of them arrives; false where none is under way. */
  arrive(): boolean {
    if (this.#waiting.length === 0) return false;
    const index = Math.floor(this.#random.next() * this.#waiting.length);
    this.#waiting.splice(index, 1)[0]?.();
    return true;
  }
}

/** Minutes left tell the connections apart: ten to nineteen, thirty to thirty-nine, fifty to fifty-nine. */
const firstMinute = { a: 10, b: 30, c: 50 } as const;
type Id = keyof typeof firstMinute;
const ids: readonly Id[] = ['a', 'b', 'c'];
const nameOf = (id: string) => `Clinic ${id.toUpperCase()}`;

/** Three connections, what the machine keeps of them, and the windows that show them. */
class Machine {
  readonly answers: SlowAnswers;
  readonly lastChosen = new Map<string, unknown>();
  readonly refreshes: Record<Id, number> = { a: 0, b: 0, c: 0 };
  readonly changed = new EventEmitter<string | undefined>();
  readonly connections = ids.map((id) => ({
    ...{ id, name: nameOf(id), baseUrl: `https://${id}.example.org`, site: 'default', scopes: ['openid'] },
    ...{ clientType: 'confidential', clientId: id, callback: 'automatic' },
  })) as Connection[];

  constructor(random: Random) {
    this.answers = new SlowAnswers(random);
  }

  minutesOf(id: Id): number {
    return firstMinute[id] + (this.refreshes[id] % 10);
  }

  stateOf(id: Id): TokenState {
    return { kind: 'valid', expiresAt: this.minutesOf(id) * minuteMs + 1 };
  }

  refresh(id: Id): void {
    this.refreshes[id]++;
    this.changed.fire(id);
  }
}

class Window {
  readonly machine: Machine;
  readonly active: ActiveConnection;
  readonly item: FakeStatusBarItem;
  readonly panels: ConnectionPanels;
  readonly #status: StatusPresenter;
  readonly #bar: StatusBar;
  chosen: Id | undefined;

  constructor(machine: Machine) {
    this.machine = machine;
    const service = {
      all: () => machine.connections,
      state: ({ id }: Connection) => machine.answers.answer(machine.stateOf(id as Id)),
      connectionChanged: machine.changed.event,
    } as unknown as ConnectionService;
    const own = new Map<string, unknown>();
    this.active = new ActiveConnection(storeOf(own), storeOf(machine.lastChosen));
    this.#bar = new StatusBar(new FakeClock(0));
    this.item = host.statusBarItems.at(-1)!;
    this.#status = new StatusPresenter({
      connections: service,
      progress: { nextStep: () => 'verify' } as unknown as ConnectionProgress,
      active: this.active,
      statusBar: this.#bar,
      state: storeOf(new Map()),
      isSandbox: () => false,
      linesFor: ({ id }) => machine.answers.answer([`Kept alive: ${nameOf(id)}`]),
    });
    const backend = new ScriptedBackend();
    machine.changed.event((id) => backend.changes.fire(id));
    backend.viewModel = (id) => machine.answers.answer(viewOf(machine, id));
    const log = { debug: () => {}, info: () => {}, warn: () => {}, error: () => {} };
    this.panels = new ConnectionPanels({
      ...{ backend, log, auditLog: new ScriptedAuditLog(), doctor: new ScriptedDoctor() },
      extensionUri: Uri.file('/extension'),
    } as unknown as ConstructorParameters<typeof ConnectionPanels>[0]);
    void this.#status.update();
  }

  async choose(id: Id): Promise<void> {
    this.chosen = id;
    await this.active.choose(id);
  }

  dispose(): void {
    this.panels.dispose();
    this.#status.dispose();
    this.#bar.dispose();
  }
}

function storeOf(values: Map<string, unknown>) {
  return {
    get: (key: string) => values.get(key),
    update: (key: string, value: unknown) => Promise.resolve(void values.set(key, value)),
  };
}

function viewOf(machine: Machine, id: string | undefined): PanelViewModel {
  const view = viewModelOf(id);
  if (id === undefined) return view;
  const session = sessionView(machine.stateOf(id as Id), undefined, [], present);
  return {
    ...view,
    saved: { ...view.saved, name: nameOf(id) },
    session: { ...session, expiresAt: machine.minutesOf(id as Id) * minuteMs + 1 },
  };
}

/** Which connection the minutes belong to. */
const ownerOf = (minutes: number): string | undefined =>
  ids.find((id) => minutes >= firstMinute[id] && minutes < firstMinute[id] + 10);

function lookAtStatusBar({ item }: Window): string | undefined {
  const [, name, minutes] = /OpenEMR: Clinic (\w) · (\d+) min/.exec(item.text) ?? [];
  if (name === undefined) return undefined;
  const id = name.toLowerCase();
  assert.equal(ownerOf(Number(minutes)), id, item.text);
  const tooltip = item.tooltip instanceof MarkdownString ? item.tooltip.value : '';
  for (const other of ids) if (other !== id) assert.ok(!tooltip.includes(nameOf(other)), tooltip);
  assert.match(item.accessibilityInformation?.label ?? '', new RegExp(`${nameOf(id)}.*${minutes} min`));
  return id;
}

interface Posted {
  readonly type: string;
  readonly viewModel?: PanelViewModel;
}

/** The view model that a page was sent last. */
function lookAtPanel(panel: FakeWebviewPanel): PanelViewModel | undefined {
  const { viewModel } = (panel.posted as Posted[]).findLast(({ type }) => type === 'panel.changed') ?? {};
  if (!viewModel || panel.isDisposed) return undefined;
  assert.equal(panel.title, `OpenEMR: ${viewModel.saved.name}`);
  assert.equal(nameOf(viewModel.connectionId ?? ''), viewModel.saved.name);
  assert.equal(ownerOf(Math.floor((viewModel.session.expiresAt ?? 0) / minuteMs)), viewModel.connectionId);
  return viewModel;
}

describe('Several connections in several windows', () => {
  beforeEach(() => host.reset());
  afterEach(() => host.reset());

  it(`never show each other's data, in ${runs} orders of switching, refreshing and slow answers`, async () => {
    for (let seed = 1; seed <= runs; seed++) {
      host.reset();
      const random = new Random(seed);
      const machine = new Machine(random);
      const windows = [new Window(machine), new Window(machine)];
      const look = () => {
        for (const window of windows) lookAtStatusBar(window);
        for (const panel of host.panels) lookAtPanel(panel);
      };
      for (let step = 0; step < stepsPerRun; step++) {
        const window = random.pick(windows);
        const id = random.pick(ids);
        const act = random.next();
        if (act < 0.25) await window.choose(id);
        else if (act < 0.5) machine.refresh(id);
        else if (act < 0.6) window.panels.open(id);
        else machine.answers.arrive();
        await new Promise(setImmediate);
        look();
      }
      while (machine.answers.arrive()) {
        await new Promise(setImmediate);
        look();
      }
      for (const window of windows) {
        const shown = lookAtStatusBar(window);
        if (window.chosen) assert.equal(shown, window.chosen, `seed ${seed}: another connection is shown`);
        if (shown) assert.match(window.item.text, new RegExp(`${machine.minutesOf(shown as Id)} min`));
      }
      for (const panel of host.panels) {
        const view = lookAtPanel(panel);
        if (!view) continue;
        const minutes = Math.floor((view.session.expiresAt ?? 0) / minuteMs);
        assert.equal(minutes, machine.minutesOf(view.connectionId as Id), `seed ${seed}: an older state won`);
      }
      for (const window of windows) window.dispose();
    }
  });

  it('stay with a window that never chose when another window chooses', async () => {
    const lastChosen = storeOf(new Map([['openemr.activeConnection', 'b']]));
    const { connections } = new Machine(new Random(1));
    const [first, second] = [0, 1].map(() => new ActiveConnection(storeOf(new Map()), lastChosen));
    assert.equal(second!.among(connections)?.id, 'b');
    await first!.choose('c');
    assert.equal(first!.among(connections)?.id, 'c');
    assert.equal(second!.among(connections)?.id, 'b');
    assert.equal(second!.among(connections.filter(({ id }) => id !== 'b'))?.id, 'c');
    const third = new ActiveConnection(storeOf(new Map()), lastChosen);
    assert.equal(third.among(connections)?.id, 'c');
  });

  it('come back to the chosen one once its entry can be read again', async () => {
    const { connections } = new Machine(new Random(1));
    const without = (id: Id) => connections.filter((connection) => connection.id !== id);
    const window = storeOf(new Map());
    const lastChosen = storeOf(new Map());
    const active = new ActiveConnection(window, lastChosen);
    assert.equal(active.among(connections)?.id, 'a');
    assert.equal(active.among(without('a'))?.id, 'b');
    assert.equal(active.among(connections)?.id, 'a');
    await active.choose('c');
    assert.equal(active.among(connections)?.id, 'c');
    await lastChosen.update('openemr.activeConnection', 'b');
    assert.equal(active.among(without('c'))?.id, 'b');
    await lastChosen.update('openemr.activeConnection', 'a');
    assert.equal(active.among(without('c'))?.id, 'b');
    assert.equal(active.among(connections)?.id, 'c');
    const reloaded = new ActiveConnection(window, lastChosen);
    assert.equal(reloaded.among(without('c'))?.id, 'a');
    assert.equal(reloaded.among(connections)?.id, 'c');
  });
});
