import { fork, type ChildProcess } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { systemClock } from '../../src/core/base/clock.ts';
import { bindingOf } from '../../src/core/connection/binding.ts';
import type { Connection } from '../../src/core/connection/connection.ts';
import type { TokenGrant } from '../../src/core/oauth/tokenSet.ts';
import { TokenStore } from '../../src/core/oauth/tokenStore.ts';
import { GuardedSecretStore } from '../../src/core/storage/guardedSecretStore.ts';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { machineIn } from './machineFolder.ts';
import type { Random } from './random.ts';
import { registerAndSignIn } from './signedInClient.ts';

const child = new URL('./window.child.ts', import.meta.url);
const lifetimeSeconds = 2;

export interface ProcessesReport {
  readonly kills: number;
  readonly tokenRequests: number;
  readonly replays: number;
  /** Holders that were killed after the server had rotated and before the new pair was stored. */
  readonly forcedByConstruction: number;
  readonly lostSessions: number;
}

interface LogEntry {
  readonly kind: string;
  readonly grantType?: string;
  readonly status?: number;
}

/** Real processes over the real lock and index, with tokens of two seconds, killed while they hold the lock. */
export class Processes {
  readonly #random: Random;
  readonly #count: number;
  readonly #children = new Map<ChildProcess, string>();
  #folder = '';
  #server: RunningSandbox | undefined;
  #connection: Connection | undefined;
  #signIn: (() => Promise<TokenGrant>) | undefined;
  #started = 0;
  #kills = 0;
  #forced = 0;
  #lost = 0;
  #isOver = false;
  /** Killed while it waited for the server's answer, since the last pair was stored. */
  #killedHolder = false;

  constructor(random: Random, count = 8) {
    this.#random = random;
    this.#count = count;
  }

  /** The longest time that nobody renewed the token because its holder had been killed, in milliseconds. */
  longestRecoveryMs = 0;

  async run(durationMs: number): Promise<ProcessesReport> {
    this.#folder = await mkdtemp(join(tmpdir(), 'openemr-soak-'));
    this.#server = await startSandbox({ era: '8.2', accessTokenLifetimeSeconds: lifetimeSeconds });
    try {
      this.#connection = await this.#connect(this.#server);
      await this.#logIn();
      for (let number = 0; number < this.#count; number++) this.#start();
      const end = Date.now() + durationMs;
      while (Date.now() < end) await this.#watch();
      const log = (await (await fetch(`${this.#server.baseUrl}/sandbox/log`)).json()) as LogEntry[];
      return {
        kills: this.#kills,
        tokenRequests: log.filter(({ kind, grantType }) => kind === 'token' && grantType === 'refresh_token')
          .length,
        replays: log.filter(({ kind }) => kind === 'refresh-replay').length,
        forcedByConstruction: this.#forced,
        lostSessions: this.#lost,
      };
    } finally {
      await this.#end();
    }
  }

  async #end(): Promise<void> {
    this.#isOver = true;
    for (const running of this.#children.keys()) running.kill('SIGKILL');
    await this.#server?.stop();
    await rm(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  async #connect({ baseUrl }: RunningSandbox): Promise<Connection> {
    const { clientId, clientSecret, scope, signIn } = await registerAndSignIn(baseUrl);
    this.#signIn = signIn;
    const address = { baseUrl, site: 'default' };
    const { secrets } = machineIn(this.#folder);
    const boundTo = bindingOf(address, clientId);
    await secrets.store('openemr.clientSecret.soak', JSON.stringify({ boundTo, secret: clientSecret }));
    return {
      ...address,
      id: 'soak',
      name: 'Soak',
      clientType: 'confidential',
      clientId,
      scopes: scope.split(' '),
      callback: 'automatic',
    };
  }

  async #logIn(): Promise<void> {
    const { id, baseUrl, site, clientId = '', scopes } = this.#connectionOrThrow();
    if (!this.#signIn) throw new Error('Nobody can sign in yet.');
    const { secrets, index } = machineIn(this.#folder);
    const identity = { id: 'person', startedAt: Date.now(), sharesSecrets: true };
    const guarded = new GuardedSecretStore(secrets, index, identity, systemClock);
    await new TokenStore(guarded, index, identity, systemClock).save(id, {
      ...(await this.#signIn()),
      boundTo: bindingOf({ baseUrl, site }, clientId),
      requestedScope: scopes.join(' '),
      loggedInAt: Date.now(),
    });
  }

  #connectionOrThrow(): Connection {
    if (!this.#connection) throw new Error('There is no connection yet.');
    return this.#connection;
  }

  #start(): void {
    const id = `window-${++this.#started}`;
    const running = fork(child, [this.#folder, id, JSON.stringify(this.#connectionOrThrow())], {
      stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    });
    this.#children.set(running, id);
    running.on('message', () => {
      // It holds the lock now, and its request is on its way.
      if (this.#random.chance(0.15)) setTimeout(() => this.#kill(running), this.#random.between(0, 25));
    });
    running.once('exit', () => {
      this.#children.delete(running);
      if (!this.#isOver) this.#start();
    });
  }

  #kill(running: ChildProcess): void {
    if (!running.kill('SIGKILL')) return;
    this.#kills++;
    this.#killedHolder = true;
  }

  #generation = 0;
  #generationSince = Date.now();

  /** Looks what the windows share, and logs in again where they say so. */
  async #watch(): Promise<void> {
    await sleep(50);
    const session = await machineIn(this.#folder).index.session(this.#connectionOrThrow().id);
    if (!session) return;
    if (session.generation !== this.#generation) {
      const lastedMs = Date.now() - this.#generationSince;
      if (this.#killedHolder) this.longestRecoveryMs = Math.max(this.longestRecoveryMs, lastedMs);
      this.#generation = session.generation;
      this.#generationSince = Date.now();
      this.#killedHolder = false;
    }
    if (!session.reauthenticationReason) return;
    if (this.#killedHolder) this.#forced++;
    else this.#lost++;
    await this.#logIn();
  }
}
