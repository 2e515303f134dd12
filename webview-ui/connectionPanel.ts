import '@vscode-elements/elements/dist/vscode-badge/index.js';
import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, LitElement, nothing, type TemplateResult } from 'lit';
import type { FhirSection } from '../src/protocol/fhirViews.ts';
import type { PanelSection } from '../src/protocol/panelState.ts';
import type { PresentedError } from '../src/protocol/viewModels.ts';
import type { PanelStringKey } from '../src/protocol/panelStrings.ts';
import { declareIconFont } from './iconFont.ts';
import { PanelController } from './panelController.ts';
import { PrimaryFocus } from './primaryFocus.ts';
import { timeLeft } from './panelModel.ts';
import type { PageState } from './pageState.ts';
import { auditSection } from './views/auditSection.ts';
import { codicon } from './views/button.ts';
import { connectionSection } from './views/connectionSection.ts';
import { doctorSection, transcriptSection } from './views/doctorSections.ts';
import { renderFhirSection } from './views/fhirSections.ts';
import { header } from './views/header.ts';
import { banners } from './views/messages.ts';
import { statusSection } from './views/statusSection.ts';
import { testResults } from './views/testResults.ts';

const sections = [
  ['connection', 'sectionConnection', 'plug'],
  ['status', 'sectionStatus', 'pulse'],
  ['testResults', 'sectionTestResults', 'checklist'],
  ['scopes', 'sectionScopes', 'key'],
  ['token', 'sectionToken', 'lock'],
  ['explorer', 'sectionExplorer', 'table'],
  ['doctor', 'sectionDoctor', 'heart'],
  ['transcript', 'sectionTranscript', 'list-ordered'],
  ['audit', 'sectionAudit', 'law'],
] as const satisfies readonly (readonly [PanelSection, PanelStringKey, string])[];

/** The connection panel. In the light DOM: labels, descriptions and the page's style sheet simply work. */
class ConnectionPanel extends LitElement {
  readonly #controller = new PanelController(() => this.requestUpdate());
  readonly #primaryFocus = new PrimaryFocus(this);
  #clockTimer = 0;
  #seenError: PresentedError | undefined;

  protected override createRenderRoot(): HTMLElement {
    return this;
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void declareIconFont(this.dataset['iconFont'] ?? '');
    window.addEventListener('focus', () => {
      this.#primaryFocus.onWindowFocus();
      void this.#controller.onWindowFocus();
    });
    void this.#controller.open();
  }

  protected override render(): TemplateResult {
    const { state } = this.#controller;
    return state ? this.#page(state) : this.#opening();
  }

  /** Texts come with the first answer; until then the host's HTML brings the few that are needed. */
  #opening(): TemplateResult {
    const error = this.#controller.openingError;
    const { loading, unavailable, retry } = this.dataset;
    // The host names the document after the connection.
    const heading = html`<h1>${document.title}</h1>`;
    if (!error)
      return html`<main class="opening">
        ${heading}
        <p role="status">${loading}</p>
      </main>`;
    return html`<main class="opening">
      ${heading}
      <div class="message error" role="alert">
        ${codicon('error')}
        <div>
          ${
            error === 'no-answer'
              ? html`<p>${unavailable}</p>`
              : html`<p class="happened">${error.happened}</p>
                  <p>${error.why}</p>
                  <p>${error.remedy}</p>`
          }
          <div class="actions">
            <button type="button" class="button primary" @click=${() => void this.#controller.open()}>
              ${retry}
            </button>
          </div>
        </div>
      </div>
    </main>`;
  }

  #page(state: PageState): TemplateResult {
    const now = Date.now();
    this.#tickAfter(state, now);
    return html`${header(state, this.#controller, now)} ${banners(state, this.#controller)}
      <div class="body">
        ${this.#tabs(state)}
        <main>
          <div role="tabpanel" id="panel" aria-labelledby="tab-${state.section}">
            ${this.#section(state, now)}
          </div>
        </main>
      </div>`;
  }

  #section(state: PageState, now: number): TemplateResult {
    switch (state.section) {
      case 'connection':
        return connectionSection(state, this.#controller);
      case 'status':
        return statusSection(state, this.#controller, now);
      case 'testResults':
        return testResults(state, this.#controller);
      case 'scopes':
      case 'token':
      case 'explorer':
        return this.#fhirSection(state, state.section);
      case 'doctor':
      case 'transcript':
        return this.#doctorSection(state);
      case 'audit':
        return auditSection(state, this.#controller.audit);
    }
  }

  #fhirSection(state: PageState, section: FhirSection): TemplateResult {
    const { fhir } = this.#controller;
    fhir.open(section);
    const texts = fhir.views.strings?.strings;
    return texts ? renderFhirSection(section, state, fhir, texts) : this.#loading();
  }

  #doctorSection(state: PageState): TemplateResult {
    const controller = this.#controller;
    controller.doctor.open();
    return (state.section === 'doctor' ? doctorSection : transcriptSection)(state, controller);
  }

  #loading(): TemplateResult {
    return html`<p class="help" role="status" aria-busy="true">${this.dataset['loading']}</p>`;
  }

  #tabs({ section, strings }: PageState): TemplateResult {
    return html`<div role="tablist" aria-label=${strings.sections} @keydown=${this.#onTabKey}>
      ${sections.map(
        ([name, text, icon]) =>
          html`<button
            type="button"
            role="tab"
            id="tab-${name}"
            aria-selected=${String(name === section)}
            aria-controls=${name === section ? 'panel' : nothing}
            tabindex=${name === section ? 0 : -1}
            @click=${() => this.#controller.select(name)}
          >
            ${codicon(icon)}${strings[text]}
          </button>`,
      )}
    </div>`;
  }

  readonly #onTabKey = (event: KeyboardEvent): void => {
    const { state } = this.#controller;
    if (!state) return;
    const at = sections.findIndex(([name]) => name === state.section);
    const targets: Partial<Record<string, number>> = {
      ArrowDown: at + 1,
      ArrowRight: at + 1,
      ArrowUp: at - 1,
      ArrowLeft: at - 1,
      Home: 0,
      End: sections.length - 1,
    };
    const target = targets[event.key];
    if (target === undefined) return;
    event.preventDefault();
    const next = sections[(target + sections.length) % sections.length];
    if (!next) return;
    this.#controller.select(next[0]);
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(`#tab-${next[0]}`)?.focus());
  };

  /** Draws again when the minutes left change, and not more often. */
  #tickAfter({ model, strings }: PageState, now: number): void {
    window.clearTimeout(this.#clockTimer);
    const left = model.session.expiresAt && timeLeft(model.session.expiresAt, now, strings);
    if (left) this.#clockTimer = window.setTimeout(() => this.requestUpdate(), left.changesInMs);
  }

  protected override willUpdate(): void {
    this.#primaryFocus.beforeUpdate();
  }

  /** A failure stands below the header: who had scrolled down the form would see nothing of it. */
  #bringFailureIntoView(): void {
    const error = this.#controller.state?.error;
    if (error && error !== this.#seenError) window.scrollTo({ top: 0 });
    this.#seenError = error;
  }

  protected override updated(): void {
    this.#primaryFocus.afterUpdate();
    this.#bringFailureIntoView();
    const focusTarget = this.#controller.takeFocusTarget();
    if (!focusTarget) return;
    if (focusTarget === 'next') {
      this.#primaryFocus.focus();
      return;
    }
    const target = this.querySelector<HTMLElement>(`#${focusTarget}`);
    target?.focus({ preventScroll: true });
    // What stands in the footer is in view already: it sticks to the window.
    if (!target?.closest('footer')) target?.scrollIntoView({ block: 'nearest' });
  }
}

customElements.define('connection-panel', ConnectionPanel);
