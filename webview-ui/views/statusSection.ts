import { html, nothing, type TemplateResult } from 'lit';
import type { PanelController } from '../panelController.ts';
import { fill, timeLeft } from '../panelModel.ts';
import type { PageState } from '../pageState.ts';
import { errorText } from './messages.ts';

/** Where the login stands. */
export function statusSection(state: PageState, controller: PanelController, now: number): TemplateResult {
  const { strings, language, model, error } = state;
  const { session } = model;
  const moment = new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeStyle: 'short' });
  const { loggedInAt, user, lastFailure, keptAlive = [] } = session;
  return html`<h2>${strings.sectionStatus}</h2>
    <dl class="status">
      <dt>${strings.statusState}</dt>
      <dd>${session.label}</dd>
      <dt>${strings.statusTimeLeft}</dt>
      <dd>${timeLeftText(state, now, moment)}</dd>
      ${
        loggedInAt === undefined
          ? nothing
          : html`<dt>${strings.statusLoggedInAt}</dt>
              <dd>${moment.format(loggedInAt)}</dd>`
      }
      ${
        user
          ? html`<dt>${strings.statusUser}</dt>
              <dd>${user}</dd>`
          : nothing
      }
      <dt>${strings.statusScopesGranted}</dt>
      <dd>${scopes(session.scopesGranted, strings.statusNone)}</dd>
      ${
        session.scopesMissing.length > 0
          ? html`<dt>${strings.statusScopesMissing}</dt>
              <dd>${scopes(session.scopesMissing, '')}</dd>`
          : nothing
      }
      ${
        keptAlive.length > 0
          ? html`<dt>${strings.statusKeptAlive}</dt>
              ${keptAlive.map((line) => html`<dd>${line}</dd>`)}`
          : nothing
      }
      <dt>${strings.statusLastFailure}</dt>
      <dd>
        ${
          lastFailure
            ? errorText(state, controller, lastFailure, [error?.action?.label, model.notice?.action?.label])
            : strings.statusNoFailure
        }
      </dd>
    </dl>`;
}

function timeLeftText({ strings, model }: PageState, now: number, moment: Intl.DateTimeFormat): string {
  const { expiresAt } = model.session;
  if (expiresAt === undefined) return strings.statusNoLogin;
  const left = timeLeft(expiresAt, now, strings);
  const at = moment.format(expiresAt);
  return left ? `${left.text}, ${fill(strings.statusExpiresAt, at)}` : fill(strings.statusExpiredAt, at);
}

function scopes(names: readonly string[], none: string): TemplateResult | string {
  if (names.length === 0) return none;
  return html`<ul class="scope-names">
    ${names.map((name) => html`<li><code>${name}</code></li>`)}
  </ul>`;
}
