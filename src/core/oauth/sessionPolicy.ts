import type { SessionSettings } from './sessionSettings.ts';

export type Overstay = 'idle' | 'age';

/**
 * Whether a session must end by the rules that were set: nobody worked in any window for too long, or the login is too
 * old. Times in milliseconds since the epoch.
 */
export function overstayOf(
  session: { readonly loggedInAt?: number | undefined },
  lastActivityAt: number,
  { idleSignOutMs, maximumSessionMs }: SessionSettings,
  now: number,
): Overstay | undefined {
  const loggedInAt = session.loggedInAt ?? now;
  if (maximumSessionMs > 0 && now - loggedInAt >= maximumSessionMs) return 'age';
  const idleSince = Math.max(lastActivityAt, loggedInAt);
  return idleSignOutMs > 0 && now - idleSince >= idleSignOutMs ? 'idle' : undefined;
}
