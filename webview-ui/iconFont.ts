import { afterPaint } from './afterPaint.ts';

/**
 * Declares the font of the icons once there is something to see. VS Code shows a page when it has loaded, and a font
 * that is asked for before is waited for; the icons' room is the same without it.
 */
export async function declareIconFont(address: string): Promise<void> {
  await afterPaint();
  document.fonts.add(new FontFace('codicon', `url("${address}")`, { display: 'block' }));
}
