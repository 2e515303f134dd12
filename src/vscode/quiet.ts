import { window, workspace } from 'vscode';

const statusMessageMs = 8_000;
const shown = new Set<string>();

/** Whether `openemr.quietNotifications` asks for silence, as while somebody is presenting. */
export function isQuiet(): boolean {
  return workspace.getConfiguration('openemr').get('quietNotifications') === true;
}

/**
 * Tells what needs no answer: a notification, one at a time of the same text; a word in the status bar while quiet.
 * Answers with the button that was pressed.
 */
export async function tell(text: string, ...buttons: string[]): Promise<string | undefined> {
  if (isQuiet()) {
    whisper(text);
    return undefined;
  }
  if (shown.has(text)) return undefined;
  shown.add(text);
  try {
    return await window.showInformationMessage(text, ...buttons);
  } finally {
    shown.delete(text);
  }
}

/** A word in the status bar that goes away by itself. */
export function whisper(text: string): void {
  window.setStatusBarMessage(text, statusMessageMs);
}
