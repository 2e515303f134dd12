import { html, nothing, type TemplateResult } from 'lit';
import type { FhirStrings } from '../../src/protocol/fhirStrings.ts';
import type { FhirSection } from '../../src/protocol/fhirViews.ts';
import type { FhirController } from '../fhirController.ts';
import type { PageState } from '../pageState.ts';
import { explorer } from './explorer.ts';
import { matrix } from './matrix.ts';
import { scopes } from './scopes.ts';
import { timing } from './timing.ts';
import { token } from './token.ts';
import { plainButton } from './button.ts';
import type { FhirContext } from './fhirContext.ts';

/** One FHIR section; only what the host has sent so far. */
export function renderFhirSection(
  section: FhirSection,
  state: PageState,
  controller: FhirController,
  strings: FhirStrings,
): TemplateResult {
  const context: FhirContext = { state, controller, strings };
  const { views } = controller;
  switch (section) {
    case 'scopes':
      return html`${views.scopes ? scopes(context, views.scopes) : loading(context)}
      ${views.matrix ? matrix(context, views.matrix) : nothing}
      ${views.timing ? timing(context, views.timing) : nothing} ${exportButtons(context)}`;
    case 'token':
      return views.token ? token(context, views.token) : loading(context);
    case 'explorer':
      return views.explorer ? explorer(context, views.explorer) : loading(context);
  }
}

function loading({ strings }: FhirContext): TemplateResult {
  return html`<p class="empty" role="status">${strings.loading}</p>`;
}

function exportButtons({ strings, controller }: FhirContext): TemplateResult {
  const button = (label: string, format: 'markdown' | 'json' | 'junit') =>
    plainButton({ label, onClick: () => controller.ask({ kind: 'exportReport', format }) });
  return html`<div class="actions report" role="group" aria-label=${strings.exportTitle}>
    ${button(strings.exportMarkdown, 'markdown')} ${button(strings.exportJson, 'json')}
    ${button(strings.exportJunit, 'junit')}
  </div>`;
}
