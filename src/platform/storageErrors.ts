import { WorkbenchError, type ErrorDetails } from '../core/base/errors.ts';

export function systemCodeOf(error: unknown): string {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : '';
}

/** A failed file operation as `storage/write-failed`, with the system's code and no path. */
export function toStorageError(error: unknown, details: ErrorDetails = {}): WorkbenchError {
  if (error instanceof WorkbenchError) return error;
  const systemCode = systemCodeOf(error);
  return new WorkbenchError('storage/write-failed', {
    details: { ...details, ...(systemCode ? { systemCode } : {}) },
    cause: error,
  });
}
