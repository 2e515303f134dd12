import { l10n, ProgressLocation, window } from 'vscode';
import type { AuditExportFormat } from '../core/audit/auditExport.ts';
import type { AuditCommandId } from './commandIds.ts';
import type { AuditLog } from './auditLog.ts';
import { whisper } from './quiet.ts';

export interface AuditCommandDependencies {
  readonly auditLog: AuditLog;
  readonly openAudit: () => void;
  readonly showError: (error: unknown) => unknown;
}

/** Show, verify and export the audit log, from the palette: each before the panel's section about it. */
export class AuditCommands {
  readonly #dependencies: AuditCommandDependencies;

  constructor(dependencies: AuditCommandDependencies) {
    this.#dependencies = dependencies;
  }

  /** A failure is shown, never thrown at whoever pressed the key; nothing is handed to other extensions. */
  async run(id: AuditCommandId): Promise<void> {
    try {
      this.#dependencies.openAudit();
      if (id === 'verifyAuditLog') await this.#verify();
      else if (id === 'exportAuditLog') await this.#export();
    } catch (error) {
      await this.#dependencies.showError(error);
    }
  }

  async #verify(): Promise<void> {
    const { headline, lines, tone } = await this.#withProgress(
      l10n.t('Verifying the audit log'),
      (report, signal) => this.#dependencies.auditLog.verify(report, signal),
    );
    const detail = lines.join('\n');
    if (tone === 'bad') await window.showErrorMessage(headline, { modal: true, detail });
    else if (tone === 'warning') await window.showWarningMessage(headline, { modal: true, detail });
    else await window.showInformationMessage(headline, { modal: true, detail });
  }

  async #export(): Promise<void> {
    const formats: { label: string; format: AuditExportFormat }[] = [
      { label: l10n.t('CSV, for a spreadsheet'), format: 'csv' },
      { label: l10n.t('JSON Lines, can be verified again'), format: 'jsonl' },
    ];
    const chosen = await window.showQuickPick(formats, { title: l10n.t('Export Audit Log') });
    if (!chosen) return;
    const wasExported = await this.#withProgress(l10n.t('Exporting the audit log'), (_, signal) =>
      this.#dependencies.auditLog.export(chosen.format, signal),
    );
    if (wasExported) whisper(l10n.t('The audit log was exported.'));
  }

  async #withProgress<T>(
    title: string,
    work: (report: (share: number) => void, signal: AbortSignal) => Promise<T>,
  ): Promise<T> {
    const options = { location: ProgressLocation.Notification, title, cancellable: true };
    return window.withProgress(options, async (progress, token) => {
      const cancelled = new AbortController();
      token.onCancellationRequested(() => cancelled.abort());
      let done = 0;
      return work((share) => {
        progress.report({ increment: (share - done) * 100 });
        done = share;
      }, cancelled.signal);
    });
  }
}
