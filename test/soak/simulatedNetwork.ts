import { WorkbenchError, type ErrorCode } from '../../src/core/base/errors.ts';
import type { HttpRequest, HttpResponse, HttpTransport } from '../../src/core/http/httpTransport.ts';
import type { Random } from './random.ts';
import type { SimulatedProcess } from './simulatedProcess.ts';
import type { SimulatedServer } from './simulatedServer.ts';
import type { SimulatedTime } from './simulatedTime.ts';

export interface NetworkFaults {
  /** Share of requests that fail without an effect on the server. */
  readonly failed: number;
  /** Share of requests that take effect and whose answer never arrives. */
  readonly lostAnswers: number;
}

/** Why the answer to a request that took effect never arrived. */
export type Loss = 'answer lost' | 'holder killed' | 'holder asleep';

const faultsBefore: readonly ErrorCode[] = ['network/dns', 'network/refused', 'network/unreachable'];
const statuses = [429, 500, 502, 503, 504];

/** The way from one window to the servers: slow, unreliable, and cut by sleep and death of the window. */
export class SimulatedNetwork implements HttpTransport {
  readonly #time: SimulatedTime;
  readonly #random: Random;
  readonly #process: SimulatedProcess;
  readonly #servers: readonly SimulatedServer[];
  readonly #faults: NetworkFaults;
  readonly #lost: (server: SimulatedServer, refreshToken: string, loss: Loss) => void;

  constructor(
    time: SimulatedTime,
    random: Random,
    process: SimulatedProcess,
    servers: readonly SimulatedServer[],
    faults: NetworkFaults,
    lost: (server: SimulatedServer, refreshToken: string, loss: Loss) => void,
  ) {
    this.#time = time;
    this.#random = random;
    this.#process = process;
    this.#servers = servers;
    this.#faults = faults;
    this.#lost = lost;
  }

  readonly stream = (): Promise<never> => Promise.reject(new Error('Nothing is streamed here.'));

  readonly send = async (request: HttpRequest): Promise<HttpResponse> => {
    const random = this.#random;
    const server = this.#servers.find(({ baseUrl }) => request.url.startsWith(baseUrl));
    if (!server) throw new Error(`Nobody is at ${request.url}.`);
    const fate = random.next();
    const sentAt = this.#time.now();
    if (fate < this.#faults.failed / 2) {
      await this.#process.delay(random.between(5, 2000));
      throw new WorkbenchError(random.pick(faultsBefore));
    }
    // From here on the request travels, whatever becomes of the window.
    await this.#time.delay(random.between(5, 60));
    if (fate < this.#faults.failed) return this.#refusal();
    const pairsBefore = server.pairs.length;
    const answer = await this.#time.whileStandingStill(() => server.handle(request));
    const pair = server.pairs.length > pairsBefore ? server.pairs.at(-1) : undefined;
    if (pair && !this.#process.isAwake) {
      this.#lost(server, pair.refreshToken, this.#process.isDead ? 'holder killed' : 'holder asleep');
    }
    if (fate < this.#faults.failed + this.#faults.lostAnswers) {
      if (pair) this.#lost(server, pair.refreshToken, 'answer lost');
      await this.#process.delay(random.chance(0.5) ? 10_000 : random.between(5, 500));
      throw new WorkbenchError(random.pick(['network/timed-out', 'network/reset']));
    }
    await this.#process.delay(random.between(5, 60));
    if (this.#process.hasSleptSince(sentAt) && random.chance(0.5)) {
      if (pair) this.#lost(server, pair.refreshToken, 'holder asleep');
      throw new WorkbenchError('network/reset');
    }
    return answer;
  };

  async #refusal(): Promise<HttpResponse> {
    await this.#process.delay(this.#random.between(5, 60));
    const status = this.#random.pick(statuses);
    const headers = new Headers(status === 429 ? { 'retry-after': '7' } : {});
    return { status, headers, text: '', durationMs: 1 };
  }
}
