import { l10n } from 'vscode';
import type { Connection } from '../../core/connection/connection.ts';
import type { LatencyRun } from '../../core/fhir/latencyHistory.ts';
import type { ProbeProgress, ProbeRow } from '../../core/fhir/resourceProbe.ts';
import type { ScopeReport } from '../../core/oauth/scopeAnalysis.ts';
import type { MatrixView, ScopesView, TimingPicture, TimingView } from '../../protocol/fhirViews.ts';
import {
  matrixCell,
  matrixSummary,
  missingText,
  rowDiagnosis,
  scopeRowView,
  waitingCell,
} from '../fhirTexts.ts';
import { recordNames } from '../scopeTexts.ts';
import { checkName } from './testRowTexts.ts';

export function scopesView(
  connection: Connection,
  report: ScopeReport,
  clientName: string | undefined,
): ScopesView {
  const unregistered = report.rows.filter(({ problems }) =>
    problems.some(({ kind }) => kind === 'not-registered'),
  );
  const isByHand = connection.clientId !== undefined && !connection.registeredScopes;
  return {
    part: 'scopes',
    rows: report.rows.map(scopeRowView),
    missing: report.missing.map(missingText),
    ...(unregistered.length > 0
      ? {
          needsRegistration: registrationText(
            unregistered.map(({ scope }) => scope),
            connection,
            clientName,
          ),
        }
      : {}),
    notes: [
      ...(isByHand
        ? [
            l10n.t(
              'This client was entered by hand, and OpenEMR does not tell what a client was registered with. What a login gets shows here as registered.',
            ),
          ]
        : []),
    ],
  };
}

/** What choosing a permission means that the client does not have. */
export function registrationText(
  scopes: readonly string[],
  { clientId = '' }: Pick<Connection, 'clientId'>,
  clientName: string | undefined,
): string {
  return l10n.t(
    'This client was not registered with {scopes}, so OpenEMR silently leaves it out of every login. Register the client again; an administrator has to enable the new one. Then disable the old one under Administration → System → API Clients: {client}.',
    { scopes: scopes.join(', '), client: clientName ? `${clientName} (${clientId})` : clientId },
  );
}

export function matrixView(matrix: {
  readonly running: readonly ProbeProgress[] | undefined;
  /** The permission that reading a type needs. */
  readonly scopeFor: (type: string) => string;
  readonly last: readonly ProbeRow[] | undefined;
  readonly total: number | undefined;
  readonly durationMs: number | undefined;
}): MatrixView {
  const { running, scopeFor, last, total, durationMs } = matrix;
  const rows = running ?? last ?? [];
  const names = recordNames();
  return {
    part: 'matrix',
    state: running ? 'running' : last ? 'done' : 'none',
    rows: rows.map((row) => {
      const search = matrixCell(row.search, scopeFor(row.type), 'search');
      const read = row.read ? matrixCell(row.read, scopeFor(row.type), 'read') : waitingCell();
      const [own, other] = [rowDiagnosis(search, read), ''];
      return {
        type: row.type,
        records: names[row.type] ?? '',
        search: { ...search, diagnosis: own },
        read: { ...read, diagnosis: other },
      };
    }),
    total: total ?? rows.length,
    summary: rows.length > 0 ? matrixSummary(rows, running ? undefined : durationMs) : '',
  };
}

export function timingView(tests: readonly LatencyRun[], matrices: readonly LatencyRun[]): TimingView {
  return {
    part: 'timing',
    pictures: [
      ...picture(l10n.t('Connection test'), tests, checkName),
      ...picture(l10n.t('Types of records'), matrices, (type) => type),
    ],
  };
}

/** The slowest of the last run first. */
function picture(
  title: string,
  runs: readonly LatencyRun[],
  nameOf: (id: string) => string,
): TimingPicture[] {
  const last = runs.at(-1);
  if (!last) return [];
  const ids = Object.entries(last.times).toSorted(([, a], [, b]) => b - a);
  return [
    {
      title,
      runs: runs.map(({ at }) => at),
      items: ids.map(([id]) => ({ name: nameOf(id), times: runs.map(({ times }) => times[id] ?? null) })),
    },
  ];
}
