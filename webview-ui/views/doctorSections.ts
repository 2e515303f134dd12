import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import type { DoctorRow, ExchangeView, FlowView } from '../../src/protocol/doctorView.ts';
import type { PanelController } from '../panelController.ts';
import { fill } from '../panelModel.ts';
import { busyText, type PageState } from '../pageState.ts';
import { codicon, plainButton } from './button.ts';
import { checkCells } from './checkCells.ts';
import { actionButton, errorText } from './messages.ts';

/** One row a check, as they come in; what to begin with stands above them. */
export function doctorSection(state: PageState, controller: PanelController): TemplateResult {
  const { strings } = state;
  const { doctor } = controller.doctor;
  return html`<section
    class="doctor"
    aria-label=${strings.sectionDoctor}
    aria-busy=${doctor.state === 'running' ? 'true' : nothing}
    data-doctor=${doctor.state}
    data-first=${doctor.state === 'done' ? (doctor.first ?? '') : nothing}
  >
    <div class="section-title">
      <h2>${strings.sectionDoctor}</h2>
      <p class="summary" role="status">${summary(state, controller)}</p>
    </div>
    <p class="help">${strings.doctorExplained}</p>
    <div class="actions">
      ${plainButton({
        label: strings.doctorRun,
        icon: 'search',
        isPrimary: doctor.state === 'none',
        reason: runReason(state),
        onClick: () => controller.runDoctor(),
      })}
      ${plainButton({ label: strings.doctorReport, onClick: () => controller.supportReport() })}
    </div>
    ${body(state, controller)}
  </section>`;
}

function runReason(state: PageState): string | undefined {
  if (!state.model.connectionId) return state.strings.reasonNotSaved;
  return busyText(state) && state.strings.reasonBusy;
}

function summary({ strings, language }: PageState, controller: PanelController): string {
  const { doctor } = controller.doctor;
  if (doctor.state === 'running') {
    const done = doctor.rows.filter(({ result }) => result !== 'running').length;
    return fill(strings.doctorRunning, done, doctor.rows.length);
  }
  if (doctor.state !== 'done') return '';
  const at = new Intl.DateTimeFormat(language, { timeStyle: 'medium' }).format(doctor.startedAt);
  return `${at} · ${fill(strings.seconds, controller.seconds(doctor.durationMs))}`;
}

function body(state: PageState, controller: PanelController): TemplateResult {
  const { strings } = state;
  const { doctor } = controller.doctor;
  if (doctor.state === 'none') return html`<p class="empty">${strings.doctorEmpty}</p>`;
  if (doctor.state === 'failed') {
    return html`<div class="message error">
      ${codicon('error')}
      <div>${errorText(state, controller, doctor.error)}</div>
    </div>`;
  }
  const first = doctor.state === 'done' ? doctor.rows.find(({ id }) => id === doctor.first) : undefined;
  return html`${doctor.state === 'done' && !doctor.wasCancelled ? diagnosis(state, controller, first) : nothing}
    <table role="table">
      <caption class="visually-hidden">
        ${strings.sectionDoctor}
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
          doctor.rows,
          ({ id }) => id,
          (row) => tableRow(state, controller, row, first),
        )}
      </tbody>
    </table>`;
}

/** The first thing that is wrong, in full, or that nothing is. */
function diagnosis(
  state: PageState,
  controller: PanelController,
  first: DoctorRow | undefined,
): TemplateResult {
  const { strings } = state;
  if (!first) {
    return html`<div class="message" role="note">
      ${codicon('pass')}
      <p>${strings.doctorHealthy}</p>
    </div>`;
  }
  const [face, text] =
    first.result === 'fail'
      ? (['error', strings.doctorFirst] as const)
      : (['warning', strings.doctorFirstWarning] as const);
  return html`<div class="message ${face}" role="note">
    ${codicon(face)}
    <div>
      <p class="happened">${first.meaning}</p>
      ${advice(state, controller, first)}
      <p class="help">${fill(text, first.check)}</p>
    </div>
  </div>`;
}

function advice(state: PageState, controller: PanelController, row: DoctorRow): TemplateResult {
  const { strings } = state;
  const { why, remedy, screen, action, documentation } = row;
  return html`${why ? html`<p>${why}</p>` : nothing} ${remedy ? html`<p>${remedy}</p>` : nothing}
  ${screen ? html`<p class="screen">${strings.doctorWhere}: <strong>${screen}</strong></p>` : nothing}
  ${action ? actionButton(state, controller, action) : nothing}
  ${documentation ? html`<p><a href=${documentation}>${strings.doctorMore}</a></p>` : nothing}`;
}

function tableRow(
  state: PageState,
  controller: PanelController,
  row: DoctorRow,
  first: DoctorRow | undefined,
): TemplateResult {
  const isShownAbove = row === first;
  return html`<tr role="row" data-check=${row.id} data-result=${row.result}>
    <th role="rowheader" scope="row">${row.check}</th>
    ${checkCells(state, row.result, row.ms)}
    <td role="cell">
      ${row.meaning} ${isShownAbove || !row.remedy ? nothing : advice(state, controller, row)}
      ${facts(state, row)}
    </td>
  </tr>`;
}

function facts({ strings }: PageState, { asked, came }: DoctorRow): TemplateResult | typeof nothing {
  if (asked.length === 0 && came.length === 0) return nothing;
  return html`<details>
    <summary>${strings.details}</summary>
    ${lines(strings.doctorAsked, asked)} ${lines(strings.doctorCame, came)}
  </details>`;
}

function lines(title: string, texts: readonly string[]): TemplateResult | typeof nothing {
  if (texts.length === 0) return nothing;
  return html`<p class="help">${title}</p>
    <ul class="facts">
      ${texts.map((text) => html`<li>${text}</li>`)}
    </ul>`;
}

/** Every request of the last flows, each open to its details. */
export function transcriptSection(state: PageState, controller: PanelController): TemplateResult {
  const { strings } = state;
  const { flows } = controller.doctor;
  return html`<section class="transcript" aria-label=${strings.sectionTranscript}>
    <h2>${strings.sectionTranscript}</h2>
    <p class="help">${strings.transcriptExplained}</p>
    ${flows.length === 0 ? html`<p class="empty">${strings.transcriptEmpty}</p>` : nothing}
    ${flows.map((flow) => flowView(state, controller, flow))}
  </section>`;
}

function flowView(state: PageState, controller: PanelController, flow: FlowView): TemplateResult {
  const { strings, language } = state;
  const at = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'medium' });
  const ms = fill(strings.milliseconds, Math.round(flow.durationMs));
  return html`<div class="section-title" data-flow=${flow.kind}>
      <h3>${flow.title}</h3>
      <p class="summary">${at.format(flow.startedAt)} · ${ms}</p>
    </div>
    ${flow.failure ? html`<p class="iconed">${codicon('error')}<span>${flow.failure}</span></p>` : nothing}
    <div class="actions">
      ${plainButton({
        label: strings.transcriptCopy,
        icon: 'copy',
        onClick: () => controller.copyTranscript(flow.kind),
      })}
    </div>
    <ol class="exchanges">
      ${flow.exchanges.map((exchange, index) => exchangeView(state, controller, flow, exchange, index))}
    </ol>`;
}

function exchangeView(
  { strings }: PageState,
  controller: PanelController,
  flow: FlowView,
  exchange: ExchangeView,
  index: number,
): TemplateResult {
  const { method, address, answer, isRefused, ms, request, response } = exchange;
  return html`<li>
    <details>
      <summary>
        ${codicon(isRefused ? 'error' : 'pass')} <code>${method} ${address}</code>
        <span class="time">${answer} · ${fill(strings.milliseconds, Math.round(ms))}</span>
      </summary>
      ${lines(strings.transcriptRequest, request)} ${lines(strings.transcriptAnswer, response)}
      <div class="actions">
        ${plainButton({
          label: strings.transcriptCurl,
          icon: 'terminal',
          onClick: () => controller.copyTranscript(flow.kind, index),
        })}
      </div>
    </details>
  </li>`;
}
