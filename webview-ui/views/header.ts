import { html, nothing, type TemplateResult } from 'lit';
import type { PanelStringKey } from '../../src/protocol/panelStrings.ts';
import type { EnvironmentName, PathStep, SessionView } from '../../src/protocol/viewModels.ts';
import type { PanelController } from '../panelController.ts';
import { currentStep, fill, primaryButton, steps, timeLeft } from '../panelModel.ts';
import { busyText, situationOf, type PageState } from '../pageState.ts';
import { codicon, panelButton, plainButton } from './button.ts';

const toneIcons = {
  good: 'pass-filled',
  busy: 'sync',
  warning: 'warning',
  bad: 'error',
  neutral: 'circle-outline',
} as const satisfies Record<SessionView['tone'], string>;

const stepTexts = {
  connect: 'stepConnect',
  register: 'stepRegister',
  enable: 'stepEnable',
  logIn: 'stepLogIn',
  verify: 'stepVerify',
} as const satisfies Record<(typeof steps)[number], PanelStringKey>;

const nextTexts = {
  connect: 'nextConnect',
  register: 'nextRegister',
  enable: 'nextEnable',
  logIn: 'nextLogIn',
  verify: 'nextVerify',
} as const satisfies Record<(typeof steps)[number], PanelStringKey>;

export function header(state: PageState, controller: PanelController, now: number): TemplateResult {
  const { strings, model } = state;
  return html`<header>
    <div class="title-row">
      <h1>${model.connectionId ? model.saved.name : strings.newConnection}${environmentBadge(state)}</h1>
      ${sessionState(state, now)}
    </div>
    <div class="path-row">
      ${path(state)}
      <div class="actions">
        ${panelButton(state, 'logIn', () => controller.logIn())}
        ${panelButton(state, 'testConnection', () => controller.testConnection())}
        ${panelButton(state, 'refreshToken', () => controller.refreshToken())}
        ${panelButton(state, 'logOut', () => controller.logOut())}
      </div>
    </div>
    <div class="progress">
      ${busyText(state) ? html`<vscode-progress-bar aria-label=${strings[busyText(state) ?? 'busyOther']}></vscode-progress-bar>` : nothing}
    </div>
    ${nextStep(state, controller)}
    <div class="outcome-row">
      <p role="status" class="outcome">${outcomeText(state)}</p>
      ${state.undo ? plainButton({ label: state.strings.undo, onClick: () => controller.form.undo() }) : nothing}
      ${
        state.operation ? plainButton({ label: strings.cancel, onClick: () => controller.cancel() }) : nothing
      }
    </div>
  </header>`;
}

const environmentTexts = {
  production: 'environmentProduction',
  test: 'environmentTest',
  training: 'environmentTraining',
} as const satisfies Record<EnvironmentName, PanelStringKey>;

function environmentBadge({ model, strings }: PageState): TemplateResult | typeof nothing {
  const { environment } = model;
  if (!environment) return nothing;
  return html` <span class="environment ${environment}">${strings[environmentTexts[environment]]}</span>`;
}

function outcomeText(state: PageState): string {
  const busy = busyText(state);
  return busy ? `${state.strings[busy]}…` : state.outcome;
}

function sessionState({ model, strings }: PageState, now: number): TemplateResult {
  const { state, label, tone, expiresAt } = model.session;
  const left = expiresAt === undefined ? undefined : timeLeft(expiresAt, now, strings);
  return html`<p class="session tone-${tone}" data-state=${state} data-expires-at=${expiresAt ?? nothing}>
    ${codicon(toneIcons[tone])}<span>${label}${left ? ` · ${left.text}` : nothing}</span>
  </p>`;
}

function path(state: PageState): TemplateResult {
  const { strings } = state;
  const current = currentStep(situationOf(state));
  const currentIndex = current === 'done' ? steps.length : steps.indexOf(current);
  return html`<ol class="path" aria-label=${strings.path}>
    ${steps.map((step, index) => {
      const standing = index < currentIndex ? 'done' : index === currentIndex ? 'current' : 'pending';
      const words = { done: strings.stepDone, current: strings.stepCurrent, pending: strings.stepPending };
      const icons = { done: 'check', current: 'circle-filled', pending: 'circle-outline' };
      return html`<li class="step ${standing}" aria-current=${standing === 'current' ? 'step' : nothing}>
        ${codicon(icons[standing])}<span>${strings[stepTexts[step]]}</span
        ><span class="visually-hidden">, ${words[standing]}</span>
      </li>`;
    })}
  </ol>`;
}

/** The next thing to do in a sentence, and its button where the button's own place is not on the page. */
function nextStep(state: PageState, controller: PanelController): TemplateResult | typeof nothing {
  const { strings, model, section } = state;
  const situation = situationOf(state);
  const step = currentStep(situation);
  const primary = primaryButton(situation);
  if (!primary) return nothing;
  const isElsewhere = section !== 'connection';
  const text = primary === 'save' ? strings.nextSave : nextText(step, state);
  return html`<section class="next" aria-label=${strings.nextStep}>
    <p>
      ${text}${
        step === 'enable' && primary !== 'save' ? html` <code>${model.saved.clientId}</code>` : nothing
      }
    </p>
    <div class="actions">
      ${
        step === 'enable'
          ? html`${panelButton(state, 'openApiClients', () => controller.openApiClients())}
            ${panelButton(state, 'checkAgain', () => controller.checkClient())}`
          : nothing
      }
      ${isElsewhere && primary === 'discover' ? discoverButton(state, controller) : nothing}
      ${isElsewhere && primary === 'registerClient' ? registerButton(state, controller) : nothing}
      ${isElsewhere && primary === 'save' ? saveButton(state, controller) : nothing}
    </div>
  </section>`;
}

function nextText(step: PathStep, { model, strings }: PageState): string {
  if (step === 'done') return '';
  const client = step === 'enable' ? model.clients.find(({ isCurrent }) => isCurrent) : undefined;
  return client ? fill(strings.nextEnableNamed, client.name) : strings[nextTexts[step]];
}

export function discoverButton(state: PageState, controller: PanelController): TemplateResult {
  return panelButton(state, 'discover', () => controller.discover());
}

export function registerButton(state: PageState, controller: PanelController): TemplateResult {
  return panelButton(state, 'registerClient', () => controller.register());
}

export function saveButton(state: PageState, controller: PanelController): TemplateResult {
  return panelButton(state, 'save', () => controller.save());
}
