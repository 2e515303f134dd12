/** What the browser shows after it handed over the server's answer. */
export interface DonePageText {
  /** BCP 47. */
  readonly language: string;
  readonly title: string;
  readonly text: string;
}

/** A page without script, style or link, so that its Content-Security-Policy can refuse everything. */
export function renderDonePage({ language, title, text }: DonePageText): string {
  return `<!doctype html>
<html lang="${escape(language)}">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${escape(title)}</title>
</head>
<body>
<main>
<h1>${escape(title)}</h1>
<p>${escape(text)}</p>
</main>
</body>
</html>
`;
}

const entities = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  ["'", '&#39;'],
]);

function escape(text: string): string {
  return text.replace(/[&<>"']/g, (character) => entities.get(character) ?? '');
}
