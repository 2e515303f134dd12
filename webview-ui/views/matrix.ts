import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { MatrixCell, MatrixView } from '../../src/protocol/fhirViews.ts';
import { fill } from '../panelModel.ts';
import { codicon, plainButton } from './button.ts';
import { busyReason, type FhirContext } from './fhirContext.ts';

/** Every type of record: may it be searched, may one be read, and why not. */
export function matrix(context: FhirContext, view: MatrixView): TemplateResult {
  const { strings, controller } = context;
  const isRunning = view.state === 'running';
  return html`<section
    class="matrix"
    aria-label=${strings.matrixTitle}
    aria-busy=${isRunning ? 'true' : nothing}
    data-state=${view.state}
  >
    <div class="section-title">
      <h2>${strings.matrixTitle}</h2>
      <p class="summary">
        ${[isRunning ? progress(context, view) : '', view.summary].filter(Boolean).join(' · ')}
      </p>
    </div>
    <p class="help">${strings.matrixHelp}</p>
    <div class="actions">
      ${plainButton({
        label: view.state === 'none' ? strings.probe : strings.probeAgain,
        icon: 'beaker',
        onClick: () => controller.ask({ kind: 'probe' }),
        reason: busyReason(context),
      })}
    </div>
    ${view.rows.length > 0 ? table(context, view) : nothing}
    ${view.state === 'none' ? html`<p class="empty">${strings.matrixNone}</p>` : nothing}
  </section>`;
}

function progress({ strings }: FhirContext, { rows, total }: MatrixView): string {
  const waiting = rows.filter(({ read }) => read.verdict === 'waiting').length;
  return fill(strings.progress, 2 * rows.length - waiting, 2 * total);
}

function table({ strings }: FhirContext, view: MatrixView): TemplateResult {
  return html`<table class="matrix" role="table">
    <caption class="visually-hidden">
      ${strings.matrixCaption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${strings.columnResource}</th>
        <th role="columnheader" scope="col">${strings.columnSearch}</th>
        <th role="columnheader" scope="col">${strings.columnRead}</th>
        <th role="columnheader" scope="col">${strings.columnDiagnosis}</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        view.rows,
        ({ type }) => type,
        ({ type, records, search, read }) =>
          html`<tr role="row" data-type=${type} data-search=${search.verdict} data-read=${read.verdict}>
            <th role="rowheader" scope="row">
              ${type}${records ? html` <span class="help">${records}</span>` : nothing}
            </th>
            <td role="cell" data-label=${strings.columnSearch}>${cell(search, strings.milliseconds)}</td>
            <td role="cell" data-label=${strings.columnRead}>${cell(read, strings.milliseconds)}</td>
            <td role="cell">${[search.diagnosis, read.diagnosis].filter(Boolean).join(' ')}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function cell({ tone, icon, label, ms }: MatrixCell, milliseconds: string): TemplateResult {
  return html`<span class="verdict ${tone}">${codicon(icon)}${label}</span>${
      ms === undefined ? nothing : html` <span class="ms">${fill(milliseconds, ms)}</span>`
    }`;
}
