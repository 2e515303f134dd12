import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ScopeChoice } from '../../src/protocol/viewModels.ts';
import type { PanelController } from '../panelController.ts';
import { fill, joinChoices, offeredScopes } from '../panelModel.ts';
import type { PageState } from '../pageState.ts';
import { codicon } from './button.ts';
import { problems, whereToFind } from './fields.ts';

const filterFromCount = 16;

/** The permissions as a group of checkboxes, each named by its scope. */
export function scopeList(state: PageState, controller: PanelController): TemplateResult {
  const { strings, draft, scopeFilter } = state;
  const choices = joinChoices(state.model.scopeChoices, state.discovery?.scopeChoices ?? []);
  const { offered, hiddenCount } = offeredScopes(choices, draft);
  const wanted = scopeFilter.trim().toLowerCase();
  const shown = offered.filter(
    ({ scope, explanation }) =>
      scope.toLowerCase().includes(wanted) || explanation.toLowerCase().includes(wanted),
  );
  return html`<fieldset
    class="field"
    id="scopes"
    tabindex="-1"
    aria-describedby="scopes-help scopes-problems"
  >
    <legend>${strings.scopes}</legend>
    <p id="scopes-help" class="help">${strings.scopesHelp}</p>
    ${offered.length >= filterFromCount ? filterBox(state, controller) : nothing}
    <div class="scope-list">
      ${repeat(
        shown,
        ({ scope }) => scope,
        (choice) => checkbox(state, controller, choice),
      )}
      ${shown.length === 0 ? html`<p class="help">${fill(strings.noSuchPermission, scopeFilter)}</p>` : nothing}
    </div>
    <p class="help">
      ${fill(strings.scopesChosen, draft.scopes.length, offered.length)}
      ${hiddenCount > 0 ? html`<br />${fill(hiddenCount === 1 ? strings.scopesHiddenOne : strings.scopesHidden, hiddenCount)}` : nothing}
    </p>
    ${problems(state, 'scopes')} ${whereToFind(state, 'scopes')}
  </fieldset>`;
}

function filterBox(state: PageState, controller: PanelController): TemplateResult {
  return html`<div class="filter">
    ${codicon('search')}
    <input
      type="text"
      autocomplete="off"
      spellcheck="false"
      aria-label=${state.strings.findPermission}
      placeholder=${state.strings.findPermission}
      .value=${live(state.scopeFilter)}
      @input=${(event: InputEvent) =>
        controller.update({ scopeFilter: (event.target as HTMLInputElement).value })}
    />
  </div>`;
}

function checkbox(
  { draft, strings }: PageState,
  controller: PanelController,
  { scope, explanation, allowedFor }: ScopeChoice,
): TemplateResult {
  const help = allowedFor.includes(draft.clientType) ? explanation : strings.scopeNotAllowed;
  const helpId = `scope-help-${scope}`;
  return html`<div class="scope">
    <label>
      <input
        type="checkbox"
        value=${scope}
        aria-describedby=${help ? helpId : nothing}
        .checked=${live(draft.scopes.includes(scope))}
        @change=${(event: Event) => controller.form.tick(scope, (event.target as HTMLInputElement).checked)}
      />
      <code>${scope}</code>
    </label>
    ${help ? html`<span id=${helpId} class="help">${help}</span>` : nothing}
  </div>`;
}
