import { WorkbenchError } from '../../src/core/base/errors.ts';

/** The code of the WorkbenchError that the promise must end with. */
export async function codeOf(promise: Promise<unknown>): Promise<string> {
  try {
    await promise;
  } catch (error) {
    if (error instanceof WorkbenchError) return error.code;
    throw error;
  }
  throw new Error('It did not fail.');
}
