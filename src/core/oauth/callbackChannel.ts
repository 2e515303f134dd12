import { WorkbenchError } from '../base/errors.ts';
import type { CallbackPreference } from '../connection/connection.ts';
import type { Disposable } from '../base/disposable.ts';
import { GoPages, type GoPageHost } from './goPages.ts';

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

export interface CallbackHost extends GoPageHost {
  /** The URI handler's address, `vscode://<extension>/callback`. */
  readonly schemeUri: string;
  /** The same as the outside reaches it: unchanged on a desktop, http(s) in a browser host. */
  externalCallbackUri(): Promise<string>;
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
    async open() {
      const external = await host.externalCallbackUri();
      const keepsScheme = !/^https?:/.test(external);
      const goPages = new GoPages(host);
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
      const goPages = new GoPages(host, listener);
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
    async open({ port }) {
      const goPages = new GoPages(host);
      return {
        redirectUri: `http://127.0.0.1:${port ?? (await host.freePort())}/callback`,
        addressFor: (loginPage) => goPages.addressFor(loginPage),
        dispose: () => goPages.dispose(),
      };
    },
  };
}

/** Every channel was passed over; `reasons` are codes, in the order tried. */
export function noChannelError(reasons: readonly WorkbenchError[]): WorkbenchError {
  return new WorkbenchError('authorization/no-channel', {
    details: { reasons: reasons.map(({ code }) => code) },
    cause: reasons.at(-1),
  });
}
