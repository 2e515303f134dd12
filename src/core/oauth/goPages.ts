import type { Disposable } from '../base/disposable.ts';
import type { ListenOnLoopback, LoopbackListener } from './loopback.ts';

/** What there is to know of the editor for it. */
export interface GoPageHost {
  /** True where the editor runs in a browser, which rewrites loopback addresses that are opened from it. */
  readonly isBrowserHost: boolean;
  readonly listen: ListenOnLoopback;
}

/** Browser hosts rewrite and mangle loopback addresses; a short address of our own survives that. */
export class GoPages implements Disposable {
  readonly #host: GoPageHost;
  readonly #listener: LoopbackListener | undefined;
  #ownListener: Promise<LoopbackListener> | undefined;

  /** Without a listener one of its own is opened with the first page that needs it. */
  constructor(host: GoPageHost, listener?: LoopbackListener) {
    this.#host = host;
    this.#listener = listener;
  }

  /**
   * What to open so that the browser arrives at `page`, byte for byte: a one-time address where a browser host would
   * mangle it. Throws WorkbenchError `authorization/no-channel`.
   */
  async addressFor(page: string): Promise<string> {
    if (!this.#host.isBrowserHost || !isLoopbackAddress(page)) return page;
    const listener = this.#listener ?? (await this.#listen());
    return listener.addGoPage(page).url;
  }

  #listen(): Promise<LoopbackListener> {
    this.#ownListener ??= this.#host.listen({ servesCallback: false, onCallback: () => undefined });
    return this.#ownListener;
  }

  dispose(): void {
    this.#ownListener?.then(
      (listener) => listener.dispose(),
      () => undefined,
    );
  }
}

function isLoopbackAddress(address: string): boolean {
  return /^https?:\/\/(?:127\.|localhost[:/]|\[::1\])/i.test(address);
}
