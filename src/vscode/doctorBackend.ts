import { env, extensions, l10n, UIKind, version as editorVersion, window, workspace } from 'vscode';
import type { AuditRecorder } from '../core/audit/auditEvent.ts';
import { EventEmitter, type Event } from '../core/base/event.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { checkIds } from '../core/doctor/check.ts';
import type { DoctorService } from '../core/doctor/doctorService.ts';
import { supportReport } from '../core/doctor/supportReport.ts';
import type { FlowKind, Transcript } from '../core/transcript/transcript.ts';
import { exchangeAsCurl, flowAsMarkdown } from '../core/transcript/transcriptText.ts';
import type { DoctorPage, DoctorRow, DoctorView } from '../protocol/doctorView.ts';
import type { PresentedError } from '../protocol/viewModels.ts';
import { doctorReportView, doctorRow, runningDoctorRow } from './doctorTexts.ts';
import { tell, whisper } from './quiet.ts';
import { flowView } from './transcriptView.ts';
import type { DoctorBackend } from './webview/doctorRequests.ts';

export interface DoctorBackendDependencies {
  readonly doctor: DoctorService;
  readonly transcript: Transcript;
  readonly connections: ConnectionService;
  readonly present: (error: unknown) => PresentedError;
  readonly audit: AuditRecorder;
  /** The newest entry of the audit log as a line of text. */
  readonly auditHead: () => Promise<string | undefined>;
  readonly now: () => number;
}

/** The doctor, the transcript and the support report, for the panel and for commands. */
export class VscodeDoctorBackend implements DoctorBackend {
  readonly #dependencies: DoctorBackendDependencies;
  readonly #changed = new EventEmitter<string>();
  readonly onDidChange: Event<string> = this.#changed.event;

  constructor(dependencies: DoctorBackendDependencies) {
    this.#dependencies = dependencies;
    dependencies.transcript.onDidChange((connectionId) => this.#changed.fire(connectionId));
  }

  page(connectionId: string | undefined): DoctorPage {
    const { doctor, transcript, present } = this.#dependencies;
    if (connectionId === undefined) return { doctor: { state: 'none' }, flows: [] };
    const report = doctor.lastReport(connectionId);
    return {
      doctor: report ? doctorReportView(report) : { state: 'none' },
      flows: transcript.flows(connectionId).map((flow) => flowView(flow, present)),
    };
  }

  /** Streams each row as it starts and as it ends. */
  async run(connectionId: string, onChange: (view: DoctorView) => void, signal: AbortSignal): Promise<void> {
    const rows = new Map<string, DoctorRow>();
    const show = (row: DoctorRow): void => {
      rows.set(row.id, row);
      onChange({ state: 'running', rows: checkIds.flatMap((id) => rows.get(id) ?? []) });
    };
    try {
      const report = await this.#dependencies.doctor.examine(
        connectionId,
        {
          onStart: (id) => show(runningDoctorRow(id)),
          onResult: (result) => show(doctorRow(result)),
        },
        signal,
      );
      onChange(doctorReportView(report));
    } catch (error) {
      onChange({ state: 'failed', error: this.#dependencies.present(error) });
    }
  }

  /** False where there is nothing to copy any more. */
  async copy(connectionId: string, kind: FlowKind, exchange: number | undefined): Promise<boolean> {
    const flow = this.#dependencies.transcript.flows(connectionId).find((one) => one.kind === kind);
    if (!flow) return false;
    const single = exchange === undefined ? undefined : flow.exchanges[exchange];
    if (exchange !== undefined && !single) return false;
    await env.clipboard.writeText(single ? exchangeAsCurl(single) : flowAsMarkdown(flow));
    return true;
  }

  /** Shows the report as a document and copies it only when the person says so. */
  async copySupportReport(connectionId: string | undefined): Promise<void> {
    const report = await this.#report(connectionId);
    const document = await workspace.openTextDocument({ language: 'markdown', content: report });
    await window.showTextDocument(document, { preview: true });
    const copy = l10n.t('Copy report');
    const question = l10n.t(
      'This is everything that the support report holds: no passwords, tokens or patients. Copy it?',
    );
    if ((await tell(question, [copy], { isAnswer: true })) !== copy) return;
    await env.clipboard.writeText(document.getText());
    this.#dependencies.audit.record({
      ...{ action: 'exported', outcome: 'success', connection: connectionId },
      detail: { what: 'supportReport', format: 'text' },
    });
    whisper(l10n.t('The support report was copied.'));
  }

  async #report(connectionId: string | undefined): Promise<string> {
    const { connections, doctor, transcript, auditHead, now } = this.#dependencies;
    const connection = connectionId === undefined ? undefined : connections.find(connectionId);
    return supportReport({
      versions: {
        'OpenEMR Workbench': ownVersion(),
        'VS Code': `${editorVersion} (${env.appName}, ${env.uiKind === UIKind.Desktop ? 'desktop' : 'browser'})`,
        'Node.js': process.version,
        System: `${process.platform} ${process.arch}`,
      },
      connection,
      tokenState: connection ? (await connections.state(connection)).kind : 'none',
      report: connection && doctor.lastReport(connection.id),
      flows: connection ? transcript.flows(connection.id) : [],
      auditHead: await auditHead().catch(() => undefined),
      at: now(),
    });
  }
}

function ownVersion(): string {
  const manifest: unknown = extensions.getExtension('emr-workbench.openemr-workbench')?.packageJSON;
  return typeof manifest === 'object' && manifest !== null && 'version' in manifest
    ? String(manifest.version)
    : 'unknown';
}
