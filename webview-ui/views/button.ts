import { html, nothing, type TemplateResult } from 'lit';
import { disabledReason, primaryButton, type ButtonName } from '../panelModel.ts';
import { situationOf, type PageState } from '../pageState.ts';

export interface PlainButton {
  readonly label: string;
  readonly onClick: () => unknown;
  readonly isPrimary?: boolean;
  /** Why it cannot be pressed now; it stays reachable by keyboard, so that the reason can be heard. */
  readonly reason?: string | undefined;
  readonly icon?: string;
}

export function plainButton({ label, onClick, isPrimary, reason, icon }: PlainButton): TemplateResult {
  return html`<button
    type="button"
    class=${isPrimary ? 'button primary' : 'button'}
    aria-disabled=${reason === undefined ? nothing : 'true'}
    title=${reason ?? nothing}
    @click=${() => {
      if (reason === undefined) onClick();
    }}
  >
    ${icon ? codicon(icon) : nothing}${label}
  </button>`;
}

/** A button of the panel's own: primary where it is the next step. */
export function panelButton(state: PageState, name: ButtonName, onClick: () => unknown): TemplateResult {
  const situation = situationOf(state);
  const reason = disabledReason(name, situation);
  return plainButton({
    label: state.strings[name],
    onClick,
    isPrimary: primaryButton(situation) === name,
    reason: reason && state.strings[reason],
  });
}

export function codicon(name: string): TemplateResult {
  return html`<span class="codicon codicon-${name}" aria-hidden="true"></span>`;
}
