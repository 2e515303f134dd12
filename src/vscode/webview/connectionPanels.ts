import { l10n, Uri, ViewColumn, window, type WebviewPanel, type WebviewPanelSerializer } from 'vscode';
import type { Disposable } from '../../core/base/disposable.ts';
import { panelStateSchema, type PanelSection } from '../../protocol/panelState.ts';
import type { DraftField, PanelViewModel } from '../../protocol/viewModels.ts';
import { ConnectionPanel, type ConnectionPanelOptions } from './connectionPanel.ts';
import { pageOptions } from './panelPage.ts';
import { panelViewType } from '../panelViewType.ts';

/** What a panel opens at, and whether beside what is open: two connections side by side. */
export interface PanelPlace {
  readonly section?: PanelSection | undefined;
  readonly field?: DraftField | 'next' | undefined;
  /** Whether the server is asked at once. */
  readonly discover?: boolean;
  readonly beside?: boolean;
  /** Leaves the keyboard where it is. */
  readonly inBackground?: boolean;
}

/** The open connection panels: at most one a connection, and at most one for a new one. */
export class ConnectionPanels implements WebviewPanelSerializer, Disposable {
  readonly #options: ConnectionPanelOptions;
  readonly #open = new Set<ConnectionPanel>();

  constructor(options: ConnectionPanelOptions) {
    this.#options = options;
  }

  /** Opens the panel of a connection, or of a new one; reveals it where it is open. */
  open(connectionId?: string, show?: PanelPlace): ConnectionPanel {
    const existing = [...this.#open].find((panel) => panel.connectionId === connectionId);
    const preserveFocus = show?.inBackground === true;
    existing?.reveal(show?.beside ? ViewColumn.Beside : undefined, preserveFocus);
    const viewColumn = show?.beside ? ViewColumn.Beside : ViewColumn.Active;
    const panel = existing ?? this.#create(connectionId, { viewColumn, preserveFocus });
    if (show?.section) panel.show(show.section, show.field, show.discover);
    return panel;
  }

  /** Restores a panel after a reload or restart. */
  deserializeWebviewPanel(panel: WebviewPanel, state: unknown): Promise<void> {
    const parsed = panelStateSchema.safeParse(state);
    panel.webview.options = pageOptions(this.#options.extensionUri);
    this.#adopt(panel, parsed.success ? parsed.data.connectionId : undefined);
    return Promise.resolve();
  }

  dispose(): void {
    for (const panel of this.#open) panel.dispose();
  }

  #create(
    connectionId: string | undefined,
    place: { viewColumn: ViewColumn; preserveFocus: boolean },
  ): ConnectionPanel {
    const opening = this.#options.backend.openingView(connectionId);
    const title = l10n.t('OpenEMR: New Connection');
    // Set later, they would make VS Code build the page twice.
    const options = pageOptions(this.#options.extensionUri);
    const panel = window.createWebviewPanel(panelViewType, title, place, options);
    return this.#adopt(panel, connectionId, opening);
  }

  #adopt(
    webviewPanel: WebviewPanel,
    connectionId: string | undefined,
    opening?: Promise<PanelViewModel | undefined>,
  ): ConnectionPanel {
    const icon = (name: string) => Uri.joinPath(this.#options.extensionUri, 'media', 'icons', name);
    webviewPanel.iconPath = { light: icon('panel-light.svg'), dark: icon('panel-dark.svg') };
    const panel = new ConnectionPanel(webviewPanel, connectionId, this.#options, opening);
    this.#open.add(panel);
    panel.onDidDispose(() => this.#open.delete(panel));
    return panel;
  }
}
