import { WorkbenchError } from '../base/errors.ts';
import type { CapabilityStatement } from './capabilityStatement.ts';
import {
  isTlsFailure,
  isTransportFailure,
  row,
  rowWithError,
  type CheckFacts,
  type ConnectionTestRow,
  type Outcome,
} from './connectionTestRow.ts';

/** What the test needs of a token set. */
export interface TestedTokens {
  readonly accessToken: string;
  /** Milliseconds since the epoch. */
  readonly expiresAt: number;
  readonly grantedScopes: readonly string[];
  /** Present where the login chose one patient. */
  readonly patient?: string | undefined;
}

export interface CertificateFacts {
  readonly subject: string;
  readonly issuer: string;
  /** Milliseconds since the epoch. */
  readonly validTo: number;
  readonly isPinned: boolean;
}

const dayMs = 24 * 60 * 60 * 1000;
const certificateWarningDays = 14;
const minuteMs = 60_000;

/** `outcome`: that of the first request answered, or of any where none was. */
export function serverRow(outcome: Outcome<unknown> | undefined, isAnswered: boolean): ConnectionTestRow {
  const durationMs = outcome?.durationMs ?? 0;
  if (isAnswered) return row('server', 'pass', durationMs, { latencyMs: durationMs });
  if (!outcome || outcome.isOk) return row('server', 'skipped', durationMs);
  // Somebody holds up a certificate, so there is a server; that nobody believes it is the next check's failure.
  if (isTlsFailure(outcome.error)) return row('server', 'pass', durationMs, { latencyMs: durationMs });
  return rowWithError('server', 'fail', outcome);
}

/** `outcome`: how a request over the transport, which checks the certificate, ended. */
export function certificateRow(
  outcome: Outcome<unknown> | undefined,
  certificate: Outcome<CertificateFacts> | undefined,
  now: number,
): ConnectionTestRow {
  const known = certificate?.isOk ? certificate.value : undefined;
  const durationMs = certificate?.durationMs ?? 0;
  const daysLeft = known && Math.floor((known.validTo - now) / dayMs);
  const facts: CheckFacts =
    known && daysLeft !== undefined
      ? { subject: known.subject, issuer: known.issuer, daysLeft, isPinned: known.isPinned }
      : {};
  if (outcome && !outcome.isOk && isTransportFailure(outcome.error)) {
    const status = isTlsFailure(outcome.error) ? 'fail' : 'skipped';
    return rowWithError('certificate', status, { error: outcome.error, durationMs }, facts);
  }
  const runsOut = daysLeft !== undefined && daysLeft < certificateWarningDays;
  return row('certificate', runsOut ? 'warn' : 'pass', durationMs, facts);
}

export function discoveryRow(
  metadata: Outcome<{ issuer: string }>,
  smart: Outcome<unknown>,
): ConnectionTestRow {
  const durationMs = Math.max(metadata.durationMs, smart.durationMs);
  if (!metadata.isOk) return rowWithError('discovery', 'fail', { error: metadata.error, durationMs });
  const facts = { issuer: metadata.value.issuer, hasSmartConfiguration: smart.isOk };
  return smart.isOk
    ? row('discovery', 'pass', durationMs, facts)
    : rowWithError('discovery', 'warn', { error: smart.error, durationMs }, facts);
}

export function capabilityStatementRow(statement: Outcome<CapabilityStatement>): ConnectionTestRow {
  if (!statement.isOk) return rowWithError('capabilityStatement', 'fail', statement);
  const { fhirVersion, resourceTypes, latencyMs, clockSkewMs } = statement.value;
  return row('capabilityStatement', fhirVersion ? 'pass' : 'warn', statement.durationMs, {
    ...(fhirVersion ? { fhirVersion } : {}),
    resourceTypes: resourceTypes.length,
    latencyMs,
    ...(clockSkewMs === undefined ? {} : { clockSkewSeconds: Math.round(clockSkewMs / 1000) }),
  });
}

export function versionRow(asked: Outcome<string | undefined>): ConnectionTestRow {
  if (!asked.isOk) return rowWithError('openEmrVersion', 'warn', asked);
  return asked.value
    ? row('openEmrVersion', 'pass', asked.durationMs, { version: asked.value, source: 'version-endpoint' })
    : row('openEmrVersion', 'warn', asked.durationMs);
}

/** Why a token cannot be used for a read, as far as the clock knows. */
export function tokenProblem(
  tokens: TestedTokens | undefined,
  now: number,
  error: WorkbenchError | undefined,
): WorkbenchError | undefined {
  if (tokens && tokens.expiresAt > now) return undefined;
  return error ?? new WorkbenchError(tokens ? 'fhir/token-refused' : 'token/none');
}

export function tokenRow(
  tokens: TestedTokens | undefined,
  now: number,
  error: WorkbenchError | undefined,
): ConnectionTestRow {
  const problem = tokenProblem(tokens, now, error);
  const facts: CheckFacts = tokens
    ? {
        minutesLeft: Math.max(0, Math.floor((tokens.expiresAt - now) / minuteMs)),
        isExpired: tokens.expiresAt <= now,
        scopes: tokens.grantedScopes.length,
        hasPatientContext: tokens.patient !== undefined,
      }
    : {};
  if (problem) {
    return rowWithError('token', 'fail', { error: problem, durationMs: 0 }, facts);
  }
  return row('token', facts['minutesLeft'] === 0 ? 'warn' : 'pass', 0, facts);
}

/** An empty first page proves that the read is allowed, but not that it means anything: that is worth a look. */
export function patientReadRow(entries: number, durationMs: number, tokens: TestedTokens): ConnectionTestRow {
  return row('patientRead', entries > 0 ? 'pass' : 'warn', durationMs, {
    isEmpty: entries === 0,
    hasPatientContext: tokens.patient !== undefined,
  });
}
