import '@vscode-elements/elements/dist/vscode-progress-bar/index.js';
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { AuditRow } from '../../src/protocol/auditView.ts';
import type { AuditController } from '../auditController.ts';
import type { PageState } from '../pageState.ts';
import { codicon, plainButton } from './button.ts';

const outcomes = ['started', 'success', 'failure', 'cancelled'] as const;
const icons = {
  started: 'arrow-right',
  success: 'pass',
  failure: 'error',
  cancelled: 'circle-slash',
} as const satisfies Record<AuditRow['outcome'], string>;

/** The audit log: a table, newest first, with what can be done with it. */
export function auditSection({ strings, language }: PageState, audit: AuditController): TemplateResult {
  audit.open();
  const { page, rows, work, isLoading, outcome } = audit.state;
  return html`<section
    class="audit"
    aria-label=${strings.sectionAudit}
    aria-busy=${work || isLoading ? 'true' : nothing}
  >
    <div class="section-title">
      <h2>${strings.sectionAudit}</h2>
      <p class="summary" role="status">${isLoading ? strings.auditLoading : outcome}</p>
    </div>
    <p class="help">${strings.auditExplained}</p>
    ${(page?.notices ?? []).map(
      (notice) =>
        html`<div class="message warning">
          ${codicon('warning')}
          <p>${notice}</p>
        </div>`,
    )}
    ${problem(strings, audit)} ${buttons(strings, audit)} ${verification(strings, audit)}
    ${filters(strings, audit)}
    ${
      page && rows.length === 0
        ? html`<p class="empty">${strings.auditEmpty}</p>`
        : table(strings, language, rows)
    }
    ${
      page?.before === undefined
        ? nothing
        : html`<div class="actions">
            ${plainButton({ label: strings.auditMore, onClick: () => void showMore(audit) })}
          </div>`
    }
  </section>`;
}

type Strings = PageState['strings'];

/** Who reads on by keyboard or ear goes on at the first of the older entries. */
async function showMore(audit: AuditController): Promise<void> {
  const first = await audit.loadMore();
  if (!first) return;
  requestAnimationFrame(() =>
    document.querySelector<HTMLElement>(`.audit-table [data-seq="${first.seq}"] th`)?.focus(),
  );
}

function problem(strings: Strings, { state: { error } }: AuditController): TemplateResult | typeof nothing {
  if (!error) return nothing;
  return html`<div class="message error" role="alert">
    ${codicon('error')}
    <div>
      ${
        error === 'no-answer'
          ? html`<p>${strings.timedOutHappened} ${strings.timedOutRemedy}</p>`
          : html`<p class="happened">${error.happened}</p>
              <p>${error.why}</p>
              <p>${error.remedy}</p>`
      }
    </div>
  </div>`;
}

function buttons(strings: Strings, audit: AuditController): TemplateResult {
  const { work, page } = audit.state;
  const reason =
    work &&
    { verify: strings.auditVerifying, export: strings.auditExporting, remove: strings.auditRemoveOld }[work];
  const button = (label: string, act: () => Promise<void>) =>
    plainButton({ label, onClick: () => void act(), reason });
  return html`<div class="actions">
    ${button(strings.auditVerify, () => audit.verify())}
    ${button(strings.auditExportCsv, () => audit.export('csv'))}
    ${button(strings.auditExportJsonl, () => audit.export('jsonl'))}
    ${page && page.expiredFiles > 0 ? button(strings.auditRemoveOld, () => audit.removeExpired()) : nothing}
  </div>`;
}

/** The region stays, so that what changes in it is heard. */
function verification(strings: Strings, audit: AuditController): TemplateResult {
  return html`<div role="status">${verificationContent(strings, audit)}</div>`;
}

function verificationContent(strings: Strings, { state }: AuditController): TemplateResult | typeof nothing {
  if (state.work === 'verify') {
    return html`<p>${strings.auditVerifying}</p>
      <vscode-progress-bar
        value=${Math.round(state.progress * 100)}
        aria-label=${strings.auditVerifying}
      ></vscode-progress-bar>`;
  }
  const result = state.verification;
  if (!result) return nothing;
  const faces = {
    good: ['success', 'pass'],
    warning: ['warning', 'warning'],
    bad: ['error', 'error'],
  } as const;
  const [face, icon] = faces[result.tone];
  return html`<div class="message ${face}" data-verification=${result.tone}>
    ${codicon(icon)}
    <div>
      <p class="happened">${result.headline}</p>
      <ul>
        ${result.lines.map((line) => html`<li>${line}</li>`)}
      </ul>
    </div>
  </div>`;
}

function filters(strings: Strings, audit: AuditController): TemplateResult {
  const { page, filter } = audit.state;
  const outcomeTexts = {
    started: strings.auditStarted,
    success: strings.auditSuccess,
    failure: strings.auditFailure,
    cancelled: strings.auditCancelled,
  };
  return html`<div class="audit-filters">
    <label>
      <span>${strings.auditAction}</span>
      <select @change=${(event: Event) => void audit.filterBy({ action: valueOf(event) })}>
        <option value="" ?selected=${!filter.action}>${strings.auditAll}</option>
        ${(page?.actions ?? []).map(
          ({ id, label }) => html`<option value=${id} ?selected=${filter.action === id}>${label}</option>`,
        )}
      </select>
    </label>
    <label>
      <span>${strings.auditOutcome}</span>
      <select
        @change=${(event: Event) =>
          void audit.filterBy({ outcome: outcomes.find((outcome) => outcome === valueOf(event)) })}
      >
        <option value="" ?selected=${!filter.outcome}>${strings.auditAll}</option>
        ${outcomes.map(
          (outcome) =>
            html`<option value=${outcome} ?selected=${filter.outcome === outcome}>
              ${outcomeTexts[outcome]}
            </option>`,
        )}
      </select>
    </label>
  </div>`;
}

function valueOf(event: Event): string {
  return (event.target as HTMLSelectElement).value;
}

// Roles are spelled out: a narrow page lays cells out as a grid, which would take them away.
function table(strings: Strings, language: string, rows: readonly AuditRow[]): TemplateResult {
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  return html`<table role="table" class="audit-table">
    <caption class="visually-hidden">
      ${strings.auditCaption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${strings.auditTime}</th>
        <th role="columnheader" scope="col">${strings.auditAction}</th>
        <th role="columnheader" scope="col">${strings.auditOutcome}</th>
        <th role="columnheader" scope="col">${strings.auditConnection}</th>
        <th role="columnheader" scope="col">${strings.auditWho}</th>
        <th role="columnheader" scope="col">${strings.details}</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        rows,
        ({ seq }) => seq,
        (row) =>
          html`<tr role="row" data-seq=${row.seq}>
            <th role="rowheader" scope="row" tabindex="-1">${moment.format(row.time)}</th>
            <td role="cell">${row.action}</td>
            <td role="cell" class="result-cell ${row.outcome === 'failure' ? 'fail' : ''}">
              <span>${codicon(icons[row.outcome])}${row.outcomeText}</span>
            </td>
            <td role="cell">${row.connection}</td>
            <td role="cell">${row.who}</td>
            <td role="cell">${row.detail}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
