/**
 * Keeps the keyboard on the one button that leads on: where it had the focus and another button takes its place, the
 * focus goes along. A page that has not the focus itself waits until it does, and takes it from nobody.
 */
export class PrimaryFocus {
  readonly #page: HTMLElement;
  #hadFocus: Element | undefined;
  #isWaiting = false;

  constructor(page: HTMLElement) {
    this.#page = page;
  }

  /** Call before the page is drawn anew. */
  beforeUpdate(): void {
    const primary = this.#primary();
    this.#hadFocus = primary && document.activeElement === primary ? primary : undefined;
  }

  /** Call after the page was drawn. */
  afterUpdate(): void {
    const former = this.#hadFocus;
    this.#hadFocus = undefined;
    if (former && former !== this.#primary()) this.focus();
  }

  /** Focuses the button that leads on, as soon as the page may. */
  focus(): void {
    this.#isWaiting = !document.hasFocus();
    if (this.#isWaiting) return;
    const primary = this.#primary();
    primary?.focus({ preventScroll: true });
    if (!primary?.closest('footer')) primary?.scrollIntoView({ block: 'nearest' });
  }

  /** The page has the focus again. */
  onWindowFocus(): void {
    if (this.#isWaiting) this.focus();
  }

  #primary(): HTMLElement | undefined {
    return this.#page.querySelector<HTMLElement>('.button.primary') ?? undefined;
  }
}
