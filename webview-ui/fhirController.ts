import type { FhirAsk, FhirPart, FhirSection, FhirView } from '../src/protocol/fhirViews.ts';

export type FhirViews = { [P in FhirPart]?: Extract<FhirView, { part: P }> };

export interface FhirControllerPort {
  readonly onChange: () => void;
  /** Asks the host, and shows how it ended. */
  readonly ask: (ask: FhirAsk) => Promise<void>;
  /** Goes to the form's permissions. */
  readonly choosePermissions: () => void;
}

/** The FHIR sections' part of the page: what the host sent, and what was asked of it. */
export class FhirController {
  readonly #port: FhirControllerPort;
  readonly #opened = new Set<FhirSection>();
  #views: FhirViews = {};
  /** Of the permissions' table. */
  scopeFilter = '';
  isEveryScopeShown = false;

  constructor(port: FhirControllerPort) {
    this.#port = port;
  }

  get views(): FhirViews {
    return this.#views;
  }

  /** Asks for what a section shows, when it shows for the first time. */
  open(section: FhirSection): void {
    if (this.#opened.has(section)) return;
    this.#opened.add(section);
    void this.ask({ kind: 'open', section });
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
}
