import { createWriteStream } from 'node:fs';
import { rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { l10n, Uri, window, workspace } from 'vscode';
import type { AuditAnchors } from '../core/audit/auditAnchor.ts';
import { auditActions, type AuditAction } from '../core/audit/auditEvent.ts';
import { exportAuditLog, type AuditExportFormat } from '../core/audit/auditExport.ts';
import type { AuditKeys } from '../core/audit/auditKeys.ts';
import { readPage, type AuditRecord } from '../core/audit/auditRecord.ts';
import { expiredFiles, lastSequence } from '../core/audit/auditRetention.ts';
import type { AuditFile, AuditStorage } from '../core/audit/auditStorage.ts';
import type { AuditTrail } from '../core/audit/auditTrail.ts';
import { verifyAuditLog, type AuditVerification } from '../core/audit/auditVerification.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import type { Event } from '../core/base/event.ts';
import type {
  AuditFilterView,
  AuditPageView,
  AuditRow,
  AuditVerificationView,
} from '../protocol/auditView.ts';
import { actionText, detailText, outcomeText, verificationView } from './auditTexts.ts';
import { countText } from './formats.ts';

export interface AuditLogDependencies {
  readonly trail: AuditTrail;
  readonly storage: AuditStorage;
  readonly keys: AuditKeys;
  readonly anchors: AuditAnchors;
  /** A connection's name, where it still exists. */
  readonly nameOf: (connectionId: string) => string | undefined;
  readonly monthOf: (fileName: string) => string;
  /** A sentence about secret storage where something is wrong with it. */
  readonly storageNotice: () => string | undefined;
  readonly now: () => number;
}

const pageSize = 100;
const defaultRetentionYears = 6;

/** How long entries are kept at least, in years: `openemr.audit.retentionYears`. */
export function auditRetentionYears(): number {
  const years = workspace.getConfiguration('openemr').get<unknown>('audit.retentionYears');
  return typeof years === 'number' && years >= 1 ? years : defaultRetentionYears;
}

/** The audit log as people use it: reading, verifying, exporting, removing what is past its time. */
export class AuditLog {
  readonly #dependencies: AuditLogDependencies;
  readonly onDidChange: Event<void>;

  constructor(dependencies: AuditLogDependencies) {
    this.#dependencies = dependencies;
    this.onDidChange = dependencies.trail.onDidWrite;
  }

  /** Throws WorkbenchError `storage/write-failed` where the files cannot be read. */
  async page(filter: AuditFilterView, before?: number): Promise<AuditPageView> {
    const { trail, storage } = this.#dependencies;
    await trail.flush();
    const files = await storage.files();
    const action = auditActions.find((known) => known === filter.action);
    const page = await readPage(files, {
      ...{ limit: pageSize, before },
      filter: { action, outcome: filter.outcome },
    });
    return {
      rows: page.records.map((record) => this.#row(record)),
      ...(page.before === undefined ? {} : { before: page.before }),
      actions: auditActions.map((id) => ({ id, label: actionText(id) })),
      notices: this.#notices(),
      expiredFiles: this.#expired(files).length,
    };
  }

  async verify(onProgress: (share: number) => void, signal: AbortSignal): Promise<AuditVerificationView> {
    return verificationView(await this.#verify(onProgress, signal));
  }

  /** Asks where to; false where the person decided against it. Throws WorkbenchError `storage/write-failed`. */
  async export(format: AuditExportFormat, signal: AbortSignal): Promise<boolean> {
    const target = await window.showSaveDialog({
      defaultUri: Uri.joinPath(Uri.file(homedir()), `openemr-audit-log.${format}`),
      filters: format === 'csv' ? { CSV: ['csv'] } : { 'JSON Lines': ['jsonl'] },
      title: l10n.t('Export Audit Log'),
    });
    if (!target) return false;
    const verification = await this.#verify(() => undefined, signal);
    const text = exportAuditLog(await this.#dependencies.storage.files(), verification, format);
    await write(target, text);
    this.#dependencies.trail.record({
      action: 'exported',
      outcome: 'success',
      detail: { what: 'auditLog', format },
    });
    return true;
  }

  /** Asks first, writes it into the log, then removes; answers with the number of files. */
  async removeExpired(): Promise<number> {
    const { trail, storage } = this.#dependencies;
    const expired = this.#expired(await storage.files());
    const last = expired.at(-1);
    const throughSequence = last && (await lastSequence(last));
    if (throughSequence === undefined || !(await agreesToRemove(expired.length))) return 0;
    const detail = { files: expired.length, throughSequence };
    trail.record({ action: 'log.retention', outcome: 'success', detail });
    await trail.flush();
    if (trail.isFailing) throw new WorkbenchError('storage/write-failed');
    await trail.anchor();
    await storage.remove(expired.map(({ name }) => name));
    return expired.length;
  }

  async #verify(onProgress: (share: number) => void, signal: AbortSignal): Promise<AuditVerification> {
    const { trail, storage, keys, anchors } = this.#dependencies;
    await trail.flush();
    const anchor = await anchors.read();
    return verifyAuditLog({
      ...{ files: await storage.files(), keys: await keys.all(), anchor },
      ...{ onProgress, signal },
    });
  }

  #expired(files: readonly AuditFile[]): readonly AuditFile[] {
    const { monthOf, now } = this.#dependencies;
    return expiredFiles(files, monthOf, { now: now(), years: auditRetentionYears() });
  }

  #notices(): string[] {
    const { trail, storageNotice } = this.#dependencies;
    const notice = storageNotice();
    return [
      ...(trail.isFailing
        ? [
            l10n.t(
              'Entries cannot be written at the moment: the disk is full or the folder is protected. They are kept until they can be.',
            ),
          ]
        : []),
      ...(notice ? [notice] : []),
    ];
  }

  #row(record: AuditRecord): AuditRow {
    const { seq, time, action, outcome, connection, actor } = record;
    return {
      seq,
      time: Date.parse(time),
      action: actionText(action satisfies AuditAction),
      outcome,
      outcomeText: outcomeText(outcome),
      connection: connection === undefined ? '' : (this.#dependencies.nameOf(connection) ?? connection),
      who: actor.fhirUser ?? actor.os,
      detail: detailText(record),
    };
  }
}

async function agreesToRemove(files: number): Promise<boolean> {
  const remove = l10n.t('Remove');
  const years = auditRetentionYears();
  const detail = countText(
    years,
    l10n.t(
      'They are past the retention time (one year). The removal itself is written into the log. It cannot be undone.',
    ),
    l10n.t(
      'They are past the retention time ({years} years). The removal itself is written into the log. It cannot be undone.',
      { years },
    ),
  );
  const question = countText(
    files,
    l10n.t('Remove one old file of the audit log?'),
    l10n.t('Remove {count} old files of the audit log?', { count: files }),
  );
  return (await window.showWarningMessage(question, { modal: true, detail }, remove)) === remove;
}

/** A log of years is written piece by piece where the target is a file of this machine. */
async function write(target: Uri, text: AsyncIterable<string>): Promise<void> {
  try {
    if (target.scheme === 'file') {
      await pipeline(Readable.from(text), createWriteStream(target.fsPath, { mode: 0o600 }));
      return;
    }
    const parts: string[] = [];
    for await (const part of text) parts.push(part);
    await workspace.fs.writeFile(target, new TextEncoder().encode(parts.join('')));
  } catch (cause) {
    // Half an export would look like a whole one.
    if (target.scheme === 'file') await rm(target.fsPath, { force: true }).catch(() => undefined);
    throw new WorkbenchError('storage/write-failed', { details: { key: 'export' }, cause });
  }
}
