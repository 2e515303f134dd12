import { l10n } from 'vscode';
import type { ErrorCode, WorkbenchError } from '../core/base/errors.ts';
import { action, factsOf, type ErrorText, type ErrorTextOf } from './errorTexts/errorText.ts';
import { serverTexts } from './errorTexts/serverTexts.ts';
import { sessionTexts } from './errorTexts/sessionTexts.ts';
import { setupTexts } from './errorTexts/setupTexts.ts';
import { signInTexts } from './errorTexts/signInTexts.ts';
import { countText } from './formats.ts';

const workbenchTexts = {
  'internal/unexpected': () => ({
    happened: l10n.t('Something went wrong inside the workbench.'),
    why: l10n.t('This is a defect of the extension, not of your settings.'),
    remedy: l10n.t('Try again. The log holds what is needed to report it; secrets are left out.'),
    action: action('showLog'),
  }),
  'limit/reached': (fact) => ({
    happened: l10n.t('That was too often within a minute.'),
    why: l10n.t('The workbench limits how often things that reach servers or settings can be started.'),
    remedy: countText(
      Number(fact('seconds', '60')),
      l10n.t('Wait a second, then try again.'),
      l10n.t('Wait {seconds} seconds, then try again.', { seconds: fact('seconds', '60') }),
    ),
  }),
  'operation/busy': () => ({
    happened: l10n.t('This was not started, because something else is still running for this connection.'),
    why: l10n.t('The panel does one long thing at a time, such as a login that waits for the browser.'),
    remedy: l10n.t('Wait until it has ended, or cancel it in the panel, then try again.'),
  }),
  'operation/cancelled': () => ({
    happened: l10n.t('This was cancelled.'),
    why: l10n.t('You or another window ended it.'),
    remedy: l10n.t('Nothing was changed.'),
  }),
  'protocol/invalid-message': () => ({
    happened: l10n.t('The panel and the extension did not understand each other.'),
    why: l10n.t('The panel is of another version than the extension, most likely after an update.'),
    remedy: l10n.t('Reload the window.'),
    action: action('reload'),
  }),
  'sandbox/failed': (fact) => ({
    happened: l10n.t('The sandbox could not be started.'),
    why: l10n.t('The practice server on this computer ended unexpectedly: {reason}', {
      reason: fact('reason', l10n.t('it does not say why.')),
    }),
    remedy: l10n.t('Start it again. If the problem persists, the log tells more.'),
    action: action('showLog'),
  }),
} as const satisfies Partial<Record<ErrorCode, ErrorTextOf>>;

/** Every code has a text; a code without one does not compile. */
const errorTexts = {
  ...serverTexts,
  ...setupTexts,
  ...signInTexts,
  ...sessionTexts,
  ...workbenchTexts,
} as const satisfies Record<ErrorCode, ErrorTextOf>;

/** The texts of an error in the user's language, filled with its details. */
export function errorTextOf(error: WorkbenchError): ErrorText {
  return errorTexts[error.code](factsOf(error.details));
}
