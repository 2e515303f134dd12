import { WorkbenchError } from './errors.ts';

/** Throws WorkbenchError `operation/cancelled` as soon as the signal says so, even where the operation does not listen. */
export async function untilAborted<T>(
  operation: () => Promise<T>,
  signal: AbortSignal | undefined,
): Promise<T> {
  if (!signal) return operation();
  if (signal.aborted) throw new WorkbenchError('operation/cancelled');
  let stop = (): void => undefined;
  const aborted = new Promise<never>((_, reject) => {
    stop = () => reject(new WorkbenchError('operation/cancelled'));
    signal.addEventListener('abort', stop, { once: true });
  });
  try {
    return await Promise.race([operation(), aborted]);
  } finally {
    signal.removeEventListener('abort', stop);
  }
}
