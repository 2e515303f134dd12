import { html, nothing, svg, type TemplateResult } from 'lit';
import type { TimingPicture, TimingView } from '../../src/protocol/fhirViews.ts';
import { fill } from '../panelModel.ts';
import type { FhirContext } from './fhirContext.ts';

const rowHeight = 20;
const barLeft = 190;
const barWidth = 270;
const lineLeft = 530;
const lineWidth = 100;
const width = lineLeft + lineWidth + 10;

/** How long steps and types took, as pictures with the same in words and as tables. */
export function timing(context: FhirContext, view: TimingView): TemplateResult {
  const { strings } = context;
  return html`<section aria-label=${strings.timingTitle}>
    <h2>${strings.timingTitle}</h2>
    ${
      view.pictures.length === 0
        ? html`<p class="empty">${strings.timingNone}</p>`
        : html`<p class="help">${strings.timingHelp}</p>
            ${view.pictures.map((picture) => drawn(context, picture))}`
    }
  </section>`;
}

function drawn(context: FhirContext, picture: TimingPicture): TemplateResult {
  const { strings } = context;
  const slowest = picture.items[0];
  const last = picture.items.flatMap(({ times }) => times.at(-1) ?? []);
  const sentence = slowest
    ? fill(
        strings.timingSentence,
        picture.title,
        slowest.name,
        Math.round(slowest.times.at(-1) ?? 0),
        middle(last),
      )
    : picture.title;
  const longest = Math.max(1, ...picture.items.flatMap(({ times }) => times.filter((ms) => ms !== null)));
  const height = picture.items.length * rowHeight + 4;
  return html`<h3>${picture.title}</h3>
    <p class="help">${sentence}</p>
    <svg class="timing" viewBox="0 0 ${width} ${height}" role="img" aria-label=${sentence}>
      ${picture.items.map(({ name, times }, index) => row(strings.milliseconds, name, times, index, longest))}
    </svg>
    <details>
      <summary>${strings.timingTable}</summary>
      ${table(context, picture)}
    </details>`;
}

function row(
  milliseconds: string,
  name: string,
  times: readonly (number | null)[],
  index: number,
  longest: number,
): TemplateResult {
  const y = index * rowHeight;
  const ms = times.at(-1) ?? 0;
  const length = Math.max(1, (ms / longest) * barWidth);
  return svg`<g>
    <text x=${barLeft - 8} y=${y + 14} text-anchor="end">${name}</text>
    <rect class="bar" x=${barLeft} y=${y + 4} width=${length} height="12" rx="1" />
    <text class="ms" x=${barLeft + length + 6} y=${y + 14}>${fill(milliseconds, ms)}</text>
    ${times.length > 1 ? svg`<polyline class="runs" points=${points(times, y, longest)} />` : nothing}
  </g>`;
}

/** One point a run, the last one to the right. */
function points(times: readonly (number | null)[], y: number, longest: number): string {
  const step = lineWidth / Math.max(1, times.length - 1);
  return times
    .flatMap((ms, run) => (ms === null ? [] : [`${lineLeft + run * step},${y + 17 - (ms / longest) * 14}`]))
    .join(' ');
}

function table({ strings, state }: FhirContext, { title, items, runs }: TimingPicture): TemplateResult {
  const moment = new Intl.DateTimeFormat(state.language, { dateStyle: 'short', timeStyle: 'short' });
  return html`<table role="table">
    <caption class="visually-hidden">
      ${title}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${strings.columnClaim}</th>
        <th role="columnheader" scope="col" class="time">${strings.timingLatest}</th>
        <th role="columnheader" scope="col" class="time">${strings.timingUsual}</th>
        <th role="columnheader" scope="col">${moment.formatRange(runs[0] ?? 0, runs.at(-1) ?? 0)}</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${items.map(
        ({ name, times }) =>
          html`<tr role="row">
            <th role="rowheader" scope="row">${name}</th>
            <td role="cell" class="time">${fill(strings.milliseconds, times.at(-1) ?? 0)}</td>
            <td role="cell" class="time">
              ${fill(strings.milliseconds, middle(times.filter((ms) => ms !== null)))}
            </td>
            <td role="cell">${times.map((ms) => ms ?? strings.timingAbsent).join(' · ')}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}

function middle(times: readonly number[]): number {
  const sorted = times.toSorted((a, b) => a - b);
  return Math.round(sorted[Math.floor(sorted.length / 2)] ?? 0);
}
