import { window, workspace } from 'vscode';

const statusMessageMs = 8_000;
const shown = new Set<string>();

/** How a notification looks and when it may come. */
export interface NoticeOptions {
  readonly tone?: 'info' | 'warning' | 'error';
  /** What it is about, where the text does not say: of one cause one notification is there at a time. */
  readonly cause?: string;
  /** Somebody asked for it just now: silence would be no answer, and it comes while quiet, too. */
  readonly isAnswer?: boolean;
  /** What is said in the status bar while quiet; the text where absent. */
  readonly whispered?: string;
}

/** Whether `openemr.quietNotifications` asks for silence, as while somebody is presenting. */
function isQuiet(): boolean {
  return workspace.getConfiguration('openemr').get('quietNotifications') === true;
}

/**
 * Notifies: one notification at a time of the same cause, never without something to do about it; a word in the status
 * bar while quiet. Answers with the button that was pressed.
 */
export async function tell(
  text: string,
  buttons: readonly [string, ...string[]],
  { tone = 'info', cause = text, isAnswer = false, whispered = text }: NoticeOptions = {},
): Promise<string | undefined> {
  if (!isAnswer && isQuiet()) {
    whisper(whispered);
    return undefined;
  }
  if (shown.has(cause)) return undefined;
  shown.add(cause);
  try {
    return await notify(tone, text, buttons);
  } finally {
    shown.delete(cause);
  }
}

function notify(
  tone: 'info' | 'warning' | 'error',
  text: string,
  buttons: readonly string[],
): Thenable<string | undefined> {
  switch (tone) {
    case 'info':
      return window.showInformationMessage(text, ...buttons);
    case 'warning':
      return window.showWarningMessage(text, ...buttons);
    case 'error':
      return window.showErrorMessage(text, ...buttons);
  }
}

/** A word in the status bar that goes away by itself. */
export function whisper(text: string): void {
  window.setStatusBarMessage(text, statusMessageMs);
}
