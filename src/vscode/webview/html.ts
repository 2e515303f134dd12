/** What the page's HTML is made of. Addresses are those of the webview's own resource root. */
export interface PageResources {
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly iconsUri: string;
  /** The webview's `cspSource`. */
  readonly cspSource: string;
  readonly nonce: string;
  readonly language: string;
  readonly title: string;
  /** Needed before the first message brings the others. */
  readonly texts: { readonly loading: string; readonly unavailable: string; readonly retry: string };
}

/**
 * The page around `<connection-panel>`: nothing inline, nothing from elsewhere. Split chunks are imported by the
 * script and not by a tag, so that the resource root stands beside the nonce.
 */
export function connectionPanelHtml(resources: PageResources): string {
  const { scriptUri, styleUri, iconsUri, cspSource, nonce, language, title, texts } = resources;
  const policy = [
    `default-src 'none'`,
    `img-src ${cspSource}`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}' ${cspSource}`,
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <link rel="stylesheet" href="${escapeHtml(iconsUri)}" id="vscode-codicon-stylesheet" />
    <link rel="stylesheet" href="${escapeHtml(styleUri)}" />
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    <connection-panel
      data-loading="${escapeHtml(texts.loading)}"
      data-unavailable="${escapeHtml(texts.unavailable)}"
      data-retry="${escapeHtml(texts.retry)}"
    ></connection-panel>
    <script type="module" nonce="${escapeHtml(nonce)}" src="${escapeHtml(scriptUri)}"></script>
  </body>
</html>`;
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
