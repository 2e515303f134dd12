import { html, nothing, type TemplateResult } from 'lit';
import type { PanelStringKey } from '../../src/protocol/panelStrings.ts';
import { fill } from '../panelModel.ts';
import type { PageState } from '../pageState.ts';
import { codicon } from './button.ts';

interface Finding {
  readonly icon: 'pass' | 'warning' | 'error' | 'info';
  readonly text: string;
}

const clientFindings = {
  enabled: ['pass', 'clientEnabled'],
  disabled: ['warning', 'clientDisabled'],
  unregistered: ['error', 'clientUnregistered'],
  unclear: ['info', 'clientUnclear'],
} as const satisfies Record<string, readonly [Finding['icon'], PanelStringKey]>;

const redirectFindings = {
  accepted: ['pass', 'redirectAccepted'],
  refused: ['error', 'redirectRefused'],
  unclear: ['info', 'redirectUnclear'],
} as const satisfies Record<string, readonly [Finding['icon'], PanelStringKey]>;

const secretFindings = {
  accepted: ['pass', 'secretAccepted'],
  refused: ['error', 'secretRefused'],
  unclear: ['info', 'secretUnclear'],
} as const satisfies Record<string, readonly [Finding['icon'], PanelStringKey]>;

/** What is known about the client after a registration or a look at it. */
export function clientFindingList(state: PageState): TemplateResult | typeof nothing {
  const findings = findingsOf(state);
  if (findings.length === 0) return nothing;
  return html`<ul class="result findings">
    ${findings.map(({ icon, text }) => html`<li class="${icon}">${codicon(icon)}<span>${text}</span></li>`)}
  </ul>`;
}

function findingsOf({ registration, check, draft, strings }: PageState): Finding[] {
  const finding = ([icon, key]: readonly [Finding['icon'], PanelStringKey]): Finding => ({
    icon,
    text: strings[key],
  });
  if (registration) {
    const registered: Finding = {
      icon: 'pass',
      text: fill(strings.clientRegistered, registration.clientId),
    };
    return [registered, finding(clientFindings[registration.client])];
  }
  if (!check) return [];
  if (check.client === 'unregistered') return [finding(clientFindings.unregistered)];
  return [
    finding(clientFindings[check.client]),
    finding(redirectFindings[check.redirect]),
    ...(draft.clientType === 'confidential' ? [finding(secretFindings[check.secret])] : []),
  ];
}

/** Every client that this workbench registered at the site, so that the unused ones can be deleted there. */
export function registeredClients({ model, strings, language }: PageState): TemplateResult | typeof nothing {
  if (model.clients.length === 0) return nothing;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  return html`<h3>${strings.clientsTitle}</h3>
    <ul class="clients">
      ${model.clients.map(
        ({ clientId, name, registeredAt, isCurrent }) =>
          html`<li>
            <code>${clientId}</code>
            <span class="help">${name}, ${fill(strings.clientsOn, date.format(registeredAt))}</span>
            <vscode-badge>${isCurrent ? strings.clientsCurrent : strings.clientsDelete}</vscode-badge>
          </li>`,
      )}
    </ul>`;
}
