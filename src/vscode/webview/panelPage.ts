import { randomBytes } from 'node:crypto';
import { env, l10n, Uri, type Webview, type WebviewOptions } from 'vscode';
import type { ReadyResult } from '../../protocol/panelMessages.ts';
import { connectionPanelHtml } from './html.ts';

/** What the page may do: run its own scripts, read its own folder, and nothing else. */
export function pageOptions(extensionUri: Uri): WebviewOptions {
  return {
    enableScripts: true,
    enableForms: false,
    enableCommandUris: false,
    localResourceRoots: [folderOf(extensionUri)],
  };
}

/** Puts the page into the webview, with what it shows at first where that is known. */
export function setPage(webview: Webview, extensionUri: Uri, title: string, ready?: ReadyResult): void {
  const uriOf = (name: string) => webview.asWebviewUri(Uri.joinPath(folderOf(extensionUri), name)).toString();
  webview.html = connectionPanelHtml({
    scriptUri: uriOf('connectionPanel.js'),
    styleUri: uriOf('styles.css'),
    iconFontUri: uriOf('codicon.ttf'),
    cspSource: webview.cspSource,
    nonce: randomBytes(16).toString('base64url'),
    language: env.language,
    title,
    texts: {
      loading: l10n.t('Loading the connection…'),
      unavailable: l10n.t('OpenEMR Workbench did not answer. It may still be starting.'),
      retry: l10n.t('Try again'),
    },
    ready,
  });
}

function folderOf(extensionUri: Uri): Uri {
  return Uri.joinPath(extensionUri, 'dist', 'webview');
}
