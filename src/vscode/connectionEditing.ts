import { randomUUID } from 'node:crypto';
import { l10n, window } from 'vscode';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { pickEnvironment } from './environment.ts';
import { plainText } from './plainText.ts';
import type { ConnectionPanels } from './webview/connectionPanels.ts';

const maxNameLength = 80;

/** Renaming, copying, removing and sorting connections, with the questions that belong to it. */
export class ConnectionEditing {
  readonly #connections: ConnectionService;
  readonly #panels: ConnectionPanels;

  constructor(connections: ConnectionService, panels: ConnectionPanels) {
    this.#connections = connections;
    this.#panels = panels;
  }

  async rename(connection: Connection): Promise<void> {
    const name = await window.showInputBox({
      title: plainText(l10n.t('Rename {name}', { name: connection.name })),
      value: connection.name,
      validateInput: (value) => this.#complaintAbout(value.trim(), connection.id),
    });
    if (name !== undefined) await this.#connections.edit(connection.id, { name: name.trim() });
  }

  /** Copies address and permissions; the client stays with the original, for two logins of one client disturb each other. */
  async duplicate(connection: Connection): Promise<void> {
    const { baseUrl, site, clientType, scopes, callback, pinnedCertificate, caFile, environment } =
      connection;
    const copy: Connection = {
      ...{ baseUrl, site, clientType, scopes, callback, pinnedCertificate, caFile, environment },
      id: randomUUID(),
      name: this.#freeName(connection.name),
    };
    await this.#connections.save(copy);
    this.#panels.open(copy.id);
  }

  async remove(connection: Connection): Promise<void> {
    const remove = l10n.t('Remove');
    const { name, clientId } = connection;
    const losses = [
      l10n.t('Its settings, its stored login and its client secret are removed from this computer.'),
      ...(clientId
        ? [
            l10n.t(
              'The client {clientId} stays registered in OpenEMR. Disable it under Administration → System → API Clients.',
              { clientId },
            ),
          ]
        : []),
    ];
    const question = plainText(l10n.t('Remove {name}?', { name }));
    const answer = await window.showWarningMessage(
      question,
      { modal: true, detail: losses.join('\n') },
      remove,
    );
    if (answer === remove) await this.#connections.remove(connection.id);
  }

  /** Moves a connection among the others; at either end it stays where it is. */
  async move(connection: Connection, by: -1 | 1): Promise<void> {
    await this.#connections.move(connection.id, by);
  }

  /** Asks what the server is for; what it says is shown wherever the connection is. */
  async setEnvironment(connection: Connection): Promise<void> {
    const environment = await pickEnvironment(connection);
    if (environment === undefined) return;
    await this.#connections.edit(connection.id, {
      environment: environment === 'none' ? undefined : environment,
    });
  }

  #complaintAbout(name: string, id: string): string | undefined {
    if (!name) return l10n.t('Give the connection a name, for example that of the practice.');
    if (name.length > maxNameLength) return l10n.t('Use 80 characters or fewer.');
    const isTaken = this.#connections.all().some((other) => other.id !== id && other.name === name);
    return isTaken ? l10n.t('Another connection has this name already.') : undefined;
  }

  #freeName(name: string): string {
    const taken = new Set(this.#connections.all().map((connection) => connection.name));
    for (let number = 2; ; number++) {
      const candidate = `${name.slice(0, maxNameLength - 5)} (${number})`;
      if (!taken.has(candidate)) return candidate;
    }
  }
}
