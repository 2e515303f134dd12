import { html, nothing, type TemplateResult } from 'lit';
import type { PanelStringKey } from '../../src/protocol/panelStrings.ts';
import type { ConnectionDraft } from '../../src/protocol/viewModels.ts';
import type { PanelController } from '../panelController.ts';
import { isDirty } from '../panelModel.ts';
import { busyText, situationOf, type PageState } from '../pageState.ts';
import { codicon, plainButton } from './button.ts';
import { clientFindingList, registeredClients } from './client.ts';
import { certificateQuestion, discoveryResult } from './discovery.ts';
import { selectField, textField } from './fields.ts';
import { discoverButton, registerButton, saveButton } from './header.ts';
import { scopeList } from './scopeList.ts';

const callbackTexts = {
  automatic: ['callbackAutomatic', 'callbackAutomaticHelp'],
  'vscode-uri': ['callbackVscodeUri', 'callbackVscodeUriHelp'],
  loopback: ['callbackLoopback', 'callbackLoopbackHelp'],
  paste: ['callbackPaste', 'callbackPasteHelp'],
} as const satisfies Record<ConnectionDraft['callback'], readonly [PanelStringKey, PanelStringKey]>;

/** The form: where OpenEMR is, what may be read, which client asks. */
export function connectionSection(state: PageState, controller: PanelController): TemplateResult {
  return html`<form @submit=${(event: Event) => event.preventDefault()} novalidate>
      ${serverGroup(state, controller)} ${permissionsGroup(state, controller)}
      ${clientGroup(state, controller)}
    </form>
    ${footer(state, controller)}`;
}

function serverGroup(state: PageState, controller: PanelController): TemplateResult {
  const { strings, draft, model } = state;
  return html`<h2>${strings.groupServer}</h2>
    ${textField(state, {
      field: 'name',
      help: strings.nameHelp,
      value: draft.name,
      onInput: (name) => controller.form.edit({ name }),
    })}
    ${textField(state, {
      field: 'baseUrl',
      help: strings.baseUrlHelp,
      value: draft.baseUrl,
      inputType: 'url',
      placeholder: 'https://emr.example.org/openemr',
      onInput: (baseUrl) => controller.form.edit({ baseUrl }),
      onPaste: () => controller.form.pasteAddress(),
      onEnter: () => (busyText(state) ? undefined : controller.discover()),
      beside: discoverButton(state, controller),
    })}
    ${textField(state, {
      field: 'site',
      help: strings.siteHelp,
      value: draft.site,
      onInput: (site) => controller.form.edit({ site }),
    })}
    ${certificateQuestion(state, controller)} ${discoveryResult(state)}
    ${
      model.pinnedCertificate
        ? html`<p class="iconed help">
            ${codicon('shield')}<span
              >${strings.certificatePinned}: <code>${model.pinnedCertificate.sha256}</code></span
            >
            ${plainButton({ label: strings.certificateForget, onClick: () => controller.forgetCertificate() })}
          </p>`
        : nothing
    }`;
}

function permissionsGroup(state: PageState, controller: PanelController): TemplateResult {
  const { strings, draft } = state;
  const [, callbackHelp] = callbackTexts[draft.callback];
  return html`<h2>${strings.groupPermissions}</h2>
    ${selectField(state, {
      field: 'clientType',
      help: strings.clientTypeHelp,
      value: draft.clientType,
      options: [
        ['confidential', strings.confidential],
        ['public', strings.public],
      ],
      consequence:
        draft.clientType === 'confidential' ? strings.confidentialExplained : strings.publicExplained,
      onChange: (clientType) => controller.form.switchClientType(clientType),
    })}
    ${scopeList(state, controller)}
    ${selectField(state, {
      field: 'callback',
      help: strings.callbackHelp,
      value: draft.callback,
      options: (Object.keys(callbackTexts) as ConnectionDraft['callback'][]).map(
        (callback) => [callback, strings[callbackTexts[callback][0]]] as const,
      ),
      consequence: strings[callbackHelp],
      onChange: (callback) => controller.form.edit({ callback }),
    })}`;
}

function clientGroup(state: PageState, controller: PanelController): TemplateResult {
  const { strings, draft, model, clientSecret } = state;
  const isPublic = draft.clientType === 'public';
  return html`<h2>${strings.groupClient}</h2>
    ${textField(state, {
      field: 'clientId',
      help: strings.clientIdHelp,
      value: draft.clientId,
      onInput: (clientId) => controller.form.edit({ clientId }),
    })}
    ${textField(state, {
      field: 'clientSecret',
      help: isPublic ? strings.clientSecretPublic : strings.clientSecretHelp,
      value: clientSecret,
      inputType: 'password',
      isDisabled: isPublic,
      ...(model.hasClientSecret && !isPublic ? { placeholder: strings.clientSecretReplace } : {}),
      onInput: (secret) => controller.form.typeSecret(secret),
      ...(model.hasClientSecret && !isPublic
        ? { beside: html`<span class="stored">${codicon('lock')}${strings.clientSecretStored}</span>` }
        : {}),
    })}
    ${clientFindingList(state)} ${registeredClients(state)}`;
}

function footer(state: PageState, controller: PanelController): TemplateResult {
  const { strings } = state;
  const canDiscard = isDirty(situationOf(state));
  return html`<footer>
    ${signOutQuestion(state, controller)}
    <div class="actions">
      ${registerButton(state, controller)} ${saveButton(state, controller)}
      ${
        canDiscard
          ? html`${plainButton({
                label: strings.discardChanges,
                onClick: () => controller.form.discard(),
                reason: busyText(state) && strings.reasonBusy,
              })} <span class="unsaved">${codicon('circle-filled')}${strings.unsavedChanges}</span>`
          : nothing
      }
    </div>
  </footer>`;
}

function signOutQuestion(state: PageState, controller: PanelController): TemplateResult | typeof nothing {
  const { signOutQuestion: question, strings } = state;
  if (!question) return nothing;
  return html`<div
    class="message warning"
    id="question"
    tabindex="-1"
    role="group"
    aria-labelledby="sign-out-title"
  >
    ${codicon('warning')}
    <div>
      <h3 id="sign-out-title">${strings.signOutTitle}</h3>
      <p>${question.message}</p>
      <div class="actions">
        ${plainButton({ label: strings[question.goOn], onClick: () => controller.answerSignOut(true) })}
        ${plainButton({ label: strings.keepEditing, onClick: () => controller.answerSignOut(false) })}
      </div>
    </div>
  </div>`;
}
