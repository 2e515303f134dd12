import type { ReadyResult } from '../../protocol/panelMessages.ts';

/** What the page's HTML is made of. Addresses are those of the webview's own resource root. */
export interface PageResources {
  readonly scriptUri: string;
  readonly styleUri: string;
  readonly iconFontUri: string;
  /** The webview's `cspSource`. */
  readonly cspSource: string;
  readonly nonce: string;
  readonly language: string;
  readonly title: string;
  /** Needed where the page has to ask for the others. */
  readonly texts: { readonly loading: string; readonly unavailable: string; readonly retry: string };
  /** What a page that opens for the first time shows without asking: messages arrive only once all has loaded. */
  readonly ready?: ReadyResult | undefined;
}

/** The page around `<connection-panel>`: no script and no style inline, nothing from elsewhere. */
export function connectionPanelHtml(resources: PageResources): string {
  const { scriptUri, styleUri, iconFontUri, cspSource, nonce, language, title, texts, ready } = resources;
  const policy = [
    `default-src 'none'`,
    `img-src ${cspSource}`,
    `style-src ${cspSource}`,
    `font-src ${cspSource}`,
    `script-src 'nonce-${nonce}'`,
    `form-action 'none'`,
    `base-uri 'none'`,
  ].join('; ');
  return `<!DOCTYPE html>
<html lang="${escapeHtml(language)}">
  <head>
    <meta charset="utf-8" />
    <meta http-equiv="Content-Security-Policy" content="${escapeHtml(policy)}" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <script type="module" nonce="${escapeHtml(nonce)}" src="${escapeHtml(scriptUri)}"></script>
    <link rel="stylesheet" href="${escapeHtml(styleUri)}" />
    <title>${escapeHtml(title)}</title>
  </head>
  <body>
    <connection-panel
      data-icon-font="${escapeHtml(iconFontUri)}"
      data-loading="${escapeHtml(texts.loading)}"
      data-unavailable="${escapeHtml(texts.unavailable)}"
      data-retry="${escapeHtml(texts.retry)}"
    ></connection-panel>
    ${ready ? `<script type="application/json" id="ready">${jsonForHtml(ready)}</script>` : ''}
  </body>
</html>`;
}

/** JSON in which nothing can end the element around it or begin another. */
function jsonForHtml(value: unknown): string {
  return JSON.stringify(value).replace(/</g, '\\u003c');
}

const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;' };

function escapeHtml(text: string): string {
  return text.replace(/[&<>"]/g, (character) => entities[character] ?? character);
}
