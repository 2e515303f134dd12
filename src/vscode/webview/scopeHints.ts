import type { Connection } from '../../core/connection/connection.ts';
import { analyseScopes } from '../../core/oauth/scopeAnalysis.ts';
import type { ConnectionDraft, FieldProblem } from '../../protocol/viewModels.ts';
import { missingText, problemText } from '../fhirTexts.ts';
import { registrationText } from './fhirViewModels.ts';

export interface ScopeHintFacts {
  /** What is saved of the connection; absent for a new one. */
  readonly saved: Connection | undefined;
  /** What the server offered last in this window. */
  readonly supported: readonly string[] | undefined;
  /** The name under which the current client was registered. */
  readonly clientName: string | undefined;
}

/** What ticking these permissions will not do, by the same model as the table of scopes. */
export function scopeHints(draft: ConnectionDraft, facts: ScopeHintFacts): FieldProblem[] {
  const { saved, supported, clientName } = facts;
  const isSameClient = saved !== undefined && draft.clientId !== '' && saved.clientId === draft.clientId;
  const { rows, missing } = analyseScopes({
    clientType: draft.clientType,
    supported,
    registered: isSameClient ? saved.registeredScopes : undefined,
    requested: draft.scopes,
    granted: undefined,
  });
  const isUnregistered = ({ problems }: (typeof rows)[number]): boolean =>
    problems.some(({ kind }) => kind === 'not-registered');
  const unregistered = rows.filter(isUnregistered).map(({ scope }) => scope);
  const spelling = rows.flatMap(({ scope, problems }) =>
    problems
      .filter(({ kind }) =>
        ['duplicate', 'letter-case', 'standard-api', 'wildcard', 'not-offered'].includes(kind),
      )
      .map((problem) => `${scope}: ${problemText(problem)}`),
  );
  return [
    ...(saved && unregistered.length > 0 ? [registrationText(unregistered, saved, clientName)] : []),
    ...missing.map(missingText),
    ...spelling,
  ].map((message) => ({ field: 'scopes', severity: 'hint', message }));
}
