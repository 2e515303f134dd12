import { EventEmitter, type Event } from '../base/event.ts';
import type { HttpTransport } from './httpTransport.ts';

/** From how far apart on two clocks are worth a word, in milliseconds. */
export const notableSkewMs = 30_000;

/** How far each server's clock is from ours, as its last answer told. */
export class ClockSkews {
  readonly #skews = new Map<string, number>();
  readonly #changed = new EventEmitter<void>();
  /** A server's clock began or ceased to be notably wrong. */
  readonly onDidChange: Event<void> = this.#changed.event;

  /** A transport that notes the skew of every answer. */
  watch(transport: HttpTransport): HttpTransport {
    const noted = <R extends { readonly clockSkewMs?: number }>(url: string, answer: R): R => {
      if (answer.clockSkewMs !== undefined) this.#note(url, answer.clockSkewMs);
      return answer;
    };
    return {
      send: async (request) => noted(request.url, await transport.send(request)),
      stream: async (request) => noted(request.url, await transport.stream(request)),
    };
  }

  /** Server clock minus ours in milliseconds where that is notable. */
  notable(baseUrl: string): number | undefined {
    const skew = this.#skews.get(originOf(baseUrl)) ?? 0;
    return Math.abs(skew) > notableSkewMs ? skew : undefined;
  }

  #note(url: string, skewMs: number): void {
    const before = this.notable(url);
    this.#skews.set(originOf(url), skewMs);
    if ((before === undefined) !== (this.notable(url) === undefined)) this.#changed.fire();
  }
}

function originOf(url: string): string {
  return URL.parse(url)?.origin ?? '';
}
