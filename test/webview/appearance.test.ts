import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { violations } from './accessibility.ts';
import { writeContactSheet } from './contactSheet.ts';
import { english, speak } from './languages.ts';
import { everyLook, nameOf, pairwiseLooks, widths, type Look } from './matrix.ts';
import { PanelPages } from './panelPage.ts';
import { openScene, scenes } from './scenes.ts';
import { themeNames } from './themes.ts';

const isFull = process.env['OPENEMR_WORKBENCH_FULL_MATRIX'] === '1';
const looks = isFull ? everyLook(scenes) : pairwiseLooks(scenes);
/** The width that WCAG's reflow asks for. */
const narrowest = 320;

describe('connection panel: appearance and accessibility', function () {
  // A look takes a second on a free machine.
  this.timeout(Math.max(600_000, looks.length * 3000));
  let pages: PanelPages;
  /** What assistive technology reads, by state and language: no theme and no width may change it. */
  const read = new Map<string, { readonly look: string; readonly tree: string }>();

  before(async () => {
    await mkdir('test-results/webview', { recursive: true });
    pages = await PanelPages.launch();
  });
  afterEach(async () => {
    speak(english);
    await pages.closePages();
  });
  after(() => pages.close());

  it(`is looked at in every pair of state, theme, language and width: ${looks.length} looks`, () => {
    const pairs = (from: readonly Look[]) => {
      const found = new Set<string>();
      for (const { scene, theme, language, width } of from) {
        const parts = [scene.name, theme, language.code, width];
        parts.forEach((one, index) =>
          parts.slice(index + 1).forEach((other) => found.add(`${one} ${other}`)),
        );
      }
      return found;
    };
    assert.deepEqual([...pairs(looks)].sort(), [...pairs(everyLook(scenes))].sort());
  });

  for (const theme of themeNames) {
    it(`has no barrier, no sideways scrolling and one meaning in any state: ${theme}`, async () => {
      const found: string[] = [];
      for (const look of looks.filter((candidate) => candidate.theme === theme)) {
        const barriers = await inspect(look);
        found.push(...barriers.map((barrier) => `${nameOf(look)}: ${barrier}`));
      }
      assert.deepEqual(found, []);
    });
  }

  it('is all on a contact sheet', async () => {
    const { page } = await pages.open();
    await writeContactSheet(looks, page);
  });

  it('moves nothing where somebody asked for less motion', async () => {
    const running = scenes.find(({ name }) => name === 'test-running');
    assert.ok(running);
    const { page } = await openScene(pages, running, 'dark');
    const moving = () =>
      page.evaluate<number>(
        `document.getAnimations({ subtree: true }).filter((animation) =>
          animation.playState === 'running' && animation.effect.getComputedTiming().duration > 1).length`,
      );
    assert.ok((await moving()) > 0, 'nothing moves at all: nothing was looked at');
    await page.emulateMedia({ reducedMotion: 'reduce' });
    await page.waitForTimeout(200);
    assert.equal(await moving(), 0);
  });

  async function inspect(look: Look): Promise<string[]> {
    speak(look.language);
    const panel = await openScene(pages, look.scene, look.theme);
    const { page } = panel;
    await page.setViewportSize({ width: widths[look.width], height: 860 });
    await panel.screenshot(nameOf(look));
    // At a height at which nothing is half covered by what sticks to the window.
    await page.setViewportSize({ width: widths[look.width], height: 4000 });
    const found = await violations(panel);
    found.push(...differences(look, await page.locator('body').ariaSnapshot()));
    for (const width of [widths[look.width], narrowest]) {
      await page.setViewportSize({ width, height: 700 });
      const excess = Number(await page.evaluate(`document.documentElement.scrollWidth - window.innerWidth`));
      if (excess > 0) found.push(`at ${width} px wider than its window by ${excess} px`);
    }
    found.push(...panel.complaints, ...panel.host.invalid.map(String));
    await pages.closePages();
    return found;
  }

  function differences(look: Look, snapshot: string): string[] {
    const key = `${look.scene.name} ${look.language.code}`;
    // The clock goes on between two looks.
    const tree = snapshot.replace(/\d+/g, '0');
    const known = read.get(key);
    if (!known) read.set(key, { look: nameOf(look), tree });
    if (!known || known.tree === tree) return [];
    const lines = known.tree.split('\n');
    const line = tree.split('\n').find((candidate, index) => candidate !== lines[index]);
    return [`is read differently from ${known.look}: ${line ?? 'a line is missing'}`];
  }
});
