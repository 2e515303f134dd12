import { l10n } from 'vscode';
import type { AuditAction, AuditOutcome } from '../core/audit/auditEvent.ts';
import type { AuditRecord } from '../core/audit/auditRecord.ts';
import type { AuditProblem, AuditProblemKind, AuditVerification } from '../core/audit/auditVerification.ts';
import type { AuditVerificationView } from '../protocol/auditView.ts';
import { countText, numberText } from './formats.ts';

const actionTexts: Record<AuditAction, () => string> = {
  'connection.changed': () => l10n.t('Connection changed'),
  'client.registered': () => l10n.t('Client registered'),
  login: () => l10n.t('Login'),
  'callback.refused': () => l10n.t('Answer of a browser refused'),
  'token.refreshed': () => l10n.t('Token refreshed'),
  logout: () => l10n.t('Logout'),
  'connection.tested': () => l10n.t('Connection tested'),
  'doctor.run': () => l10n.t('Doctor run'),
  'fhir.read': () => l10n.t('Data read (FHIR)'),
  'fhir.revealed': () => l10n.t('Data unmasked (FHIR)'),
  'secret.copied': () => l10n.t('Secret copied'),
  exported: () => l10n.t('Exported'),
  'secrets.reset': () => l10n.t('Stored credentials reset'),
  'certificate.trusted': () => l10n.t('Certificate trusted'),
  'setting.weakened': () => l10n.t('Setting made less safe'),
  'log.segmentStarted': () => l10n.t('Log: new segment'),
  'log.repaired': () => l10n.t('Log: unfinished line taken off'),
  'log.gap': () => l10n.t('Log: entries that could not be written'),
  'log.retention': () => l10n.t('Log: old entries removed'),
};

const outcomeTexts: Record<AuditOutcome, () => string> = {
  started: () => l10n.t('started'),
  success: () => l10n.t('done'),
  failure: () => l10n.t('failed'),
  cancelled: () => l10n.t('cancelled'),
};

const problemTexts: Record<AuditProblemKind, () => string> = {
  unreadable: () => l10n.t('a line that is not an entry'),
  changed: () => l10n.t('an entry was changed'),
  missing: () => l10n.t('entries are missing'),
  'out-of-order': () => l10n.t('an entry was put in, repeated or moved'),
  'key-swapped': () => l10n.t('an entry names another key than its neighbours'),
  unfinished: () => l10n.t('the last line has no end: a crash, or somebody changed the file'),
  truncated: () => l10n.t('the end of the log was cut off'),
  'files-changed': () => l10n.t('a file was removed, renamed or put in'),
};

export function actionText(action: AuditAction): string {
  return actionTexts[action]();
}

export function outcomeText(outcome: AuditOutcome): string {
  return outcomeTexts[outcome]();
}

/** What the entry's own fields say: lists and numbers, in the words of the log's documentation. */
export function detailText({ code, detail }: AuditRecord): string {
  const facts = Object.entries(detail).map(
    ([name, value]) => `${name}: ${Array.isArray(value) ? value.join(', ') : String(value)}`,
  );
  return [...(code ? [code] : []), ...facts].join(' · ');
}

export function verificationView(result: AuditVerification): AuditVerificationView {
  const { isIntact, keyUnavailable, entries, gaps } = result;
  const tone = !isIntact ? 'bad' : keyUnavailable > 0 || gaps > 0 ? 'warning' : 'good';
  return { tone, headline: headline(result), lines: entries === 0 ? [] : facts(result) };
}

function headline({
  isIntact,
  entries,
  proved,
  keyUnavailable,
  problems,
  provedBefore,
}: AuditVerification): string {
  if (entries === 0 && isIntact) return l10n.t('The audit log is empty.');
  const [first] = problems;
  if (first) {
    const problem = problemText(first);
    return countText(
      provedBefore,
      l10n.t('The audit log was changed: {problem}. The one entry before that was verified.', { problem }),
      l10n.t('The audit log was changed: {problem}. The {count} entries before that were verified.', {
        problem,
        count: numberText(provedBefore),
      }),
    );
  }
  if (keyUnavailable === 0) {
    return countText(
      entries,
      l10n.t('The audit log is intact: its one entry was verified.'),
      l10n.t('The audit log is intact: all {count} entries were verified.', { count: numberText(entries) }),
    );
  }
  return l10n.t(
    'Nothing points to a change. {proved} entries were verified; for {unproved} the key is not available here, so that nothing can be said of them.',
    { proved: numberText(proved), unproved: numberText(keyUnavailable) },
  );
}

function facts(result: AuditVerification): string[] {
  const { firstSeq, lastSeq, files, anchoredSeq, repairs, gaps, problems, problemCount, proved } = result;
  return [
    coverage(firstSeq, lastSeq, files, proved),
    anchoredSeq > 0
      ? l10n.t('Secret storage remembers the log up to entry {seq}: cutting it off before that would show.', {
          seq: anchoredSeq,
        })
      : l10n.t('Secret storage remembers no end of the log: cutting off its end would not show.'),
    ...(repairs > 0 ? [l10n.t('Unfinished lines that were taken off: {count}.', { count: repairs })] : []),
    ...(gaps > 0 ? [l10n.t('Entries that could not be written: {count}.', { count: gaps })] : []),
    ...problems.map(problemText),
    ...(problemCount > problems.length
      ? [l10n.t('And {count} more.', { count: problemCount - problems.length })]
      : []),
  ];
}

function coverage(firstSeq: number, lastSeq: number, files: number, provedCount: number): string {
  const [first, last, proved] = [numberText(firstSeq), numberText(lastSeq), numberText(provedCount)];
  return countText(
    files,
    l10n.t('Entries {first} to {last} in one file; {proved} verified.', { first, last, proved }),
    l10n.t('Entries {first} to {last} in {files} files; {proved} verified.', { first, last, files, proved }),
  );
}

function problemText({ kind, file, line, seq }: AuditProblem): string {
  const what = problemTexts[kind]();
  if (file && line) return l10n.t('{file}, line {line}: {what}', { file, line, what });
  return seq ? l10n.t('At entry {seq}: {what}', { seq, what }) : what;
}
