import type { Connection } from '../../src/core/connection/connection.ts';
import { bindingOf } from '../../src/core/connection/binding.ts';
import { leadMs } from '../../src/core/oauth/refreshSchedule.ts';
import { defaultSessionSettings } from '../../src/core/oauth/sessionSettings.ts';
import type { SessionIndexDocument } from '../../src/core/storage/sessionIndex.ts';
import { MemorySettings } from '../fakes/memoryStorage.ts';
import { Random } from './random.ts';
import { SimulatedNetwork, type Loss, type NetworkFaults } from './simulatedNetwork.ts';
import { SimulatedProcess } from './simulatedProcess.ts';
import { scope, SimulatedServer, type IssuedPair } from './simulatedServer.ts';
import { SimulatedStorage } from './simulatedStorage.ts';
import { SimulatedTime } from './simulatedTime.ts';
import { SimulatedWindow } from './simulatedWindow.ts';

const minute = 60_000;
const hour = 60 * minute;
const day = 24 * hour;
const start = Date.UTC(2026, 0, 5);
const places = 8;

export interface SimulationReport {
  readonly seed: number;
  readonly days: number;
  readonly windows: number;
  readonly refreshes: number;
  /** Lives of pairs that a window was there to prolong. */
  readonly periods: number;
  readonly forcedLogins: number;
  readonly forcedByConstruction: number;
  /** How often for which reason. */
  readonly reasons: Readonly<Record<string, number>>;
  readonly replaysSeenByServer: number;
  readonly kills: number;
}

interface Site {
  readonly connection: Connection;
  readonly server: SimulatedServer;
  readonly losses: Map<string, Loss>;
  /** Pairs whose time came while nobody was awake. */
  owed: IssuedPair | undefined;
  login: 'done' | 'awaited' | 'under way';
  /** What the windows say: a login is needed. */
  isSignedOut: boolean;
}

/** Windows of one machine over months: people open and close them, let them sleep, and they crash. */
export class Simulation {
  readonly #seed: number;
  readonly #days: number;
  readonly #faults: NetworkFaults;
  readonly #random: Random;
  readonly #time = new SimulatedTime(start);
  readonly #storage: SimulatedStorage;
  readonly #settings = new MemorySettings([]);
  readonly #windows: (SimulatedWindow | undefined)[] = new Array<undefined>(places).fill(undefined);
  readonly #sites: Site[] = [];
  readonly #reasons: Record<string, number> = {};
  #opened = 0;
  #kills = 0;
  #periods = 0;
  #forced = 0;
  #byConstruction = 0;
  #isMachineOn = false;
  #isQuiet = false;

  constructor(seed: number, days = 90, faults: NetworkFaults = { failed: 0.05, lostAnswers: 0.01 }) {
    this.#seed = seed;
    this.#days = days;
    this.#faults = faults;
    this.#random = new Random(seed);
    this.#storage = new SimulatedStorage(this.#random);
  }

  async run(): Promise<SimulationReport> {
    for (const era of ['7.0', '8.2'] as const) {
      const server = await SimulatedServer.start(era, this.#time.now, this.#random.between(-minute, minute));
      this.#sites.push({
        connection: connectionTo(server, era),
        server,
        losses: new Map(),
        owed: undefined,
        login: 'awaited',
        isSignedOut: true,
      });
    }
    for (const { connection, server } of this.#sites) this.#storeClientSecret(connection, server);
    await this.#settings.write(this.#sites.map(({ connection }) => connection));
    this.#storage.listeners.indexChanged = (by, text) => this.#indexChanged(by, text);
    this.#storage.listeners.lockTaken = (name, by) => this.#lockTaken(name, by);
    this.#planDays();
    for (let place = 0; place < places; place++) this.#planWindow(place);
    const end = start + this.#days * day;
    await this.#time.runUntil(end);
    // What is under way comes to its end in peace.
    this.#isQuiet = true;
    this.#switchOn();
    this.#windows[0] ??= this.#openWindow();
    await this.#time.runUntil(end + 10 * minute);
    return this.#report();
  }

  #storeClientSecret({ id, ...connection }: Connection, server: SimulatedServer): void {
    const boundTo = bindingOf(connection, server.clientId);
    const value = JSON.stringify({ boundTo, secret: server.clientSecret });
    const writer = new SimulatedProcess(this.#time);
    this.#storage.secrets.set(`openemr.clientSecret.${id}`, {
      value,
      former: value,
      writer,
      arrivesAt: start,
    });
  }

  #report(): SimulationReport {
    const sum = (count: (site: Site) => number) =>
      this.#sites.reduce((total, site) => total + count(site), 0);
    return {
      seed: this.#seed,
      days: this.#days,
      windows: places,
      refreshes: sum(({ server }) => server.refreshes),
      periods: this.#periods,
      forcedLogins: this.#forced,
      forcedByConstruction: this.#byConstruction,
      reasons: this.#reasons,
      replaysSeenByServer: sum(({ server }) => server.replays),
      kills: this.#kills,
    };
  }

  #planDays(): void {
    for (let number = 0; number < this.#days; number++) {
      const isWeekend = number % 7 > 4;
      const on = start + number * day + this.#random.between(6.5, 9) * hour;
      const length = isWeekend ? this.#random.between(0.1, 2) : this.#random.between(7, 11);
      this.#time.at(on, () => this.#switchOn());
      this.#time.at(on + length * hour, () => this.#switchOff());
    }
  }

  #switchOn(): void {
    this.#isMachineOn = true;
    for (const window of this.#windows) window?.process.wake();
    if (!this.#windows.some(Boolean)) this.#windows[0] = this.#openWindow();
    this.#someoneIsThere();
  }

  #switchOff(): void {
    if (this.#isQuiet) return;
    this.#isMachineOn = false;
    for (const window of this.#windows) window?.process.sleep();
  }

  /** One place on the desk: a window comes, goes, sleeps and crashes there. */
  #planWindow(place: number): void {
    const random = this.#random;
    this.#time.after(random.between(1, 240) * minute, () => {
      if (this.#isQuiet) return;
      if (this.#isMachineOn) this.#befall(place);
      this.#planWindow(place);
    });
  }

  #befall(place: number): void {
    const window = this.#windows[place];
    if (!window) {
      this.#windows[place] = this.#openWindow();
      this.#someoneIsThere();
      return;
    }
    const chance = this.#random.next();
    if (chance < 0.25) this.#close(place);
    else if (chance < 0.4) this.#crash(window);
    else if (chance < 0.8) this.#nap(window);
    else this.#focus(window);
  }

  #openWindow(): SimulatedWindow {
    const process = new SimulatedProcess(this.#time);
    const window: SimulatedWindow = new SimulatedWindow({
      id: `window-${++this.#opened}`,
      ...{
        process,
        time: this.#time,
        random: this.#random,
        storage: this.#storage,
        settings: this.#settings,
      },
      transport: new SimulatedNetwork(
        this.#time,
        this.#random,
        process,
        this.#sites.map(({ server }) => server),
        this.#faults,
        (server, refreshToken, loss) => this.#siteOf(server).losses.set(refreshToken, loss),
      ),
    });
    // As in the editor, the rest is loaded some seconds after the start.
    process.schedule(() => void window.automatic.check(), 3000);
    return window;
  }

  /** Closing ends a process in the middle of things too, though a request that is out is most often answered. */
  #close(place: number): void {
    const window = this.#windows[place];
    if (window) this.#crash(window);
  }

  #crash(window: SimulatedWindow): void {
    const place = this.#windows.indexOf(window);
    if (place < 0) return;
    this.#kills++;
    window.process.kill();
    window.automatic.dispose();
    this.#windows[place] = undefined;
    this.#noteLosses('holder killed');
  }

  #nap(window: SimulatedWindow): void {
    window.process.sleep();
    this.#noteLosses('holder asleep');
    this.#time.after(this.#random.between(0.2, 90) * minute, () => {
      if (!this.#isMachineOn) return;
      window.process.wake();
      this.#someoneIsThere();
    });
  }

  #focus(window: SimulatedWindow): void {
    for (const other of this.#windows) if (other) other.isFocused = other === window;
    if (window.process.isAwake) void window.automatic.checkAfterChange();
  }

  /** The one who holds a lock is struck in the middle of its work more often than chance would have it. */
  #lockTaken(name: string, by: SimulatedProcess): void {
    if (!name.startsWith('refresh') || this.#isQuiet) return;
    const window = this.#windows.find((candidate) => candidate?.process === by);
    const chance = this.#random.next();
    if (!window || chance > 0.02) return;
    this.#time.after(this.#random.between(0, 200), () => {
      if (chance < 0.01) this.#crash(window);
      else this.#nap(window);
    });
  }

  /** Pairs that the server gave and nobody has stored yet: whoever was struck now was to do it. */
  #noteLosses(loss: Loss): void {
    for (const { server, losses } of this.#sites) {
      const pair = server.pairs.at(-1);
      if (pair && !this.#isStored(pair) && !losses.has(pair.refreshToken))
        losses.set(pair.refreshToken, loss);
    }
  }

  #isStored({ refreshToken }: IssuedPair): boolean {
    return [...this.#storage.secrets.values()].some(({ value }) => value?.includes(refreshToken));
  }

  #siteOf(server: SimulatedServer): Site {
    const site = this.#sites.find((candidate) => candidate.server === server);
    if (!site) throw new Error('Nobody knows this server.');
    return site;
  }

  #awake(): SimulatedWindow[] {
    return this.#windows.filter((window) => window?.process.isAwake) as SimulatedWindow[];
  }

  /** A window came up: it logs in where nobody is signed in, and prolongs what was left to run out. */
  #someoneIsThere(): void {
    for (const site of this.#sites) {
      if (site.login === 'awaited') this.#planLogin(site);
      if (site.owed && this.#isStored(site.owed)) this.#periods++;
      site.owed = undefined;
    }
  }

  #planLogin(site: Site): void {
    this.#time.after(this.#random.between(0.5, 10) * minute, () => {
      const windows = this.#awake();
      if (site.login !== 'awaited' || windows.length === 0) return;
      // A window that slept with the new pair in its hands has stored it after all.
      if (!site.isSignedOut) site.login = 'done';
      else void this.#logIn(site, this.#random.pick(windows));
    });
  }

  async #logIn(site: Site, window: SimulatedWindow): Promise<void> {
    site.login = 'under way';
    // It may be struck before it has stored what it got.
    this.#time.after(minute, () => {
      if (site.login !== 'under way') return;
      site.login = 'awaited';
      this.#planLogin(site);
    });
    await window.logIn(site.connection, site.server, this.#time);
    site.login = 'done';
  }

  /** As file watching does: other windows hear of it soon, and now and then they do not. */
  #indexChanged(by: SimulatedProcess, text: string): void {
    for (const window of this.#awake()) {
      if (window.process === by || this.#random.chance(0.1)) continue;
      window.process.schedule(() => void window.automatic.check(), this.#random.between(40, 200));
    }
    const { sessions } = JSON.parse(text) as SessionIndexDocument;
    for (const site of this.#sites) this.#judge(site, sessions);
    this.#watchPairs();
  }

  #judge(site: Site, sessions: SessionIndexDocument['sessions']): void {
    const session = sessions[site.connection.id];
    const reason = session?.reauthenticationReason;
    site.isSignedOut = !session || reason !== undefined;
    if (!reason || site.login !== 'done') return;
    site.login = 'awaited';
    this.#planLogin(site);
    const last = site.server.pairs.at(-1);
    const loss = last && !this.#isStored(last) ? site.losses.get(last.refreshToken) : undefined;
    const name = loss ?? `unexplained: ${reason}`;
    this.#reasons[name] = (this.#reasons[name] ?? 0) + 1;
    if (loss) this.#byConstruction++;
    else this.#forced++;
  }

  readonly #watched = new Set<string>();

  /** Each stored pair makes a period when its time to be renewed has come and somebody is awake to do it. */
  #watchPairs(): void {
    for (const site of this.#sites) {
      // Not only the last one: a window may store late what it got before.
      for (const pair of site.server.pairs.slice(-3)) {
        if (this.#watched.has(pair.refreshToken) || !this.#isStored(pair)) continue;
        this.#watched.add(pair.refreshToken);
        const lead = leadMs(3600, defaultSessionSettings.refreshBeforeExpiryMs);
        this.#time.at(pair.issuedAt + hour - lead, () => this.#timeHasCome(site, pair));
      }
    }
  }

  #timeHasCome(site: Site, pair: IssuedPair): void {
    const isEarly = site.server.pairs.some(({ from }) => from === pair.refreshToken);
    if (isEarly) throw new Error(`Seed ${this.#seed}: a pair was renewed before its time.`);
    if (!this.#isStored(pair)) return;
    if (this.#awake().length > 0) this.#periods++;
    else site.owed = pair;
  }
}

function connectionTo(server: SimulatedServer, era: string): Connection {
  return {
    id: `era-${era.replace('.', '-')}`,
    name: `OpenEMR ${era}`,
    baseUrl: server.baseUrl,
    site: 'default',
    clientType: 'confidential',
    clientId: server.clientId,
    scopes: scope.split(' '),
    callback: 'automatic',
  };
}
