import { l10n } from 'vscode';
import type { ProbeCell, ProbeProgress } from '../core/fhir/resourceProbe.ts';
import type { Verdict } from '../core/fhir/probeVerdict.ts';
import type { FhirAccess, MissingPrerequisite, ScopeProblem, ScopeRow } from '../core/oauth/scopeAnalysis.ts';
import type { MatrixCell, ScopeRowView, Tone } from '../protocol/fhirViews.ts';
import { explainScope } from './scopeTexts.ts';
import { countText, secondsText } from './formats.ts';

interface Face {
  readonly tone: Tone;
  readonly icon: string;
  readonly label: () => string;
}

const faces: Readonly<Record<Verdict, Face>> = {
  allowed: { tone: 'good', icon: 'pass', label: () => l10n.t('Allowed') },
  'allowed-empty': { tone: 'good', icon: 'pass', label: () => l10n.t('Allowed, empty') },
  'scope-missing': { tone: 'bad', icon: 'key', label: () => l10n.t('Permission missing') },
  'context-missing': { tone: 'bad', icon: 'person', label: () => l10n.t('No patient chosen') },
  'role-refused': { tone: 'bad', icon: 'shield', label: () => l10n.t('Role refused') },
  'not-offered': { tone: 'neutral', icon: 'circle-slash', label: () => l10n.t('Not offered') },
  'not-supported': { tone: 'neutral', icon: 'circle-slash', label: () => l10n.t('Not supported') },
  'token-refused': { tone: 'bad', icon: 'lock', label: () => l10n.t('Login refused') },
  'server-error': { tone: 'warning', icon: 'warning', label: () => l10n.t('Server error') },
  unreachable: { tone: 'warning', icon: 'debug-disconnect', label: () => l10n.t('No answer') },
  cancelled: { tone: 'neutral', icon: 'circle-slash', label: () => l10n.t('Cancelled') },
};

/** A cell in words. `scope`: what would have to be granted for it. */
export function matrixCell(cell: ProbeCell, scope: string, access: FhirAccess): MatrixCell {
  const { tone, icon, label } = faces[cell.verdict];
  return {
    verdict: cell.verdict,
    tone,
    icon,
    label: label(),
    ...(cell.durationMs === undefined ? {} : { ms: Math.round(cell.durationMs) }),
    diagnosis: diagnosisOf(cell, scope, access),
  };
}

/** A cell whose turn is still to come. */
export function waitingCell(): MatrixCell {
  return { verdict: 'waiting', tone: 'neutral', icon: 'ellipsis', label: l10n.t('Waiting'), diagnosis: '' };
}

function diagnosisOf({ verdict, permission, error }: ProbeCell, scope: string, access: FhirAccess): string {
  switch (verdict) {
    case 'allowed':
    case 'allowed-empty':
      return permission === 'patient'
        ? l10n.t("Within the one patient's records that this login chose.")
        : permission === 'none'
          ? l10n.t('The server asks for no permission here.')
          : '';
    case 'scope-missing':
      return l10n.t('This login does not include it: the permission {scope} was not granted.', { scope });
    case 'context-missing':
      return l10n.t(
        'Only one patient’s records were granted, and this login chose no patient. Ask for launch/patient and log in again.',
      );
    case 'role-refused':
      return permission === 'patient'
        ? l10n.t('The permission is there, but OpenEMR refuses it for the chosen patient.')
        : l10n.t(
            'The permission is there, but the role of who is signed in does not allow it: Administration → Users or ACL in OpenEMR.',
          );
    case 'not-offered':
      return access === 'search'
        ? l10n.t('The server does not offer searching this type; it was not asked.')
        : l10n.t('The server does not offer reading this type by id; it was not asked.');
    case 'not-supported':
      return l10n.t('The server lists this, but has no such address.');
    case 'token-refused':
      return l10n.t('OpenEMR does not accept this login any more. Refresh the token or log in again.');
    case 'server-error':
      return l10n.t('OpenEMR failed ({code}). Its own log says why.', { code: statusOf(error) });
    case 'unreachable':
      return l10n.t('No answer came ({code}).', { code: error?.code ?? '' });
    case 'cancelled':
      return l10n.t('You cancelled before an answer came.');
  }
}

function statusOf(error: ProbeCell['error']): string {
  const status = error?.details['status'];
  return typeof status === 'number' ? String(status) : (error?.code ?? '');
}

/** The two cells of a row say the same once. */
export function rowDiagnosis(search: MatrixCell, read: MatrixCell): string {
  return [...new Set([search.diagnosis, read.diagnosis])].filter(Boolean).join(' ');
}

export function matrixSummary(rows: readonly ProbeProgress[], durationMs: number | undefined): string {
  const cells = rows.flatMap(({ search, read }) => [search, ...(read ? [read] : [])]);
  const count = (tone: Tone): number => cells.filter(({ verdict }) => faces[verdict].tone === tone).length;
  const allowed = count('good');
  const counts = { allowed, reads: allowed + count('bad') + count('warning') };
  const asked = countText(
    rows.length,
    l10n.t('1 type · {allowed} of {reads} reads allowed', counts),
    l10n.t('{types} types · {allowed} of {reads} reads allowed', { types: rows.length, ...counts }),
  );
  if (durationMs === undefined) return asked;
  return `${asked} · ${l10n.t('{0} s', secondsText(durationMs))}`;
}

export function scopeRowView(row: ScopeRow): ScopeRowView {
  const { scope, version, counterpart, supported, registered, requested, granted, problems } = row;
  return {
    scope,
    meaning: explainScope(scope),
    ...(version ? { version } : {}),
    ...(counterpart ? { counterpart } : {}),
    ...{ supported, registered, requested, granted },
    problems: problems.map(problemText),
  };
}

export function problemText({ kind, instead = '' }: ScopeProblem): string {
  switch (kind) {
    case 'duplicate':
      return l10n.t('Asked for twice.');
    case 'letter-case':
      return l10n.t('Letters count: the server calls it {instead}.', { instead });
    case 'standard-api':
      return l10n.t("With a small letter this is about OpenEMR's own interface. FHIR needs {instead}.", {
        instead,
      });
    case 'wildcard':
      return l10n.t('OpenEMR does not accept wildcards. Name each type.');
    case 'not-offered':
      return l10n.t('The server does not offer this permission; registering with it fails.');
    case 'not-for-public-clients':
      return l10n.t('OpenEMR gives this to confidential clients only.');
    case 'not-registered':
      return l10n.t(
        'This client was not registered with it, so OpenEMR silently leaves it out. It needs a new registration.',
      );
    case 'not-granted':
      return l10n.t(
        'Asked for and not granted: unticked on the consent page, or this client was not registered with it.',
      );
  }
}

export function missingText({ scope, neededBy }: MissingPrerequisite): string {
  switch (scope) {
    case 'api:fhir':
      return l10n.t('api:fhir opens the FHIR interface, for {0}.', namesOf(neededBy));
    case 'api:oemr':
      return l10n.t("api:oemr opens OpenEMR's own interface, for {0}.", namesOf(neededBy));
    case 'launch/patient':
      return l10n.t(
        'launch/patient lets you choose the patient at login. Without it, staff see nothing through {0}.',
        namesOf(neededBy),
      );
    case 'openid':
      return l10n.t('openid is needed for {0} to say anything.', namesOf(neededBy));
    case 'offline_access':
      return l10n.t('offline_access keeps the login alive. Without it you log in again each hour.');
  }
}

const shownNames = 3;

function namesOf(scopes: readonly string[]): string {
  const shown = scopes.slice(0, shownNames).join(', ');
  return scopes.length > shownNames ? l10n.t('{0} and {1} more', shown, scopes.length - shownNames) : shown;
}
