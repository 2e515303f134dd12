import { html, nothing, type TemplateResult } from 'lit';
import type { DiscoveryDocument } from '../../src/protocol/viewModels.ts';
import type { PanelStringKey } from '../../src/protocol/panelStrings.ts';
import type { PanelController } from '../panelController.ts';
import { fill } from '../panelModel.ts';
import { situationOf, busyText, type PageState } from '../pageState.ts';
import { codicon, plainButton } from './button.ts';
import { errorText } from './messages.ts';

const documentStates = {
  read: ['documentRead', 'pass'],
  missing: ['documentMissing', 'warning'],
  invalid: ['documentInvalid', 'error'],
} as const satisfies Record<DiscoveryDocument['state'], readonly [PanelStringKey, string]>;

/** What the server says about itself, for the address on the form. */
export function discoveryResult(state: PageState): TemplateResult | typeof nothing {
  const { discovery, strings } = state;
  const { draft } = situationOf(state);
  if (discovery?.baseUrl !== draft.baseUrl || discovery.site !== draft.site) return nothing;
  const { openEmrVersion, fhirVersion, contradictions } = discovery;
  const versions = [
    openEmrVersion ? fill(strings.discoveryOpenEmr, openEmrVersion) : strings.discoveryUnknownVersion,
    ...(fhirVersion ? [fill(strings.discoveryFhir, fhirVersion)] : []),
  ];
  return html`<div class="result" data-discovery=${discovery.baseUrl}>
    <h3>${strings.discoveryTitle}</h3>
    <p>${versions.join(' · ')}</p>
    <ul class="documents">
      ${discovery.documents.map((document) => documentLine(state, document))}
    </ul>
    ${
      contradictions.length > 0
        ? html`<h3>${strings.contradictionsTitle}</h3>
            <ul class="contradictions">
              ${contradictions.map((text) => html`<li>${codicon('warning')}<span>${text}</span></li>`)}
            </ul>`
        : html`<p class="iconed">${codicon('pass')}<span>${strings.contradictionsNone}</span></p>`
    }
  </div>`;
}

function documentLine({ strings }: PageState, { name, url, state, says }: DiscoveryDocument): TemplateResult {
  const [text, icon] = documentStates[state];
  return html`<li>
    <details>
      <summary>${codicon(icon)} ${name}: ${strings[text]}</summary>
      <p class="url">${url}</p>
      <ul class="facts">
        ${says.map((line) => html`<li>${line}</li>`)}
      </ul>
    </details>
  </li>`;
}

/** Shows a certificate that nobody vouches for and asks whether to trust it. */
export function certificateQuestion(
  state: PageState,
  controller: PanelController,
): TemplateResult | typeof nothing {
  const question = state.certificateQuestion;
  if (!question) return nothing;
  const { strings, language } = state;
  const { certificate, error } = question;
  const date = new Intl.DateTimeFormat(language, { dateStyle: 'medium' });
  const reason = busyText(state) && strings.reasonBusy;
  return html`<div
    class="message warning"
    id="question"
    tabindex="-1"
    role="group"
    aria-labelledby="certificate-title"
  >
    ${codicon('shield')}
    <div>
      <h3 id="certificate-title">${strings.certificateTitle}</h3>
      ${errorText(state, controller, error, [error.action?.label])}
      <dl>
        <dt>${strings.certificateSubject}</dt>
        <dd>${certificate.subject}</dd>
        <dt>${strings.certificateIssuer}</dt>
        <dd>${certificate.selfSigned ? strings.certificateSelfSigned : certificate.issuer}</dd>
        <dt>${strings.certificateValidity}</dt>
        <dd>
          ${fill(
            strings.certificateValidRange,
            date.format(certificate.validFrom),
            date.format(certificate.validTo),
          )}
        </dd>
        <dt>${strings.certificateFingerprint}</dt>
        <dd><code>${certificate.sha256}</code></dd>
      </dl>
      <p>${strings.certificateAdvice}</p>
      <div class="actions">
        ${plainButton({
          label: strings.trustCertificate,
          onClick: () => controller.trustCertificate(certificate.sha256),
          reason,
        })}
        ${plainButton({
          label: strings.doNotTrust,
          onClick: () =>
            controller.update({ certificateQuestion: undefined, outcome: strings.certificateNotTrusted }),
          reason,
        })}
      </div>
    </div>
  </div>`;
}
