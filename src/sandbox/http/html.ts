export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;');
}

const style = `
  body { font: 16px/1.5 system-ui, sans-serif; max-width: 46rem; margin: 2rem auto; padding: 0 1rem;
         color: #1b1b1b; background: #fff; }
  label { display: block; margin: .5rem 0; }
  input[type=text], input[type=email], input[type=password] { display: block; width: 20rem; max-width: 100%;
         padding: .4rem; font: inherit; border: 1px solid #767676; }
  button { font: inherit; padding: .4rem 1rem; margin: .25rem .5rem .25rem 0; }
  table { border-collapse: collapse; width: 100%; }
  th, td { text-align: left; padding: .4rem .6rem; border-bottom: 1px solid #c4c4c4; vertical-align: top; }
  .notice { border-left: 4px solid #b30000; padding-left: .75rem; }
  code { overflow-wrap: anywhere; }`;

/** A whole page; `content` is HTML, the title is text. */
export function htmlPage(title: string, content: string): string {
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>${escapeHtml(title)}</title>
<style>${style}
</style>
</head>
<body>
<main>
${content}
</main>
</body>
</html>
`;
}
