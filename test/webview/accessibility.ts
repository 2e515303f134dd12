import { AxeBuilder } from '@axe-core/playwright';
import type { OpenPanel } from './panelPage.ts';

/** What axe finds wrong, a line each. */
export async function violations({ page }: OpenPanel): Promise<string[]> {
  const { violations: found } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    // A webview is a part of VS Code's window, not a page whose every word needs a landmark.
    .disableRules(['region'])
    .analyze();
  return found.map(({ id, nodes }) => `${id}: ${nodes.map(({ html }) => html.slice(0, 160)).join(' | ')}`);
}
