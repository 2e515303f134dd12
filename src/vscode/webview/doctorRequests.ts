import { l10n } from 'vscode';
import type { Event } from '../../core/base/event.ts';
import type { DoctorPage, DoctorView } from '../../protocol/doctorView.ts';
import type { ActionOutcome } from '../../protocol/outcomes.ts';

/** What the panel's Doctor and Transcript sections ask for. */
export interface DoctorBackend {
  /** The id of the connection of which something new was recorded. */
  readonly onDidChange: Event<string>;
  page(connectionId: string | undefined): DoctorPage;
  /** Tells each state on the way; ends with `done` or `failed`. */
  run(connectionId: string, onChange: (view: DoctorView) => void, signal: AbortSignal): Promise<void>;
  /** One exchange as curl, or the whole flow as Markdown. False where there is nothing to copy any more. */
  copy(
    connectionId: string,
    flow: 'login' | 'registration' | 'refresh' | 'test',
    exchange: number | undefined,
  ): Promise<boolean>;
  copySupportReport(connectionId: string | undefined): Promise<void>;
}

export async function copiedOutcome(copied: Promise<boolean>): Promise<ActionOutcome> {
  return (await copied) ? { kind: 'done', message: l10n.t('Copied.') } : { kind: 'cancelled' };
}

export async function reportOutcome(shown: Promise<void>): Promise<ActionOutcome> {
  await shown;
  return { kind: 'done', message: '' };
}
