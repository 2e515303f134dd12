import assert from 'node:assert/strict';
import { mkdir } from 'node:fs/promises';
import { violations } from './accessibility.ts';
import { PanelPages } from './panelPage.ts';
import { openScene, scenes, type Scene } from './scenes.ts';
import type { ThemeName } from './themes.ts';

describe('connection panel: appearance and accessibility', function () {
  this.timeout(180_000);
  let pages: PanelPages;

  before(async () => {
    await mkdir('test-results/webview', { recursive: true });
    pages = await PanelPages.launch();
  });
  afterEach(() => pages.closePages());
  after(() => pages.close());

  for (const theme of ['dark', 'light', 'high-contrast'] as const) {
    it(`has no accessibility violation and no sideways scrolling in any state: ${theme}`, async () => {
      const found: string[] = [];
      for (const scene of scenes) {
        const barriers = await inspect(scene, theme);
        found.push(...barriers.map((barrier) => `${scene.name}: ${barrier}`));
      }
      assert.deepEqual(found, []);
    });
  }

  async function inspect(scene: Scene, theme: ThemeName): Promise<string[]> {
    const panel = await openScene(pages, scene, theme);
    await panel.screenshot(`${scene.name}-${theme}-wide`);
    const found = await violations(panel);
    for (const [name, width] of narrowWidths) {
      await panel.page.setViewportSize({ width, height: 700 });
      if (theme === 'dark') await panel.screenshot(`${scene.name}-${theme}-${name}`);
      const excess = await panel.page.evaluate(`document.documentElement.scrollWidth - window.innerWidth`);
      if (Number(excess) > 0) found.push(`at ${width} px wider than its window by ${String(excess)} px`);
    }
    if (theme === 'dark') found.push(...(await violations(panel)));
    found.push(...panel.complaints, ...panel.host.invalid.map(String));
    await pages.closePages();
    return found;
  }
});

/** What 200 % zoom leaves of a usual editor's width, and the width that WCAG's reflow asks for. */
const narrowWidths = [
  ['zoomed', 500],
  ['narrow', 320],
] as const;
