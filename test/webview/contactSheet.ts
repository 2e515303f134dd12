import { readFile, writeFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { nameOf, type Look } from './matrix.ts';

const folder = 'test-results/webview';

/** All pictures of a run on one page for people to look at, and as one picture a theme. */
export async function writeContactSheet(looks: readonly Look[], page: Page): Promise<void> {
  await writeFile(
    `${folder}/contact-sheet.html`,
    sheet(looks, (name) => `${name}.png`),
  );
  // The panel's own content security policy would keep every picture away.
  await page.goto('about:blank');
  await page.setViewportSize({ width: 1600, height: 900 });
  for (const theme of new Set(looks.map((look) => look.theme))) {
    const shown = looks.filter((look) => look.theme === theme);
    const pictures = new Map<string, string>();
    for (const look of shown) {
      const bytes = await readFile(`${folder}/${nameOf(look)}.png`);
      pictures.set(nameOf(look), `data:image/png;base64,${bytes.toString('base64')}`);
    }
    await page.setContent(sheet(shown, (name) => pictures.get(name) ?? ''));
    await page.screenshot({ path: `${folder}/contact-sheet-${theme}.png`, fullPage: true });
  }
}

function sheet(looks: readonly Look[], addressOf: (name: string) => string): string {
  const figures = looks.map((look) => {
    const name = nameOf(look);
    return `<figure><img src="${addressOf(name)}" alt=""><figcaption>${name}</figcaption></figure>`;
  });
  return `<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>Connection panel</title>
<style>
body { margin: 8px; background: #888; font: 12px sans-serif; columns: 3; }
figure { margin: 0 0 12px; break-inside: avoid; background: #fff; padding: 4px; }
img { display: block; max-width: 100%; }
</style>
${figures.join('\n')}
</html>`;
}
