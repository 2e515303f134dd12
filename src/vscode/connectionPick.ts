import { l10n, window, type QuickPickItem } from 'vscode';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';

interface ConnectionItem extends QuickPickItem {
  readonly connection: Connection | 'new';
}

/** Lets people choose a connection, or ask for a new one; `undefined` when they close the list. */
export async function pickConnection(
  connections: ConnectionService,
  activeId: string | undefined,
): Promise<Connection | 'new' | undefined> {
  const items: ConnectionItem[] = connections.all().map((connection) => ({
    label: connection.id === activeId ? `$(check) ${connection.name}` : connection.name,
    description: connection.baseUrl,
    connection,
  }));
  items.push({ label: l10n.t('$(add) Add connection'), connection: 'new' });
  const placeHolder = l10n.t('Which OpenEMR do you want to work with?');
  return (await window.showQuickPick(items, { placeHolder, matchOnDescription: true }))?.connection;
}
