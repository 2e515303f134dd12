import { l10n, ProgressLocation, window } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { Disposable } from '../core/base/disposable.ts';
import { isWorkbenchError } from '../core/base/errors.ts';
import type { ClientService } from '../core/connection/clientService.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { pause, waitUntilEnabled } from '../core/connection/enablementWait.ts';
import type { TokenStateKind } from '../core/oauth/tokenSet.ts';
import { plainText } from './plainText.ts';
import { tell } from './quiet.ts';

export interface EnableGuideDependencies {
  readonly connections: Pick<ConnectionService, 'find' | 'get' | 'state'>;
  readonly clients: Pick<ClientService, 'check'>;
  readonly logIn: (connectionId: string) => Promise<void>;
  readonly openApiClients: (connectionId: string) => Promise<unknown>;
  readonly showError: (error: unknown, connectionId?: string) => unknown;
  readonly clock: Clock;
}

/** A client that is switched off later ends its logins, and is waited for like a new one. */
const waitingStates: readonly TokenStateKind[] = ['none', 'reauthenticationRequired'];

/** Milliseconds before the wait shows. */
const quietMs = 2000;

/** Waits until an administrator has enabled a client, then offers the login: one wait a connection at a time. */
export class EnableGuide implements Disposable {
  readonly #dependencies: EnableGuideDependencies;
  readonly #waits = new Map<string, AbortController>();

  constructor(dependencies: EnableGuideDependencies) {
    this.#dependencies = dependencies;
  }

  /** Resolves when the wait is over, however; a failure is shown. */
  async wait(connectionId: string): Promise<void> {
    if (this.#waits.has(connectionId)) return;
    const controller = new AbortController();
    this.#waits.set(connectionId, controller);
    try {
      // Where somebody is quick, nothing needs to be shown.
      await pause(quietMs, this.#dependencies.clock, controller.signal);
      if (!(await this.#ifStillWanted(connectionId))) return;
      const isEnabled = await this.#waitWithProgress(connectionId, controller);
      this.#waits.delete(connectionId);
      if (isEnabled) await this.#offerLogin(connectionId);
      else await this.#sayThatItTakesLong(connectionId);
    } catch (error) {
      if (!isWorkbenchError(error, 'operation/cancelled'))
        await this.#dependencies.showError(error, connectionId);
    } finally {
      this.#waits.delete(connectionId);
    }
  }

  dispose(): void {
    for (const controller of this.#waits.values()) controller.abort();
    this.#waits.clear();
  }

  /** Undefined where somebody is logged in, or removed the connection: nothing is left to wait for. */
  async #ifStillWanted(connectionId: string): Promise<Connection | undefined> {
    const { connections } = this.#dependencies;
    const connection = connections.find(connectionId);
    if (!connection) return undefined;
    const { kind } = await connections.state(connection);
    return waitingStates.includes(kind) ? connection : undefined;
  }

  #waitWithProgress(connectionId: string, controller: AbortController): Thenable<boolean> {
    const { connections, clients, clock } = this.#dependencies;
    const name = connections.find(connectionId)?.name ?? '';
    const title = plainText(
      l10n.t('{name}: waiting until an administrator enables the client (API Clients)', { name }),
    );
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    return window.withProgress(options, (_, token) => {
      token.onCancellationRequested(() => controller.abort());
      return waitUntilEnabled(
        async (signal) => {
          const connection = await this.#ifStillWanted(connectionId);
          if (!connection) {
            controller.abort();
            return undefined;
          }
          return (await clients.check(connection, signal)).isEnabled;
        },
        clock,
        controller.signal,
      );
    });
  }

  async #offerLogin(connectionId: string): Promise<void> {
    const { connections, logIn } = this.#dependencies;
    const connection = connections.find(connectionId);
    if (!connection) return;
    const goOn = l10n.t('Log in');
    const { name } = connection;
    const text = plainText(l10n.t('{name}: the client is enabled. Go on with the login?', { name }));
    const answer = await tell(text, [goOn]);
    if (answer === goOn && (await this.#ifStillWanted(connectionId))) await logIn(connectionId);
  }

  async #sayThatItTakesLong(connectionId: string): Promise<void> {
    const { connections, openApiClients } = this.#dependencies;
    const name = connections.find(connectionId)?.name ?? '';
    const open = l10n.t('Open API Clients');
    const again = l10n.t('Wait again');
    const text = plainText(l10n.t('{name}: nobody enabled the client within ten minutes.', { name }));
    const answer = await tell(text, [open, again]);
    if (answer === open) await openApiClients(connectionId);
    if (answer === again) await this.wait(connectionId);
  }
}
