import { html, nothing, type TemplateResult } from 'lit';
import { live } from 'lit/directives/live.js';
import type { PanelStringKey } from '../../src/protocol/panelStrings.ts';
import type { DraftField } from '../../src/protocol/viewModels.ts';
import { problemsOf, type PageState } from '../pageState.ts';
import { codicon } from './button.ts';

interface FieldOptions {
  readonly field: DraftField &
    ('name' | 'baseUrl' | 'site' | 'clientId' | 'clientSecret' | 'clientType' | 'callback');
  readonly help: string;
}

export interface TextFieldOptions extends FieldOptions {
  readonly value: string;
  readonly onInput: (value: string) => void;
  readonly onEnter?: () => unknown;
  readonly onPaste?: () => void;
  readonly inputType?: 'text' | 'url' | 'password';
  readonly placeholder?: string;
  readonly isDisabled?: boolean;
  /** Stands to the right of the input. */
  readonly beside?: TemplateResult;
}

export interface SelectOptions<T extends string> extends FieldOptions {
  readonly value: T;
  readonly options: readonly (readonly [value: T, label: string])[];
  readonly onChange: (value: T) => void;
  /** What the chosen option means. */
  readonly consequence: string;
}

export function textField(state: PageState, options: TextFieldOptions): TemplateResult {
  const { field, value, onInput, inputType = 'text', placeholder, isDisabled = false, beside } = options;
  return frame(
    state,
    options,
    html`<div class="input-row">
      <input
        id=${field}
        type=${inputType === 'url' ? 'text' : inputType}
        inputmode=${inputType === 'url' ? 'url' : nothing}
        autocomplete=${inputType === 'password' ? 'new-password' : 'off'}
        autocapitalize="off"
        spellcheck="false"
        placeholder=${placeholder ?? nothing}
        ?disabled=${isDisabled}
        aria-describedby=${describedBy(field)}
        aria-invalid=${hasError(state, field) ? 'true' : nothing}
        .value=${live(value)}
        @keydown=${(event: KeyboardEvent) => {
          if (event.key === 'Enter') options.onEnter?.();
        }}
        @paste=${() => options.onPaste?.()}
        @input=${(event: InputEvent) => onInput((event.target as HTMLInputElement).value)}
      />
      ${beside ?? nothing}
    </div>`,
  );
}

export function selectField<T extends string>(state: PageState, options: SelectOptions<T>): TemplateResult {
  const { field, value, onChange, consequence } = options;
  return frame(
    state,
    options,
    html`<div class="select-wrap">
        <select
          id=${field}
          aria-describedby="${describedBy(field)} ${field}-consequence"
          aria-invalid=${hasError(state, field) ? 'true' : nothing}
          .value=${live(value)}
          @change=${(event: Event) => onChange((event.target as HTMLSelectElement).value as T)}
        >
          ${options.options.map(
            ([option, label]) =>
              html`<option value=${option} ?selected=${option === value}>${label}</option>`,
          )}
        </select>
        ${codicon('chevron-down')}
      </div>
      <p id="${field}-consequence" class="consequence">${consequence}</p>`,
  );
}

function frame(state: PageState, { field, help }: FieldOptions, control: TemplateResult): TemplateResult {
  return html`<div class="field">
    <label for=${field}>${state.strings[field]}</label>
    <p id="${field}-help" class="help">${help}</p>
    ${control} ${problems(state, field)} ${whereToFind(state, field)}
  </div>`;
}

const whereTexts: Partial<Record<DraftField, PanelStringKey>> = {
  baseUrl: 'baseUrlWhere',
  site: 'siteWhere',
  clientType: 'clientTypeWhere',
  scopes: 'scopesWhere',
  clientId: 'clientIdWhere',
  clientSecret: 'clientSecretWhere',
  callback: 'callbackWhere',
};

/** How one gets at the value; nothing where it is up to the person. */
export function whereToFind({ strings }: PageState, field: DraftField): TemplateResult | typeof nothing {
  const text = whereTexts[field];
  if (!text) return nothing;
  return html`<details class="where">
    <summary>${strings.where}<span class="visually-hidden"> (${strings[field]})</span></summary>
    <p class="help">${strings[text]}</p>
  </details>`;
}

/** Always there, so that a description never points at nothing. */
export function problems(state: PageState, field: DraftField): TemplateResult {
  return html`<div id="${field}-problems" class="problems">
    ${problemsOf(state, field).map(
      ({ severity, message }) =>
        html`<p class=${severity}>${severity === 'error' ? codicon('error') : codicon('info')}${message}</p>`,
    )}
  </div>`;
}

function describedBy(field: string): string {
  return `${field}-help ${field}-problems`;
}

export function hasError(state: PageState, field: DraftField): boolean {
  return problemsOf(state, field).some(({ severity }) => severity === 'error');
}
