import type { ErrorCode, WorkbenchError } from '../base/errors.ts';

/**
 * What a failed refresh means for the session.
 *
 * `definitive`: no attempt can succeed, only a new login helps. `ambiguous`: the server may have rotated the pair,
 * so the next attempt asks first whether the old one still lives. `transient`: nothing was rotated, try again later.
 * `waiting`: something in this window or its settings must change first; trying again by the clock is pointless.
 */
export type RefreshFailureKind = 'definitive' | 'ambiguous' | 'transient' | 'waiting';

const kinds: Partial<Record<ErrorCode, RefreshFailureKind>> = {
  // OpenEMR says 401 invalid_request, others 400 invalid_grant (RFC 6749 §5.2).
  'refresh/refused': 'definitive',
  'refresh/answer-lost': 'definitive',
  // The client is disabled or gone.
  'grant/client-refused': 'definitive',
  // Refresh still succeeds after a logout, but FHIR refuses every token that comes of it.
  'fhir/signed-out': 'definitive',

  'refresh/outcome-unknown': 'ambiguous',
  // A gateway answers so although OpenEMR behind it has done its work.
  'http/server-error': 'ambiguous',
  'grant/invalid-response': 'ambiguous',
  // The new pair exists and could not be stored yet.
  'storage/write-failed': 'ambiguous',

  'connection/client-missing': 'waiting',
  'connection/not-found': 'waiting',
  'connection/secret-missing': 'waiting',
  'refresh/no-refresh-token': 'waiting',
  'storage/behind': 'waiting',
  'storage/secret-lost': 'waiting',
  'storage/secret-unreadable': 'waiting',
  'token/none': 'waiting',
  'token/other-server': 'waiting',
  'operation/cancelled': 'waiting',
};

/** The taxonomy. What is not named, network, TLS and rate limits above all, is transient: the session stays. */
export function refreshFailureKind({ code }: Pick<WorkbenchError, 'code'>): RefreshFailureKind {
  return kinds[code] ?? 'transient';
}

/** Milliseconds that the server asked to be left alone for (RFC 9110 §10.2.3), at most an hour; 0 where it did not. */
export function requestedPauseMs({ details }: Pick<WorkbenchError, 'details'>): number {
  const seconds = details['retryAfterSeconds'];
  return typeof seconds === 'number' ? Math.min(Math.max(0, seconds), 3600) * 1000 : 0;
}
