import { l10n } from 'vscode';
import type { ConnectionCheckId, ConnectionTestRow } from '../../core/fhir/connectionTestRow.ts';
import type { ConnectionTestResult } from '../../core/fhir/connectionTest.ts';
import type { PresentedError, TestReport, TestRow } from '../../protocol/viewModels.ts';
import { countText, numberText } from '../formats.ts';

type Present = (error: unknown) => PresentedError;

const checkNames: Record<ConnectionCheckId, () => string> = {
  server: () => l10n.t('Server answers'),
  certificate: () => l10n.t('Certificate is trusted'),
  discovery: () => l10n.t('Sign-in service is described'),
  capabilityStatement: () => l10n.t('FHIR service is described'),
  openEmrVersion: () => l10n.t('OpenEMR version'),
  token: () => l10n.t('Login is valid'),
  patientRead: () => l10n.t('Patient can be read'),
  patientCount: () => l10n.t('Patients are counted'),
};

/** A check's name; its id where it is none of ours. */
export function checkName(id: string): string {
  return Object.hasOwn(checkNames, id) ? checkNames[id as ConnectionCheckId]() : id;
}

type Facts = ConnectionTestRow['facts'];

const meanings: Record<ConnectionCheckId, (facts: Facts) => string> = {
  server: () => l10n.t('OpenEMR can be reached from here.'),
  certificate: certificateMeaning,
  discovery: (facts) =>
    facts['hasSmartConfiguration'] === false
      ? l10n.t('The OpenID configuration was read; the SMART configuration is missing.')
      : l10n.t('OpenID and SMART configuration were read and agree with the address.'),
  capabilityStatement: ({ fhirVersion, resourceTypes }) =>
    fhirVersion
      ? l10n.t('FHIR {fhirVersion} with {resourceTypes} kinds of records.', {
          fhirVersion: String(fhirVersion),
          resourceTypes: Number(resourceTypes),
        })
      : l10n.t('The capability statement does not name a FHIR version.'),
  openEmrVersion: ({ version }) =>
    version
      ? l10n.t('OpenEMR {version}.', { version: String(version) })
      : l10n.t('The server does not tell its version.'),
  token: ({ minutesLeft, scopes }) =>
    countText(
      Number(minutesLeft ?? 0),
      l10n.t('The access token is good for one more minute and carries {scopes} permissions (scopes).', {
        scopes: Number(scopes ?? 0),
      }),
      l10n.t(
        'The access token is good for {minutesLeft} more minutes and carries {scopes} permissions (scopes).',
        {
          minutesLeft: Number(minutesLeft ?? 0),
          scopes: Number(scopes ?? 0),
        },
      ),
    ),
  patientRead: patientReadMeaning,
  patientCount: patientCountMeaning,
};

function patientCountMeaning({ count, isAtLeast }: Facts): string {
  const number = numberText(Number(count));
  return isAtLeast
    ? l10n.t('At least {count} patients can be seen; counting stopped there.', { count: number })
    : countText(
        Number(count),
        l10n.t('One patient can be seen. Nothing of that patient is kept.'),
        l10n.t('{count} patients can be seen. Nothing of them is kept.', { count: number }),
      );
}

function certificateMeaning({ isPinned, daysLeft }: Facts): string {
  if (isPinned) return l10n.t('It is the certificate that you chose to trust for this connection.');
  return typeof daysLeft === 'number'
    ? countText(
        daysLeft,
        l10n.t('It is vouched for and valid for one more day.'),
        l10n.t('It is vouched for and valid for {daysLeft} more days.', { daysLeft: numberText(daysLeft) }),
      )
    : l10n.t('It is vouched for.');
}

function patientReadMeaning({ isEmpty, hasPatientContext }: Facts): string {
  if (isEmpty) return l10n.t('The read is allowed, but no patient came back.');
  return hasPatientContext
    ? l10n.t("This login sees one patient's records.")
    : l10n.t('This login may read patients.');
}

/** A finished check in words. */
export function testRowView(row: ConnectionTestRow, present: Present): TestRow {
  const error = row.error && present(row.error);
  const { count, isAtLeast } = row.facts;
  return {
    id: row.id,
    check: checkNames[row.id](),
    result: row.status === 'warn' ? 'warning' : row.status,
    ...(row.durationMs > 0 ? { ms: Math.round(row.durationMs) } : {}),
    meaning: meaningOf(row, error),
    details: [...factLines(row.facts), ...(error?.details ?? [])],
    ...(error?.action && row.status === 'fail' ? { action: error.action } : {}),
    ...(row.id === 'patientCount' && typeof count === 'number'
      ? { patientCount: { count, atLeast: isAtLeast === true } }
      : {}),
  };
}

function meaningOf(row: ConnectionTestRow, error: PresentedError | undefined): string {
  if (error) {
    return row.status === 'skipped'
      ? l10n.t('Not checked. {reason}', { reason: error.happened })
      : `${error.happened} ${error.why} ${error.remedy}`;
  }
  if (row.status === 'skipped' && row.id === 'certificate') {
    return l10n.t('Not used: the server runs on this computer without encryption.');
  }
  if (row.status === 'skipped') return l10n.t('Not checked.');
  return meanings[row.id](row.facts);
}

function factLines(facts: Facts): string[] {
  return Object.entries(facts).map(([name, value]) => `${name}: ${String(value)}`);
}

/** A check that has not ended yet. */
export function runningRow(id: ConnectionCheckId): TestRow {
  return { id, check: checkNames[id](), result: 'running', meaning: '' };
}

export function testReportView(
  result: ConnectionTestResult,
  present: Present,
  wasCancelled: boolean,
): TestReport {
  const isPatientContext = result.rows.some(({ facts }) => facts['hasPatientContext'] === true);
  return {
    rows: result.rows.map((row) => testRowView(row, present)),
    startedAt: result.startedAt,
    durationMs: result.durationMs,
    ...(result.openEmrVersion ? { openEmrVersion: result.openEmrVersion } : {}),
    ...(result.fhirVersion ? { fhirVersion: result.fhirVersion } : {}),
    scopesGranted: [...result.scopesGranted],
    context: isPatientContext ? 'patient' : 'user',
    wasCancelled,
  };
}
