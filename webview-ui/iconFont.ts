/**
 * Declares the font of the icons once the page has loaded. VS Code shows a page only then, and a font that is asked
 * for earlier is waited for; the icons' room is the same without it.
 */
export function declareIconFont(address: string): void {
  const declare = () =>
    document.fonts.add(new FontFace('codicon', `url("${address}")`, { display: 'block' }));
  if (document.readyState === 'complete') declare();
  else window.addEventListener('load', declare, { once: true });
}
