const firstMs = 1000;
const longestMs = 5 * 60_000;

/** The longest wait after so many failures in a row, in milliseconds: 1 s, 2 s, 4 s … 5 min. */
export function backoffCeilingMs(failures: number): number {
  return Math.min(firstMs * 2 ** Math.min(Math.max(0, failures - 1), 30), longestMs);
}

/**
 * How long to wait after so many failures in a row, in milliseconds. Full jitter (anything up to the ceiling), so that
 * clients that a server lost together do not come back together; never shorter than what the server asked for.
 */
export function backoffMs(failures: number, random: () => number, atLeastMs = 0): number {
  return Math.max(atLeastMs, Math.round(random() * backoffCeilingMs(failures)));
}
