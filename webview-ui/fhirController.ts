import { html, type TemplateResult } from 'lit';
import type { FhirAsk, FhirPart, FhirSection, FhirView } from '../src/protocol/fhirViews.ts';
import type { PageState } from './pageState.ts';

export type FhirViews = { [P in FhirPart]?: Extract<FhirView, { part: P }> };
type RenderSection = typeof import('./views/fhirSections.ts').renderFhirSection;

export interface FhirControllerPort {
  readonly onChange: () => void;
  /** Asks the host, and shows how it ended. */
  readonly ask: (ask: FhirAsk) => Promise<void>;
  /** Goes to the form's permissions. */
  readonly choosePermissions: () => void;
}

/** The FHIR sections' part of the page: what the host sent, and the code that shows it, loaded with the first. */
export class FhirController {
  readonly #port: FhirControllerPort;
  readonly #opened = new Set<FhirSection>();
  #views: FhirViews = {};
  #isLoading = false;
  #render: RenderSection | undefined;
  /** Of the permissions' table. */
  scopeFilter = '';
  isEveryScopeShown = false;

  constructor(port: FhirControllerPort) {
    this.#port = port;
  }

  get views(): FhirViews {
    return this.#views;
  }

  section(state: PageState, section: FhirSection): TemplateResult {
    this.#load();
    if (!this.#opened.has(section)) {
      this.#opened.add(section);
      void this.ask({ kind: 'open', section });
    }
    if (this.#render && this.#views.strings)
      return this.#render(section, state, this, this.#views.strings.strings);
    return html`<div class="opening" aria-busy="true"></div>`;
  }

  async ask(ask: FhirAsk): Promise<void> {
    await this.#port.ask(ask);
  }

  choosePermissions(): void {
    this.#port.choosePermissions();
  }

  onView(view: FhirView): void {
    this.#views = { ...this.#views, [view.part]: view };
    this.#port.onChange();
  }

  /** Changes what this page alone remembers. */
  filterScopes(change: { readonly filter?: string; readonly showAll?: boolean }): void {
    this.scopeFilter = change.filter ?? this.scopeFilter;
    this.isEveryScopeShown = change.showAll ?? this.isEveryScopeShown;
    this.#port.onChange();
  }

  #load(): void {
    if (this.#isLoading) return;
    this.#isLoading = true;
    void import('./views/fhirSections.ts').then(({ renderFhirSection }) => {
      this.#render = renderFhirSection;
      this.#port.onChange();
    });
  }
}
