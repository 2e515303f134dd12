/** Times in milliseconds since the epoch. */
export interface TokenTimes {
  readonly expiresAt: number;
  readonly lifetimeSeconds: number;
}

const share = 0.2;
const longestSpreadMs = 30_000;

/** How long before its end a token is renewed, in milliseconds: the setting, but at most a fifth of its life. */
export function leadMs(lifetimeSeconds: number, settingMs: number): number {
  return Math.min(settingMs, lifetimeSeconds * 1000 * share);
}

/**
 * When a window renews a token. `turn` spreads the windows over a part of the lead, 0 for the first: whoever comes
 * later finds the work done.
 */
export function refreshAt(
  { expiresAt, lifetimeSeconds }: TokenTimes,
  settingMs: number,
  turn: number,
): number {
  const lead = leadMs(lifetimeSeconds, settingMs);
  return expiresAt - lead + turn * Math.min(lead / 4, longestSpreadMs);
}
