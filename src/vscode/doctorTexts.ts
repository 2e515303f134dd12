import { l10n } from 'vscode';
import type { CheckId } from '../core/doctor/check.ts';
import type { CheckResult, DoctorReport } from '../core/doctor/doctor.ts';
import type { Rule } from '../core/doctor/rule.ts';
import type { Diagnosis } from '../core/doctor/translator.ts';
import { redact } from '../core/base/redact.ts';
import type { DoctorRow, DoctorView } from '../protocol/doctorView.ts';
import { action } from './errorTexts/errorText.ts';
import type { ErrorAction } from './errorTexts/errorText.ts';
import { countText } from './formats.ts';

const documentationUrl =
  'https://github.com/emr-workbench/openemr-workbench/blob/main/docs/troubleshooting.md';

export const checkNames: Record<CheckId, () => string> = {
  address: () => l10n.t('Address is understood'),
  dns: () => l10n.t('Name is known (DNS)'),
  tcp: () => l10n.t('Server can be reached (TCP)'),
  tls: () => l10n.t('Certificate is in order (TLS)'),
  proxy: () => l10n.t('Proxy works'),
  http: () => l10n.t('Web server answers (HTTP)'),
  webroot: () => l10n.t('OpenEMR is at this address'),
  site: () => l10n.t('Site exists'),
  apis: () => l10n.t('Programming interfaces (APIs) are on'),
  openid: () => l10n.t('Sign-in service is described (OpenID configuration)'),
  smart: () => l10n.t('SMART configuration can be read'),
  capability: () => l10n.t('FHIR interface is described (capability statement)'),
  consistency: () => l10n.t('Descriptions agree with each other'),
  version: () => l10n.t('Version of OpenEMR'),
  clock: () => l10n.t('Clocks agree'),
  clientKnown: () => l10n.t('Client is known'),
  redirectUri: () => l10n.t('Return address is registered'),
  clientEnabled: () => l10n.t('Client is enabled'),
  clientSecret: () => l10n.t('Client secret is right'),
  scopesKnown: () => l10n.t('Permissions (scopes) are known to the server'),
  scopePrerequisites: () => l10n.t('Permissions fit together'),
  lastAttempt: () => l10n.t('Last attempt'),
  token: () => l10n.t('Login is valid'),
  tokenScopes: () => l10n.t('Login has the permissions'),
  fhirRead: () => l10n.t('Records can be read'),
  refresh: () => l10n.t('Login can be renewed'),
};

type Facts = CheckResult['facts'];

const passTexts: Record<CheckId, (facts: Facts) => string> = {
  address: ({ baseUrl }) => l10n.t('It is {baseUrl}.', { baseUrl: String(baseUrl) }),
  dns: ({ addresses }) => l10n.t('It resolves to {addresses}.', { addresses: String(addresses) }),
  tcp: ({ port }) => l10n.t('Something is listening on port {port}.', { port: String(port) }),
  tls: ({ protocol, validTo }) =>
    l10n.t('{protocol}, valid until {validTo}.', { protocol: String(protocol), validTo: String(validTo) }),
  proxy: ({ proxyHost }) => l10n.t('Requests go through {proxyHost}.', { proxyHost: String(proxyHost) }),
  http: ({ status }) => l10n.t('It answers with status {status}.', { status: String(status) }),
  webroot: () => l10n.t('Its addresses answer as those of OpenEMR do.'),
  site: ({ site }) => l10n.t('The site is "{site}".', { site: String(site) }),
  apis: () =>
    l10n.t(
      'They answer. From OpenEMR 8 on this shows only when all of them are off; a single one cannot be seen.',
    ),
  openid: () => l10n.t('It was read and is complete.'),
  smart: () => l10n.t('It was read.'),
  capability: ({ fhirVersion }) => l10n.t('FHIR {fhirVersion}.', { fhirVersion: String(fhirVersion) }),
  consistency: () => l10n.t('All of them name the address that was entered.'),
  version: ({ version, era }) =>
    version
      ? l10n.t('OpenEMR {version}.', { version: String(version) })
      : l10n.t('It is not told, and the server behaves like OpenEMR {era}.', { era: String(era) }),
  clock: ({ seconds }) =>
    countText(
      Math.abs(Number(seconds)),
      l10n.t('They differ by one second.'),
      l10n.t('They differ by {seconds} seconds.', { seconds: String(Math.abs(Number(seconds))) }),
    ),
  clientKnown: () => l10n.t('OpenEMR knows the client of this connection.'),
  redirectUri: () => l10n.t('OpenEMR accepts the address where the browser returns.'),
  clientEnabled: () => l10n.t('An administrator let it in, or it needs nobody to.'),
  clientSecret: () => l10n.t('OpenEMR accepts it, as far as it tells.'),
  scopesKnown: ({ count }) =>
    countText(
      Number(count),
      l10n.t('The one that was chosen can be asked for.'),
      l10n.t('All {count} can be asked for.', { count: String(count) }),
    ),
  scopePrerequisites: () => l10n.t('Nothing is missing that others need.'),
  lastAttempt: () => '',
  token: ({ minutes }) =>
    countText(
      Number(minutes),
      l10n.t('It is good for one more minute.'),
      l10n.t('It is good for {minutes} more minutes.', { minutes: String(minutes) }),
    ),
  tokenScopes: ({ count }) =>
    countText(
      Number(count),
      l10n.t('The permission for records was granted.'),
      l10n.t('All {count} permissions for records were granted.', { count: String(count) }),
    ),
  fhirRead: () => l10n.t('A read of FHIR succeeded. Nothing of it is kept.'),
  refresh: () => l10n.t('A refresh token is there. It was not used up for this check.'),
};

/** The sentences of a rule in the person's language; the English text is the key. */
export function diagnosisText({ rule, facts }: Diagnosis): { happened: string; why: string; remedy: string } {
  const said = (sentence: string): string => redact(l10n.t(sentence, translated(rule, facts)));
  return { happened: said(rule.happened), why: said(rule.why), remedy: said(rule.remedy) };
}

/** Words that stand in for unknown facts are texts too. */
function translated(rule: Rule, facts: Diagnosis['facts']): Record<string, string> {
  const isDefault = (name: string, value: string): boolean => rule.defaults?.[name] === value;
  return Object.fromEntries(
    Object.entries(facts).map(([name, value]) => [name, isDefault(name, value) ? l10n.t(value) : value]),
  );
}

export function diagnosisAction({ rule }: Diagnosis): ErrorAction | undefined {
  return rule.action && action(rule.action);
}

export function documentationOf({ rule }: Diagnosis): string {
  return `${documentationUrl}#${rule.id}`;
}

export function runningDoctorRow(id: CheckId): DoctorRow {
  return { id, check: checkNames[id](), result: 'running', meaning: '', asked: [], came: [] };
}

/** A finished check in words. */
export function doctorRow(result: CheckResult): DoctorRow {
  const { id, status, durationMs, diagnosis, asked, came } = result;
  const texts = diagnosis && diagnosisText(diagnosis);
  const button = diagnosis && diagnosisAction(diagnosis);
  return {
    id,
    check: checkNames[id](),
    result: status === 'warn' ? 'warning' : status,
    ...(durationMs >= 0.5 ? { ms: Math.round(durationMs) } : {}),
    meaning: texts?.happened ?? meaningOf(result),
    ...(texts ? { why: texts.why, remedy: texts.remedy } : {}),
    ...(diagnosis?.rule.screen ? { screen: diagnosis.rule.screen } : {}),
    // The doctor is running already.
    ...(button && button.id !== 'runDoctor' ? { action: button } : {}),
    ...(diagnosis ? { documentation: documentationOf(diagnosis) } : {}),
    asked: asked.map(redact),
    came: came.map(redact),
  };
}

function meaningOf({ id, status, facts, note, skippedBecause, came }: CheckResult): string {
  if (skippedBecause) {
    return l10n.t('Not checked: "{check}" comes first.', { check: checkNames[skippedBecause]() });
  }
  if (status === 'skipped') return came.length > 0 ? l10n.t('Does not apply here.') : l10n.t('Not checked.');
  const text = passTexts[id](facts);
  if (!note) return text;
  const { happened, why } = diagnosisText(note);
  return `${text} ${happened} ${why}`;
}

export function doctorReportView(report: DoctorReport): DoctorView {
  const { results, startedAt, durationMs, first, wasCancelled } = report;
  return {
    state: 'done',
    rows: results.map(doctorRow),
    startedAt,
    durationMs,
    ...(first ? { first: first.id } : {}),
    wasCancelled,
  };
}
