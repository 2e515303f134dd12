import { l10n } from 'vscode';
import type { AuditExportFormat } from '../../core/audit/auditExport.ts';
import type { Event } from '../../core/base/event.ts';
import type { AuditFilterView, AuditPageView, AuditVerificationView } from '../../protocol/auditView.ts';
import type { ActionOutcome } from '../../protocol/outcomes.ts';
import { countText } from '../formats.ts';

/** What the panel's Audit section asks for. */
export interface AuditBackend {
  readonly onDidChange: Event<void>;
  page(filter: AuditFilterView, before?: number): Promise<AuditPageView>;
  verify(onProgress: (share: number) => void, signal: AbortSignal): Promise<AuditVerificationView>;
  /** False where the person decided against it. */
  export(format: AuditExportFormat, signal: AbortSignal): Promise<boolean>;
  /** Answers with the number of files removed. */
  removeExpired(): Promise<number>;
}

export async function exportedOutcome(wasExported: Promise<boolean>): Promise<ActionOutcome> {
  return (await wasExported)
    ? { kind: 'done', message: l10n.t('The audit log was exported.') }
    : { kind: 'cancelled' };
}

export async function removedOutcome(removed: Promise<number>): Promise<ActionOutcome> {
  const count = await removed;
  if (count === 0) return { kind: 'cancelled' };
  const message = countText(
    count,
    l10n.t('One old file of the audit log was removed.'),
    l10n.t('{count} old files of the audit log were removed.', { count }),
  );
  return { kind: 'done', message };
}
