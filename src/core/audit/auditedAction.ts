import { randomBytes } from 'node:crypto';
import { isWorkbenchError, toWorkbenchError, type ErrorCode } from '../base/errors.ts';
import type { AuditOutcome } from './auditEvent.ts';

/** Eight digits that the entries of one action share. */
export function newCorrelation(): string {
  return randomBytes(4).toString('hex');
}

/** How an action that threw ended: what a person called off is no failure. */
export function failureOf(error: unknown): { outcome: AuditOutcome; code: ErrorCode } {
  const isCancelled = isWorkbenchError(error, 'operation/cancelled', 'authorization/cancelled');
  return { outcome: isCancelled ? 'cancelled' : 'failure', code: toWorkbenchError(error).code };
}
