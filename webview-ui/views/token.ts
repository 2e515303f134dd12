import { html, nothing, type TemplateResult } from 'lit';
import type { ClaimView, TokenPartView, TokenView } from '../../src/protocol/fhirViews.ts';
import { fill } from '../panelModel.ts';
import { codicon, plainButton } from './button.ts';
import { busyReason, type FhirContext } from './fhirContext.ts';
import { countdown } from './countdown.ts';

const toneIcons = { good: 'pass', bad: 'error', warning: 'warning', neutral: 'info' } as const;

/** What the tokens say, without the tokens. */
export function token(context: FhirContext, view: TokenView): TemplateResult {
  const { strings, controller } = context;
  if (view.expiresAt === undefined) {
    return html`<h2>${strings.tokenTitle}</h2>
      <p class="empty">${strings.tokenNone}</p>`;
  }
  return html`<section aria-label=${strings.tokenTitle}>
    <div class="section-title">
      <h2>${strings.tokenTitle}</h2>
      <p class="summary countdown" role="timer">
        ${countdown(view.expiresAt, (left) => (left ? fill(strings.tokenTimeLeft, left) : strings.tokenExpired))}
      </p>
    </div>
    <p class="help">${strings.tokenHelp}</p>
    <dl class="status">
      ${view.facts.map(
        ({ name, value }) =>
          html`<dt>${name}</dt>
            <dd>${value}</dd>`,
      )}
    </dl>
    <div class="actions">
      ${
        view.canOpenUser
          ? plainButton({ label: strings.openUser, onClick: () => controller.ask({ kind: 'openUser' }) })
          : nothing
      }
      ${plainButton({
        label: strings.copyAccessToken,
        icon: 'copy',
        onClick: () => controller.ask({ kind: 'copyAccessToken' }),
        reason: busyReason(context),
      })}
    </div>
    ${view.tokens.map((part) => tokenPart(context, part))}
  </section>`;
}

function tokenPart(context: FhirContext, { title, checks, header, claims }: TokenPartView): TemplateResult {
  const { strings } = context;
  return html`<h3>${title}</h3>
    <ul class="findings" aria-label=${strings.tokenChecks}>
      ${checks.map(
        ({ name, text, tone }) =>
          html`<li class="verdict ${tone}">
            ${codicon(toneIcons[tone])}<span><strong>${name}:</strong> ${text}</span>
          </li>`,
      )}
    </ul>
    ${claimTable(context, `${title}: ${strings.tokenClaims}`, claims)}
    <details>
      <summary>${strings.tokenHeader}</summary>
      ${claimTable(context, `${title}: ${strings.tokenHeader}`, header)}
    </details>`;
}

function claimTable({ strings }: FhirContext, caption: string, claims: readonly ClaimView[]): TemplateResult {
  return html`<table class="claims" role="table">
    <caption class="visually-hidden">
      ${caption}
    </caption>
    <thead role="rowgroup">
      <tr role="row">
        <th role="columnheader" scope="col">${strings.columnClaim}</th>
        <th role="columnheader" scope="col">${strings.columnValue}</th>
        <th role="columnheader" scope="col">${strings.columnNote}</th>
      </tr>
    </thead>
    <tbody role="rowgroup">
      ${claims.map(
        ({ name, value, note }) =>
          html`<tr role="row">
            <th role="rowheader" scope="row"><code>${name}</code></th>
            <td role="cell">${value}</td>
            <td role="cell">${note}</td>
          </tr>`,
      )}
    </tbody>
  </table>`;
}
