import { join } from 'node:path';
import { env, l10n } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { DisposableStore } from '../core/base/disposable.ts';
import type { RateLimiter } from '../core/base/rateLimiter.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { callbackChannels, type CallbackHost } from '../core/oauth/callbackChannel.ts';
import { CallbackInbox } from '../core/oauth/callbackInbox.ts';
import { PreparedCodeExchange } from '../core/oauth/codeExchange.ts';
import { GoPages } from '../core/oauth/goPages.ts';
import { Login } from '../core/oauth/login.ts';
import type { ListenOnLoopback } from '../core/oauth/loopback.ts';
import { PendingLogins } from '../core/oauth/pendingLogins.ts';
import { reopenCallbacks } from '../core/oauth/reopenedCallbacks.ts';
import type { ExternalBrowser, Log } from '../core/ports.ts';
import { CallbackHandover } from '../platform/callbackHandover.ts';
import { freePort } from '../platform/freePort.ts';
import { listenOnLoopback } from '../platform/loopbackListener.ts';
import { asExternalUri, callbackUri, isBrowserHost } from '../vscode/externalBrowser.ts';
import type { Storage } from './storage.ts';

export interface LoginParts {
  readonly owned: DisposableStore;
  readonly clock: Clock;
  readonly log: Log;
  readonly storage: Storage;
  readonly browser: ExternalBrowser;
  readonly limits: RateLimiter;
  readonly connections: ConnectionService;
  readonly loadOpenIdClient: () => Promise<typeof import('../core/oauth/openIdClient.ts')>;
}

export interface LoginWays {
  readonly login: Login;
  readonly inbox: CallbackInbox;
  readonly pendingLogins: PendingLogins;
  readonly callbackHost: CallbackHost;
  /** Opens pages of OpenEMR, on this computer too. */
  readonly pages: ExternalBrowser;
  /** Listens again for the answers to logins that were under way when the window was closed. */
  reopen(this: void): Promise<void>;
}

/** The login and the ways by which the browser's answer comes back. */
export function createLogin(parts: LoginParts): LoginWays {
  const { owned, clock, log, storage, browser, limits, connections, loadOpenIdClient } = parts;
  const pendingLogins = new PendingLogins(storage.secrets, storage.index, clock);
  const handover = new CallbackHandover(join(storage.folder, 'callbacks'), clock);
  const inbox = owned.add(
    new CallbackInbox(pendingLogins, handover, clock, log, () => limits.take('callback') > 0),
  );
  const listen: ListenOnLoopback = (options) => listenOnLoopback({ ...options, donePage: donePage() });
  const callbackHost: CallbackHost = {
    isBrowserHost: isBrowserHost(),
    schemeUri: callbackUri(),
    externalCallbackUri: () => asExternalUri(callbackUri()),
    listen,
    freePort,
  };
  const login = owned.add(
    new Login({
      channels: callbackChannels(callbackHost),
      exchange: new PreparedCodeExchange({
        loadOpenIdClient,
        clientSecret: ({ connection }) => connections.clientSecret(connection),
        now: () => clock.now(),
      }),
      windowId: storage.window.id,
      ...{ inbox, pendingLogins, browser, clock },
    }),
  );
  const goPages = owned.add(new GoPages(callbackHost));
  return {
    ...{ login, inbox, pendingLogins, callbackHost },
    pages: { open: async (url) => browser.open(await goPages.addressFor(url)) },
    reopen: async () => void owned.add(await reopenCallbacks(pendingLogins, listen, inbox, clock)),
  };
}

function donePage(): { language: string; title: string; text: string } {
  return {
    language: env.language,
    title: l10n.t('OpenEMR Workbench'),
    text: l10n.t('VS Code has the answer. You can close this page and go back to VS Code.'),
  };
}
