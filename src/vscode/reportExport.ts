import { l10n, Uri, window, workspace } from 'vscode';
import type { Connection } from '../core/connection/connection.ts';
import type { FhirService } from '../core/fhir/fhirService.ts';
import {
  writeReport,
  type ReportCase,
  type ReportFormat,
  type WorkbenchReport,
} from '../core/fhir/reportExport.ts';
import { isAllowed } from '../core/fhir/probeVerdict.ts';
import type { TestReport } from '../protocol/viewModels.ts';
import { matrixCell, missingText, scopeRowView } from './fhirTexts.ts';

export interface ReportExportDependencies {
  readonly fhir: FhirService;
  /** The last connection test of this window, in words. */
  readonly lastTest: (connectionId: string) => TestReport | undefined;
  readonly now: () => number;
}

const extensions: Readonly<Record<ReportFormat, string>> = { markdown: 'md', json: 'json', junit: 'xml' };

/** Writes connection test, permissions and matrix to a file that people may hand on: nothing personal is in it. */
export class ReportExport {
  readonly #dependencies: ReportExportDependencies;

  constructor(dependencies: ReportExportDependencies) {
    this.#dependencies = dependencies;
  }

  /** False where nobody chose a file. */
  async export(connection: Connection, format: ReportFormat): Promise<boolean> {
    const extension = extensions[format];
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const name = `openemr-report.${extension}`;
    const target = await window.showSaveDialog({
      title: l10n.t('Export report'),
      ...(folder ? { defaultUri: Uri.joinPath(folder, name) } : {}),
      filters: { [format]: [extension] },
    });
    if (!target) return false;
    const text = writeReport(await this.report(connection), format);
    await workspace.fs.writeFile(target, Buffer.from(text));
    this.#dependencies.fhir.report({ action: 'report-exported', connectionId: connection.id, format });
    return true;
  }

  async report(connection: Connection): Promise<WorkbenchReport> {
    const { lastTest, now } = this.#dependencies;
    const test = lastTest(connection.id);
    return {
      title: l10n.t('OpenEMR connection report'),
      facts: [
        [l10n.t('Address'), connection.baseUrl],
        [l10n.t('Site'), connection.site],
        ...(test?.openEmrVersion ? [[l10n.t('OpenEMR version'), test.openEmrVersion] as const] : []),
        ...(test?.fhirVersion ? [[l10n.t('FHIR version'), test.fhirVersion] as const] : []),
        [l10n.t('Written'), new Date(now()).toISOString()],
      ],
      heads: [l10n.t('Check'), l10n.t('Result'), l10n.t('ms'), l10n.t('What it means')],
      parts: [
        { title: l10n.t('Connection test'), cases: testCases(test) },
        { title: l10n.t('Permissions'), cases: await this.#scopeCases(connection) },
        { title: l10n.t('Types of records'), cases: this.#matrixCases(connection) },
      ],
    };
  }

  async #scopeCases(connection: Connection): Promise<ReportCase[]> {
    const { rows, missing } = await this.#dependencies.fhir.scopes(connection);
    const asked = rows.filter(({ requested, granted }) => requested || granted === 'yes').map(scopeRowView);
    return [
      ...asked.map(({ scope, granted, problems, meaning }): ReportCase => {
        const result = granted === 'yes' ? 'pass' : granted === 'no' ? 'fail' : 'skipped';
        const text = { yes: l10n.t('Granted'), no: l10n.t('Not granted'), unknown: l10n.t('Not known') }[
          granted
        ];
        return { name: scope, result, text, meaning: problems.length > 0 ? problems.join(' ') : meaning };
      }),
      ...missing.map((one): ReportCase => {
        return { name: one.scope, result: 'warning', text: l10n.t('Missing'), meaning: missingText(one) };
      }),
    ];
  }

  #matrixCases(connection: Connection): ReportCase[] {
    const { fhir } = this.#dependencies;
    const rows = fhir.lastProbe(connection.id) ?? [];
    return rows.flatMap((row) =>
      (['search', 'read'] as const).map((access): ReportCase => {
        const cell = row[access];
        const { label, diagnosis, ms } = matrixCell(cell, fhir.readScope(connection, row.type), access);
        const isSkipped = ['not-offered', 'not-supported', 'cancelled'].includes(cell.verdict);
        return {
          name: `${row.type} ${access}`,
          result: isAllowed(cell.verdict) ? 'pass' : isSkipped ? 'skipped' : 'fail',
          text: label,
          meaning: diagnosis,
          ...(ms === undefined ? {} : { durationMs: ms }),
        };
      }),
    );
  }
}

/** Without the details, whose lines may name addresses with ids. */
function testCases(test: TestReport | undefined): ReportCase[] {
  const labels = {
    pass: l10n.t('Pass'),
    fail: l10n.t('Fail'),
    warning: l10n.t('Warning'),
    skipped: l10n.t('Skipped'),
    running: l10n.t('Running'),
  };
  return (test?.rows ?? []).map(({ check, result, meaning, ms }) => ({
    name: check,
    result: result === 'running' ? 'skipped' : result,
    text: labels[result],
    meaning,
    ...(ms === undefined ? {} : { durationMs: ms }),
  }));
}
