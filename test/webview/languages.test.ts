import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { violations } from './accessibility.ts';
import { english, pseudo, spanish, speak } from './languages.ts';
import { PanelPages, type OpenPanel } from './panelPage.ts';
import { openScene, scenes, sectionScenes } from './scenes.ts';
import { themeNames } from './themes.ts';

const everyScene = [...scenes, ...sectionScenes];
const widths = [1000, 320];

describe('connection panel: languages', function () {
  this.timeout(240_000);
  let pages: PanelPages;

  before(async () => {
    await mkdir('test-results/webview/es', { recursive: true });
    pages = await PanelPages.launch();
  });
  afterEach(async () => {
    speak(english);
    await pages.closePages();
  });
  after(() => pages.close());

  it('has room for Spanish in every section, and stays accessible', async () => {
    speak(spanish);
    const found: string[] = [];
    for (const [index, scene] of sectionScenes.entries()) {
      const panel = await openScene(pages, scene, themeNames[index % themeNames.length] ?? 'dark');
      for (const width of widths) {
        await panel.page.setViewportSize({ width, height: 860 });
        await panel.screenshot(`es/${scene.name}-${width}`);
        const excess = await panel.page.evaluate(`document.documentElement.scrollWidth - window.innerWidth`);
        if (Number(excess) > 0) found.push(`${scene.name} at ${width}: ${String(excess)} px too wide`);
      }
      found.push(...(await violations(panel)).map((violation) => `${scene.name}: ${violation}`));
      found.push(...panel.complaints, ...panel.host.invalid.map(String));
      await pages.closePages();
    }
    assert.deepEqual(found, []);
  });

  it('shows no text that did not go through translation', async () => {
    speak(pseudo);
    const found: string[] = [];
    for (const scene of everyScene) {
      const panel = await openScene(pages, scene, 'dark');
      found.push(...(await hardCodedTexts(panel)).map((text) => `${scene.name}: ${text}`));
      await pages.closePages();
    }
    assert.deepEqual(found, [], 'Give these texts a key in panelStrings.ts.');
  });

  it('would notice a text that did not go through translation', async () => {
    speak(pseudo);
    const [scene] = scenes;
    assert.ok(scene);
    const panel = await openScene(pages, scene, 'dark');
    await panel.page.evaluate(`document.querySelector('h2').append(' Forgotten')`);
    await panel.page.evaluate(`document.querySelector('main').setAttribute('aria-label', 'Forgotten too')`);
    assert.deepEqual(await hardCodedTexts(panel), ['Forgotten too', 'Forgotten']);
  });
});

/** Visible texts and accessible names with words that are neither translated nor part of the data sent. */
async function hardCodedTexts(panel: OpenPanel): Promise<string[]> {
  const data = new Set(panel.host.sent.flatMap((message) => [...wordsOf(dataOf(message).join(' '))]));
  // The name, and the example of an address in the form.
  for (const word of wordsOf('OpenEMR https://emr.example.org/openemr')) data.add(word);
  const shown = await panel.page.evaluate<string[]>(`(${shownTexts.toString()})(document.body)`);
  const hardCoded = shown.filter((text) =>
    [...wordsOf(withoutTranslations(text))].some((word) => !data.has(word)),
  );
  return [...new Set(hardCoded)];
}

function wordsOf(text: string): Set<string> {
  return new Set(text.match(/\p{L}{3,}/gu));
}

/** Takes translated texts out, from the innermost: a text can be put into another. */
function withoutTranslations(text: string): string {
  const shorter = text.replace(/⟦[^⟦⟧]*⟧/g, ' ');
  return shorter === text ? text : withoutTranslations(shorter);
}

function dataOf(value: unknown): string[] {
  if (typeof value === 'string') return value.includes('⟦') ? [] : [value];
  return typeof value === 'object' && value !== null ? Object.values(value).flatMap(dataOf) : [];
}

interface PageNode {
  readonly nodeType: number;
  readonly data?: string;
  readonly localName?: string;
  readonly childNodes: readonly PageNode[];
  readonly shadowRoot?: PageNode | null;
  getAttribute(name: string): string | null;
}

/** Runs in the page: texts, and what stands in attributes that are seen or read aloud. */
function shownTexts(root: PageNode): string[] {
  const attributes = [
    'aria-label',
    'aria-description',
    'aria-valuetext',
    'title',
    'placeholder',
    'alt',
    'label',
  ];
  const collect = (node: PageNode): (string | null)[] => {
    if (node.nodeType === 3) return [node.data ?? null];
    if (node.nodeType !== 1 && node.nodeType !== 11) return [];
    if (node.localName === 'script' || node.localName === 'style') return [];
    const named = node.nodeType === 1 ? attributes.map((name) => node.getAttribute(name)) : [];
    const shadow = node.shadowRoot ? collect(node.shadowRoot) : [];
    return [...named, ...shadow, ...[...node.childNodes].flatMap(collect)];
  };
  return collect(root)
    .map((text) => text?.trim() ?? '')
    .filter((text) => text !== '');
}
