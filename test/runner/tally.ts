/** What a part of the test run came to. */
export interface Tally {
  readonly passed: number;
  readonly failed: number;
  readonly skipped: number;
}

export interface Outcome extends Tally {
  readonly name: string;
  readonly seconds: number;
  /** What to read where something failed; else empty or a remark. */
  readonly details: string;
}

export const onePassed: Tally = { passed: 1, failed: 0, skipped: 0 };
export const oneFailed: Tally = { passed: 0, failed: 1, skipped: 0 };
export const oneSkipped: Tally = { passed: 0, failed: 0, skipped: 1 };

export function sum(tallies: readonly Tally[]): Tally {
  const add = (of: keyof Tally) => tallies.reduce((total, tally) => total + tally[of], 0);
  return { passed: add('passed'), failed: add('failed'), skipped: add('skipped') };
}

/** `N passed, N failed`, and how many were skipped where any were. */
export function summaryLine({ passed, failed, skipped }: Tally): string {
  return `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
}

/** One part of the run: measures how long `work` takes; whatever it throws is a failure. */
export async function measured(
  name: string,
  work: () => Promise<Tally & { readonly details?: string }>,
): Promise<Outcome> {
  const start = performance.now();
  const result = await work().catch((error: unknown) => ({
    ...oneFailed,
    details: error instanceof Error ? error.message : String(error),
  }));
  return { details: '', ...result, name, seconds: (performance.now() - start) / 1000 };
}
