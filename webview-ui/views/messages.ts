import { html, nothing, type TemplateResult } from 'lit';
import type { PanelAction, PresentedError } from '../../src/protocol/viewModels.ts';
import type { PanelController } from '../panelController.ts';
import { buttonNames, fill } from '../panelModel.ts';
import type { PageState } from '../pageState.ts';
import { codicon, plainButton } from './button.ts';

/** Three sentences, a button, and the facts one click away. */
export function errorText(
  state: PageState,
  controller: PanelController,
  error: PresentedError,
  shownActions: readonly (string | undefined)[] = [],
): TemplateResult {
  const { action } = error;
  return html`<p class="happened">${error.happened}</p>
    <p>${error.why}</p>
    <p>${error.remedy}</p>
    ${action && !shownActions.includes(action.label) ? actionButton(state, controller, action) : nothing}
    ${details(state, [error.code, ...(error.details ?? [])])}`;
}

/** Nothing where the panel has a button of that name: two controls of one name would confuse. */
export function actionButton(
  state: PageState,
  controller: PanelController,
  action: PanelAction,
): TemplateResult | typeof nothing {
  if (buttonNames.some((name) => state.strings[name] === action.label)) return nothing;
  return html`<div class="actions">
    ${plainButton({ label: action.label, onClick: () => controller.runAction(action.id) })}
  </div>`;
}

export function details(
  state: PageState,
  lines: readonly string[] | undefined,
): TemplateResult | typeof nothing {
  if (!lines || lines.length === 0) return nothing;
  return html`<details>
    <summary>${state.strings.details}</summary>
    <ul class="facts">
      ${lines.map((line) => html`<li>${line}</li>`)}
    </ul>
  </details>`;
}

/** What went wrong last, and what is wrong with the connection as a whole. */
export function banners(state: PageState, controller: PanelController): TemplateResult {
  const { error, refusedScopes, strings } = state;
  const { notice } = state.model;
  return html`<div class="alerts">
    ${
      notice
        ? html`<div class="message warning" role="note">
            ${codicon('warning')}
            <div>${errorText(state, controller, notice, [error?.action?.label])}</div>
          </div>`
        : nothing
    }
    ${
      error
        ? html`<div class="message error" role="alert">
            ${codicon('error')}
            <div>
              ${errorText(state, controller, error)}
              ${refusedScopes.length > 0 ? refusedScopeButtons(state, controller) : nothing}
            </div>
            <button
              type="button"
              class="icon-button"
              aria-label=${strings.dismiss}
              title=${strings.dismiss}
              @click=${() => controller.update({ error: undefined, refusedScopes: [] })}
            >
              ${codicon('close')}
            </button>
          </div>`
        : nothing
    }
  </div>`;
}

function refusedScopeButtons(state: PageState, controller: PanelController): TemplateResult {
  return html`<div class="actions" role="group" aria-label=${state.strings.scopesRefusedTitle}>
    ${state.refusedScopes.map((scope) =>
      plainButton({
        label: fill(state.strings.leaveOut, scope),
        onClick: () => controller.form.leaveOut(scope),
      }),
    )}
  </div>`;
}
