import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { ExplorerRow, ExplorerView } from '../../src/protocol/fhirViews.ts';
import { fill } from '../panelModel.ts';
import { codicon, plainButton } from './button.ts';
import { busyReason, type FhirContext } from './fhirContext.ts';

type Result = NonNullable<ExplorerView['result']>;

const limits = [50, 200, 1000] as const;
const shortId = 8;

/** Types, a search form out of what the server knows, and the records, masked. */
export function explorer(context: FhirContext, view: ExplorerView): TemplateResult {
  const { strings } = context;
  return html`<section class="explorer" aria-label=${strings.explorerTitle}>
    <div class="section-title">
      <h2>${strings.explorerTitle}</h2>
      ${badge(context, view)}
    </div>
    <p class="help">${view.isSandbox ? strings.sandboxHelp : strings.explorerHelp}</p>
    ${typeChoice(context, view)} ${view.selected ? searchForm(context, view.selected) : nothing}
    ${view.result ? result(context, view, view.result) : nothing}
  </section>`;
}

function badge({ strings }: FhirContext, { isSandbox, isAllRevealed }: ExplorerView): TemplateResult {
  const [icon, text, name] = isSandbox
    ? ['beaker', strings.sandboxBadge, 'sandbox']
    : isAllRevealed
      ? ['eye', strings.revealedBadge, 'revealed']
      : ['eye-closed', strings.masked, 'masked'];
  return html`<p class="badge" data-masking=${name}>${codicon(icon)}${text}</p>`;
}

function typeChoice({ strings, controller }: FhirContext, view: ExplorerView): TemplateResult {
  const choose = (event: Event): void => {
    const type = (event.target as HTMLSelectElement).value;
    if (type) void controller.ask({ kind: 'selectType', type });
  };
  const selected = view.selected?.type ?? '';
  return html`<div class="field">
    <label for="resource-type">${strings.explorerTypes}</label>
    <div class="select-wrap">
      <select id="resource-type" @change=${choose}>
        <option value="" ?selected=${selected === ''}>${strings.explorerChoose}</option>
        ${view.types.map(
          ({ type, records, known }) =>
            html`<option value=${type} ?selected=${type === selected}>
              ${[type, ...(known ? [`(${known})`] : []), ...(records ? [`– ${records}`] : [])].join(' ')}
            </option>`,
        )}
      </select>
      ${codicon('chevron-down')}
    </div>
  </div>`;
}

function searchForm(context: FhirContext, selected: NonNullable<ExplorerView['selected']>): TemplateResult {
  const { strings, controller } = context;
  // Not a form's own submission, which webviews have switched off.
  const search = (event: Event): void => {
    const form = (event.target as HTMLElement).closest('.search');
    if (!form || busyReason(context)) return;
    const inputs = [...form.querySelectorAll<HTMLInputElement>('input[data-parameter]')];
    const values = inputs.map(({ dataset, value }) => ({ name: dataset['parameter'] ?? '', value }));
    const limit = Number(form.querySelector<HTMLSelectElement>('#result-limit')?.value ?? 0);
    void controller.ask({
      kind: 'search',
      type: selected.type,
      values: values.filter(({ value }) => value.trim() !== ''),
      ...(limit > 0 ? { limit } : {}),
    });
  };
  return html`<div
    class="search"
    role="search"
    @keydown=${(event: KeyboardEvent) => {
      if (event.key === 'Enter' && event.target instanceof HTMLInputElement) search(event);
    }}
  >
    <fieldset class="parameters">
      <legend>${fill(strings.explorerParameters, selected.type)}</legend>
      ${repeat(
        selected.parameters,
        ({ name }) => `${selected.type}.${name}`,
        ({ name, kind }) =>
          html`<div class="parameter">
            <label for="parameter-${name}">${name}</label>
            <input
              id="parameter-${name}"
              type="text"
              data-parameter=${name}
              placeholder=${kind}
              autocomplete="off"
              spellcheck="false"
            />
          </div>`,
      )}
    </fieldset>
    <div class="tools">
      <label for="result-limit">${strings.explorerLimit}</label>
      <div class="select-wrap narrow">
        <select id="result-limit">
          ${limits.map((limit) => html`<option value=${limit}>${limit}</option>`)}
          <option value="0">${strings.explorerEverything}</option>
        </select>
        ${codicon('chevron-down')}
      </div>
      <button
        type="button"
        class="button"
        aria-disabled=${busyReason(context) ? 'true' : nothing}
        @click=${search}
      >
        ${codicon('search')}${strings.search}
      </button>
    </div>
  </div>`;
}

function result(context: FhirContext, view: ExplorerView, found: Result): TemplateResult {
  const { strings, controller } = context;
  const canReveal = !view.isSandbox && !view.isAllRevealed;
  const isPartlyRevealed = view.isAllRevealed || found.rows.some(({ isMasked }) => !isMasked);
  return html`<div class="results" aria-busy=${found.isRunning ? 'true' : nothing} data-count=${found.count}>
    <div class="section-title">
      <p class="summary" role="status">${found.text}</p>
      <div class="actions">
        ${
          canReveal
            ? plainButton({
                label: strings.revealAll,
                icon: 'eye',
                onClick: () => controller.ask({ kind: 'revealAll' }),
              })
            : nothing
        }
        ${
          !view.isSandbox && isPartlyRevealed
            ? plainButton({
                label: strings.maskAll,
                icon: 'eye-closed',
                onClick: () => controller.ask({ kind: 'maskAll' }),
              })
            : nothing
        }
      </div>
    </div>
    ${found.rows.length > 0 ? table(context, found, canReveal) : html`<p class="empty">${found.isRunning ? '' : strings.explorerEmpty}</p>`}
    ${found.count > found.pageSize ? pager(context, found) : nothing}
  </div>`;
}

function table(context: FhirContext, found: Result, canReveal: boolean): TemplateResult {
  const { strings } = context;
  return html`<table class="records" role="table">
    <caption class="visually-hidden">
      ${strings.explorerCaption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        ${[
          strings.columnId,
          strings.columnWhat,
          strings.columnState,
          strings.columnAbout,
          strings.columnUpdated,
          strings.columnActions,
        ].map((head) => html`<th role="columnheader" scope="col">${head}</th>`)}
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        found.rows,
        ({ index }) => index,
        (row) => recordRow(context, found.type, row, canReveal),
      )}
    </tbody>
  </table>`;
}

function recordRow(
  { strings, controller }: FhirContext,
  type: string,
  row: ExplorerRow,
  canReveal: boolean,
): TemplateResult {
  const name = `${type} ${row.id.slice(0, shortId)}`;
  const action = (icon: string, label: string, onClick: () => unknown): TemplateResult =>
    html`<button type="button" class="icon-button" aria-label=${label} title=${label} @click=${onClick}>
      ${codicon(icon)}
    </button>`;
  return html`<tr role="row" data-index=${row.index} data-masked=${String(row.isMasked)}>
    <th role="rowheader" scope="row"><code title=${row.id}>${row.id.slice(0, shortId)}</code></th>
    <td role="cell">${row.what}</td>
    <td role="cell">${row.state}</td>
    <td role="cell">${row.about}</td>
    <td role="cell">${row.updated.slice(0, 10)}</td>
    <td role="cell" class="row-actions">
      ${
        row.id
          ? action('go-to-file', fill(strings.openRecord, name), () =>
              controller.ask({ kind: 'openResource', index: row.index }),
            )
          : nothing
      }
      ${
        row.id && canReveal
          ? row.isMasked
            ? action('eye', fill(strings.revealRecord, name), () =>
                controller.ask({ kind: 'reveal', index: row.index }),
              )
            : action('eye-closed', fill(strings.maskRecord, name), () =>
                controller.ask({ kind: 'mask', index: row.index }),
              )
          : nothing
      }
    </td>
  </tr>`;
}

function pager(context: FhirContext, { from, count, pageSize }: Result): TemplateResult {
  const { strings, controller } = context;
  const last = Math.floor((count - 1) / pageSize) * pageSize;
  const step = (label: string, target: number): TemplateResult =>
    plainButton({
      label,
      onClick: () => controller.ask({ kind: 'showRows', from: target }),
      reason: busyReason(context),
    });
  const goTo = (event: Event): void => {
    const row = Number((event.target as HTMLInputElement).value);
    if (Number.isInteger(row) && row >= 1)
      void controller.ask({ kind: 'showRows', from: Math.min(row, count) - 1 });
  };
  return html`<nav class="pager" aria-label=${strings.pages}>
    ${step(strings.firstPage, 0)} ${step(strings.previousPage, Math.max(0, from - pageSize))}
    <span>${fill(strings.rowsShown, from + 1, Math.min(count, from + pageSize), count)}</span>
    ${step(strings.nextPage, Math.min(last, from + pageSize))} ${step(strings.lastPage, last)}
    <label>${strings.goToRow} <input type="number" min="1" max=${count} @change=${goTo} /></label>
  </nav>`;
}
