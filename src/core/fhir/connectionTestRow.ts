import type { ErrorCode, WorkbenchError } from '../base/errors.ts';

/** The checks in the order in which people read them. */
export const connectionCheckIds = [
  'server',
  'certificate',
  'discovery',
  'capabilityStatement',
  'openEmrVersion',
  'token',
  'patientRead',
  'patientCount',
] as const;

export type ConnectionCheckId = (typeof connectionCheckIds)[number];
export type CheckStatus = 'pass' | 'warn' | 'fail' | 'skipped';
export type CheckFacts = Readonly<Record<string, string | number | boolean>>;

/** One finished check. Sentences are made of it at the edge. */
export interface ConnectionTestRow {
  readonly id: ConnectionCheckId;
  readonly status: CheckStatus;
  readonly durationMs: number;
  readonly facts: CheckFacts;
  readonly errorCode?: ErrorCode;
  readonly error?: WorkbenchError;
}

/** How an operation ended, and how long it took in milliseconds. */
export type Outcome<T> =
  | { readonly isOk: true; readonly value: T; readonly durationMs: number }
  | { readonly isOk: false; readonly error: WorkbenchError; readonly durationMs: number };

export function row(
  id: ConnectionCheckId,
  status: CheckStatus,
  durationMs: number,
  facts: CheckFacts = {},
): ConnectionTestRow {
  return { id, status, durationMs, facts };
}

export function rowWithError(
  id: ConnectionCheckId,
  status: 'warn' | 'fail' | 'skipped',
  { error, durationMs }: { error: WorkbenchError; durationMs: number },
  facts: CheckFacts = {},
): ConnectionTestRow {
  return { id, status, durationMs, facts, errorCode: error.code, error };
}

/** Whether the request ended before the server could say anything. */
export function isTransportFailure(error: WorkbenchError): boolean {
  return isTlsFailure(error) || error.code.startsWith('network/');
}

export function isTlsFailure(error: WorkbenchError): boolean {
  return error.code.startsWith('tls/');
}
