import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import { repeat } from 'lit/directives/repeat.js';
import type { ScopeRowView, ScopesView, StandingView } from '../../src/protocol/fhirViews.ts';
import { codicon, plainButton } from './button.ts';
import type { FhirContext } from './fhirContext.ts';

const standingIcons = { yes: 'pass', no: 'circle-slash', unknown: 'question' } as const;

/** Server, registration, connection and login beside each other, one permission a row. */
export function scopes(context: FhirContext, view: ScopesView): TemplateResult {
  const { strings, controller } = context;
  const wanted = controller.scopeFilter.trim().toLowerCase();
  const rows = view.rows
    .filter((row) => controller.isEveryScopeShown || isOfInterest(row))
    .filter(
      ({ scope, meaning }) => scope.toLowerCase().includes(wanted) || meaning.toLowerCase().includes(wanted),
    );
  return html`<section aria-label=${strings.scopesTitle}>
    <h2>${strings.scopesTitle}</h2>
    <p class="help">${strings.scopesHelp}</p>
    ${registrationNeeded(context, view)} ${missing(context, view)}
    ${view.notes.map((note) => html`<p class="iconed help">${codicon('info')}<span>${note}</span></p>`)}
    ${tools(context)}
    <table class="scopes" role="table">
      <caption class="visually-hidden">
        ${strings.scopesCaption}
      </caption>
      <thead role="rowgroup">
        <tr role="row">
          ${[
            strings.columnPermission,
            strings.columnCounterpart,
            strings.columnOffered,
            strings.columnRegistered,
            strings.columnAskedFor,
            strings.columnGranted,
            strings.columnMeans,
          ].map((head) => html`<th role="columnheader" scope="col">${head}</th>`)}
        </tr>
      </thead>
      <tbody role="rowgroup">
        ${repeat(
          rows,
          ({ scope }) => scope,
          (row) => scopeRow(context, row),
        )}
      </tbody>
    </table>
    ${rows.length === 0 ? html`<p class="empty">${strings.scopesNone}</p>` : nothing}
  </section>`;
}

function isOfInterest({ requested, granted, registered, problems }: ScopeRowView): boolean {
  return requested || granted === 'yes' || registered === 'yes' || problems.length > 0;
}

function registrationNeeded({ strings, controller }: FhirContext, view: ScopesView): unknown {
  if (!view.needsRegistration) return nothing;
  return html`<div class="message warning" role="note">
    ${codicon('warning')}
    <div>
      <h3>${strings.needsRegistrationTitle}</h3>
      <p>${view.needsRegistration}</p>
      <div class="actions">
        ${plainButton({ label: strings.choosePermissions, onClick: () => controller.choosePermissions() })}
      </div>
    </div>
  </div>`;
}

function missing({ strings }: FhirContext, view: ScopesView): unknown {
  if (view.missing.length === 0) return nothing;
  return html`<div class="message warning" role="note">
    ${codicon('warning')}
    <div>
      <h3>${strings.missingTitle}</h3>
      <ul class="plain">
        ${view.missing.map((sentence) => html`<li>${sentence}</li>`)}
      </ul>
    </div>
  </div>`;
}

function tools({ strings, controller }: FhirContext): TemplateResult {
  return html`<div class="tools">
    <div class="filter">
      ${codicon('search')}
      <input
        type="text"
        autocomplete="off"
        spellcheck="false"
        aria-label=${strings.scopesFilter}
        placeholder=${strings.scopesFilter}
        .value=${live(controller.scopeFilter)}
        @input=${(event: InputEvent) =>
          controller.filterScopes({ filter: (event.target as HTMLInputElement).value })}
      />
    </div>
    <label class="check">
      <input
        type="checkbox"
        .checked=${live(controller.isEveryScopeShown)}
        @change=${(event: Event) =>
          controller.filterScopes({ showAll: (event.target as HTMLInputElement).checked })}
      />
      ${strings.scopesShowAll}
    </label>
  </div>`;
}

function scopeRow(context: FhirContext, row: ScopeRowView): TemplateResult {
  const { scope, version, counterpart, supported, registered, requested, granted, meaning, problems } = row;
  return html`<tr role="row" data-scope=${scope} data-granted=${granted}>
    <th role="rowheader" scope="row">
      <code>${scope}</code>${version ? html` <span class="badge">${version}</span>` : nothing}
    </th>
    <td role="cell" class="other">${counterpart ? html`<code>${counterpart}</code>` : nothing}</td>
    <td role="cell" data-label=${context.strings.columnOffered}>${standing(context, supported)}</td>
    <td role="cell" data-label=${context.strings.columnRegistered}>${standing(context, registered)}</td>
    <td role="cell" data-label=${context.strings.columnAskedFor}>
      ${standing(context, requested ? 'yes' : 'no')}
    </td>
    <td role="cell" data-label=${context.strings.columnGranted}>${standing(context, granted)}</td>
    <td role="cell">
      ${meaning}
      ${problems.map((problem) => html`<p class="iconed problem">${codicon('warning')}<span>${problem}</span></p>`)}
    </td>
  </tr>`;
}

function standing({ strings }: FhirContext, value: StandingView): TemplateResult {
  const texts = { yes: strings.yes, no: strings.no, unknown: strings.notKnown };
  return html`<span class="standing ${value}">${codicon(standingIcons[value])}${texts[value]}</span>`;
}
