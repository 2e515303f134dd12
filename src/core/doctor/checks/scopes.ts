import { fail, notUsed, pass, warn, type Check, type Finding } from '../check.ts';
import { askedLine, cameLines, type DoctorRun } from '../doctorRun.ts';
import type { Evidence } from '../evidence.ts';
import { signInProbe } from './client.ts';
import { readMetadata } from './consistency.ts';

/** The permissions that the connection asks for, and what became of the last attempt. */
export const scopeChecks: readonly Check[] = [
  { id: 'scopesKnown', needs: ['openid', 'clientKnown'], run: checkKnownScopes },
  { id: 'scopePrerequisites', needs: ['address'], run: checkPrerequisites },
  { id: 'lastAttempt', needs: [], run: checkLastAttempt },
];

async function checkKnownScopes(run: DoctorRun): Promise<Finding> {
  const { scopes = [] } = run.options.connection;
  if (scopes.length === 0) return notUsed('no permissions are chosen');
  const [metadata, { exchange, answer }] = await Promise.all([readMetadata(run), signInProbe(run)]);
  const offered = metadata?.scopesSupported ?? [];
  const asked = [
    `${scopes.length} scopes against ${offered.length} that the server lists`,
    askedLine(exchange),
  ];
  const refused = run.evidenceOf(exchange);
  const unlisted = offered.length > 0 ? scopes.filter((scope) => !offered.includes(scope)) : [];
  const came = [...cameLines(exchange), ...unlisted.map((scope) => `not listed: ${scope}`)];
  const wasRefused = refused.error === 'invalid_scope';
  // What the sign-in page takes is known, listed or not.
  if (!wasRefused && (unlisted.length === 0 || answer === 'login'))
    return pass(asked, came, { count: scopes.length });
  const scope = unlisted[0];
  if (scope === undefined) return fail(asked, came, { ...refused, step: 'authorize' });
  return fail(asked, came, problem(run, { ...kindOf(scope, offered, run.era), scope }));
}

function kindOf(scope: string, offered: readonly string[], era: string): Record<string, string> {
  if (scope.includes('*')) return { problem: 'wildcard' };
  if (/^\w+\/\w+\.(?=[cruds]+(?:\?|$))c?r?u?d?s?/.test(scope) && era !== '8.2')
    return { problem: 'smart-v2' };
  // Names in small letters belong to the standard API: user/patient.read is no spelling of user/Patient.read.
  const twin = offered.find(
    (other) => other.toLowerCase() === scope.toLowerCase() && !/^\w+\/[a-z]/.test(other),
  );
  return twin ? { problem: 'case', suggestion: twin } : { problem: 'unknown' };
}

function problem(run: DoctorRun, facts: Readonly<Record<string, string>>): Evidence {
  return { step: 'scopes', facts: { ...run.subjectFacts, ...facts } };
}

function checkPrerequisites(run: DoctorRun): Finding {
  const { scopes = [], clientType, registeredScopes, clientId } = run.options.connection;
  if (scopes.length === 0) return notUsed('no permissions are chosen');
  const asked = [scopes.join(' ')];
  const having = (pattern: RegExp) => scopes.find((scope) => pattern.test(scope));
  const failing = (scope: string, name: string) =>
    fail(asked, [scope], problem(run, { problem: name, scope }));
  const warning = (name: string) => warn(asked, [], problem(run, { problem: name }));

  const ofStaff = clientType === 'public' ? having(/^(?:user|system)\//) : undefined;
  if (ofStaff) return failing(ofStaff, 'user-scope-of-public-client');
  const ofSystem = having(/^system\//);
  if (ofSystem) return failing(ofSystem, 'system-scope');
  const unregistered =
    clientId && registeredScopes && scopes.find((scope) => !registeredScopes.includes(scope));
  if (unregistered) return failing(unregistered, 'not-registered');
  if (having(/^patient\//) && !having(/^user\//) && !scopes.includes('launch/patient')) {
    return warning('no-launch-patient');
  }
  if (having(/^(?:user|patient)\/[A-Z]/) && !scopes.includes('api:fhir')) return warning('no-api-fhir');
  return scopes.includes('openid') ? pass(asked, []) : warning('no-openid');
}

function checkLastAttempt({ options, subjectFacts }: DoctorRun): Finding {
  const { lastFailure } = options;
  if (!lastFailure) return notUsed('nothing failed since the last success');
  const { flow, evidence, at } = lastFailure;
  const came = [
    new Date(at).toISOString(),
    String(evidence.status ?? ''),
    evidence.error ?? '',
    evidence.said ?? '',
  ];
  return fail([flow], came.filter(Boolean), { ...evidence, facts: { ...subjectFacts, ...evidence.facts } });
}
