import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { TestReport, TestRow } from '../../src/protocol/viewModels.ts';
import type { PanelController } from '../panelController.ts';
import { fill, testSummary } from '../panelModel.ts';
import type { PageState } from '../pageState.ts';
import { codicon } from './button.ts';
import { checkCells } from './checkCells.ts';
import { actionButton, details, errorText } from './messages.ts';

/** One row a check, as they come in; the data attributes are for scripts. */
export function testResults(state: PageState, controller: PanelController): TemplateResult {
  const { test, strings } = state;
  const report = test.state === 'done' ? test.report : undefined;
  return html`<section
    class="test-results"
    aria-label=${strings.testCaption}
    aria-busy=${test.state === 'running' ? 'true' : nothing}
    data-openemr-version=${report ? (report.openEmrVersion ?? '') : nothing}
    data-fhir-version=${report ? (report.fhirVersion ?? '') : nothing}
    data-scopes-granted=${report ? report.scopesGranted.join(' ') : nothing}
  >
    <div class="section-title">
      <h2>${strings.sectionTestResults}</h2>
      <p class="summary">${summary(state, controller)}</p>
    </div>
    ${body(state, controller)}
  </section>`;
}

function body(state: PageState, controller: PanelController): TemplateResult {
  const { test, strings, language } = state;
  if (test.state === 'none') {
    return html`<p class="empty"><strong>${strings.testEmptyTitle}.</strong> ${strings.testEmpty}</p>`;
  }
  if (test.state === 'failed') {
    return html`<div class="message error">
      ${codicon('error')}
      <div>${errorText(state, controller, test.error, [state.error?.action?.label])}</div>
    </div>`;
  }
  const report = test.state === 'done' ? test.report : undefined;
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  return html`${table(state, controller, report?.rows ?? (test.state === 'running' ? test.rows : []))}
    <p class="help">
      ${report ? fill(strings.testAt, at.format(report.startedAt)) : nothing}
      ${report?.context === 'patient' ? strings.testPatientContext : nothing}
    </p>`;
}

function summary(state: PageState, controller: PanelController): string {
  const { test, strings } = state;
  if (test.state === 'running')
    return fill(test.rows.length === 1 ? strings.testRunningOne : strings.testRunning, test.rows.length);
  return test.state === 'done' ? reportSummary(state, controller, test.report) : '';
}

function reportSummary({ strings }: PageState, controller: PanelController, report: TestReport): string {
  const text = testSummary(strings, report.rows, controller.seconds(report.durationMs));
  return report.wasCancelled ? `${text} · ${strings.testCancelled}` : text;
}

// Roles are spelled out: a narrow page lays cells out as a grid, which would take them away.
function table(state: PageState, controller: PanelController, rows: readonly TestRow[]): TemplateResult {
  const { strings } = state;
  return html`<table role="table">
    <caption class="visually-hidden">
      ${strings.testCaption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${strings.columnCheck}</th>
        <th role="columnheader" scope="col">${strings.columnResult}</th>
        <th role="columnheader" scope="col" class="time">${strings.columnTime}</th>
        <th role="columnheader" scope="col">${strings.columnMeaning}</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${repeat(
        rows,
        ({ id }) => id,
        (row) => tableRow(state, controller, row, rows),
      )}
    </tbody>
  </table>`;
}

function tableRow(
  state: PageState,
  controller: PanelController,
  row: TestRow,
  rows: readonly TestRow[],
): TemplateResult {
  const { action } = row;
  // The same advice on several rows gets one button, on the first of them.
  const isFirst = rows.find((other) => other.action?.label === action?.label) === row;
  const isShownAbove = state.error?.action?.label === action?.label;
  return html`<tr
    role="row"
    data-check=${row.id}
    data-result=${row.result}
    data-patient-count=${row.patientCount?.count ?? nothing}
    data-at-least=${row.patientCount ? String(row.patientCount.atLeast) : nothing}
  >
    <th role="rowheader" scope="row">${row.check}</th>
    ${checkCells(state, row.result, row.ms)}
    <td role="cell">
      ${row.meaning} ${action && isFirst && !isShownAbove ? actionButton(state, controller, action) : nothing}
      ${details(state, row.details)}
    </td>
  </tr>`;
}
