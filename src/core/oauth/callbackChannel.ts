import { WorkbenchError } from '../base/errors.ts';
import type { CallbackPreference } from '../connection/connection.ts';
import type { Disposable } from '../base/disposable.ts';

export type CallbackKind = 'vscode-uri' | 'loopback' | 'paste';

/** One way by which the browser's answer comes back, with what it can and cannot do. */
export interface CallbackChannel {
  readonly kind: CallbackKind;
  /** Whether people may be left with it unasked; otherwise it must be chosen. */
  readonly isAutomatic: boolean;
  /** Throws WorkbenchError where the channel cannot be used here; the reason is shown. */
  open(options: {
    port?: number | undefined;
    onCallback: (callbackUrl: string) => void;
  }): Promise<OpenCallback>;
}

export interface OpenCallback extends Disposable {
  readonly redirectUri: string;
  /** Port of our own listener, where the channel has one. */
  readonly port?: number;
  /** The address to open so that the browser arrives at `loginPage`, byte for byte. */
  addressFor(loginPage: string): Promise<string>;
}

/** A listener on this machine's loopback interface (RFC 8252 §7.3). */
export interface LoopbackListener extends Disposable {
  readonly port: number;
  /** A one-time address that redirects to `target`; for hosts that rewrite loopback addresses. */
  addGoPage(target: string): { readonly url: string };
}

/** Throws WorkbenchError `authorization/no-channel` where the port cannot be had. */
export type ListenOnLoopback = (options: {
  port?: number;
  servesCallback: boolean;
  onCallback: (callbackUrl: string) => void;
}) => Promise<LoopbackListener>;

export interface CallbackHost {
  /** True where the editor runs in a browser, which rewrites loopback addresses that are opened from it. */
  readonly isBrowserHost: boolean;
  /** The URI handler's address, `vscode://<extension>/callback`. */
  readonly schemeUri: string;
  /** The same as the outside reaches it: unchanged on a desktop, http(s) in a browser host. */
  externalCallbackUri(): Promise<string>;
  readonly listen: ListenOnLoopback;
  /** A port on which nobody listens. */
  freePort(): Promise<number>;
}

/** What is registered for loopback: OpenEMR accepts any port for it (RFC 8252 §7.3), so none is named. */
export const loopbackRedirectUri = 'http://127.0.0.1/callback';

export function callbackChannels(host: CallbackHost): readonly CallbackChannel[] {
  return [uriHandlerChannel(host), loopbackChannel(host), pasteChannel(host)];
}

/** The channels to try, in order: the chosen one alone, or all that work unasked. */
export function channelsFor(
  preference: CallbackPreference,
  channels: readonly CallbackChannel[],
): readonly CallbackChannel[] {
  return channels.filter(({ kind, isAutomatic }) =>
    preference === 'automatic' ? isAutomatic : kind === preference,
  );
}

/** The redirect URI of the URI handler without the editor's own query: it changes, and OpenEMR compares bytes. */
export async function registrableCallbackUri(host: CallbackHost): Promise<string> {
  const external = await host.externalCallbackUri();
  return external.split('?', 1)[0] ?? external;
}

function uriHandlerChannel(host: CallbackHost): CallbackChannel {
  return {
    kind: 'vscode-uri',
    isAutomatic: true,
    async open({ onCallback }) {
      const external = await host.externalCallbackUri();
      const keepsScheme = !/^https?:/.test(external);
      const goPages = new GoPages(host, undefined, onCallback);
      return {
        redirectUri: keepsScheme ? host.schemeUri : external,
        addressFor: (loginPage) => goPages.addressFor(loginPage),
        dispose: () => goPages.dispose(),
      };
    },
  };
}

function loopbackChannel(host: CallbackHost): CallbackChannel {
  return {
    kind: 'loopback',
    isAutomatic: true,
    async open({ port, onCallback }) {
      const listener = await host.listen({ ...(port ? { port } : {}), servesCallback: true, onCallback });
      const goPages = new GoPages(host, listener, onCallback);
      return {
        redirectUri: `http://127.0.0.1:${listener.port}/callback`,
        port: listener.port,
        addressFor: (loginPage) => goPages.addressFor(loginPage),
        dispose: () => listener.dispose(),
      };
    },
  };
}

function pasteChannel(host: CallbackHost): CallbackChannel {
  return {
    kind: 'paste',
    isAutomatic: false,
    async open({ port, onCallback }) {
      const goPages = new GoPages(host, undefined, onCallback);
      return {
        redirectUri: `http://127.0.0.1:${port ?? (await host.freePort())}/callback`,
        addressFor: (loginPage) => goPages.addressFor(loginPage),
        dispose: () => goPages.dispose(),
      };
    },
  };
}

/** Browser hosts rewrite and mangle loopback addresses; a short address of our own survives that. */
class GoPages implements Disposable {
  readonly #host: CallbackHost;
  readonly #onCallback: (callbackUrl: string) => void;
  readonly #listener: LoopbackListener | undefined;
  #ownListener: Promise<LoopbackListener> | undefined;

  constructor(
    host: CallbackHost,
    listener: LoopbackListener | undefined,
    onCallback: (callbackUrl: string) => void,
  ) {
    this.#host = host;
    this.#listener = listener;
    this.#onCallback = onCallback;
  }

  async addressFor(loginPage: string): Promise<string> {
    if (!this.#host.isBrowserHost || !isLoopbackAddress(loginPage)) return loginPage;
    const listener = this.#listener ?? (await this.#listen());
    return listener.addGoPage(loginPage).url;
  }

  #listen(): Promise<LoopbackListener> {
    this.#ownListener ??= this.#host.listen({ servesCallback: false, onCallback: this.#onCallback });
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

/** Every channel was passed over; `reasons` are codes, in the order tried. */
export function noChannelError(reasons: readonly WorkbenchError[]): WorkbenchError {
  return new WorkbenchError('authorization/no-channel', {
    details: { reasons: reasons.map(({ code }) => code) },
    cause: reasons.at(-1),
  });
}
