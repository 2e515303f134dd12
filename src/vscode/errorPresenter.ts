import { l10n } from 'vscode';
import { toWorkbenchError, type ErrorCode, type WorkbenchError } from '../core/base/errors.ts';
import { redact } from '../core/base/redact.ts';
import type { PresentedError as PanelError } from '../protocol/viewModels.ts';
import { errorTextOf } from './errorTexts.ts';
import { knownFailureText } from './knownFailures.ts';
import type { ErrorAction } from './errorTexts/errorText.ts';
import type { LogChannel } from './logChannel.ts';
import { plainText } from './plainText.ts';
import { tell } from './quiet.ts';

/** A failure as the panel and the notifications show it. */
export interface PresentedError extends PanelError {
  readonly code: ErrorCode;
  readonly action?: ErrorAction;
  /** One fact a line, redacted. */
  readonly details: string[];
}

/** Runs the button of a failure. */
export type RunErrorAction = (action: ErrorAction, error: WorkbenchError, connectionId?: string) => unknown;

const silentCodes: readonly ErrorCode[] = ['operation/cancelled', 'authorization/cancelled'];
const maxCauses = 5;
const maxLineLength = 1000;

export function present(error: unknown): PresentedError {
  const failure = toWorkbenchError(error);
  const { happened, why, remedy, action } = knownFailureText(failure) ?? errorTextOf(failure);
  return {
    code: failure.code,
    happened: redact(happened),
    why: redact(why),
    remedy: redact(remedy),
    ...(action ? { action } : {}),
    details: [failure.code, ...factLines(failure), ...causeLines(failure)].map(readableLine),
  };
}

function factLines({ details }: WorkbenchError): string[] {
  return Object.entries(details).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  );
}

function causeLines(failure: WorkbenchError): string[] {
  const lines: string[] = [];
  let cause = failure.cause;
  while (cause instanceof Error && lines.length < maxCauses) {
    lines.push(`${cause.name}: ${cause.message}`);
    cause = cause.cause;
  }
  return lines;
}

function readableLine(line: string): string {
  return redact(line).replace(/\s+/g, ' ').slice(0, maxLineLength);
}

/** Notifies of failures: once a cause while the former notification is still there, never of a cancellation. */
export class ErrorPresenter {
  readonly #log: LogChannel;
  readonly #runAction: RunErrorAction;

  constructor(log: LogChannel, runAction: RunErrorAction) {
    this.#log = log;
    this.#runAction = runAction;
  }

  /** Resolves when the notification is gone and its button's work, if one was pressed, has begun. */
  async show(error: unknown, connectionId?: string): Promise<void> {
    const failure = toWorkbenchError(error);
    if (silentCodes.includes(failure.code)) return;
    const presented = present(failure);
    this.#write(failure, presented);
    const { happened, why, remedy, action } = presented;
    const details = l10n.t('Details');
    const isHelped = action !== undefined && action.id !== 'showLog';
    const answer = await tell(
      plainText(`${happened} ${why} ${remedy}`),
      isHelped ? [action.label, details] : [details],
      {
        tone: 'error',
        cause: `${connectionId ?? ''}:${failure.code}`,
        whispered: plainText(happened),
      },
    );
    if (answer === details) this.#log.show();
    else if (answer !== undefined && action) this.#runAction(action, failure, connectionId);
  }

  #write(failure: WorkbenchError, { details }: PresentedError): void {
    this.#log.error(details.join(' | '));
    const defect = failure.cause;
    if (failure.code === 'internal/unexpected' && defect instanceof Error)
      this.#log.error(defect.stack ?? '');
  }
}
