import type { TokenStateKind } from '../core/oauth/tokenSet.ts';
import type { EnvironmentName, PathStep } from '../protocol/viewModels.ts';

/** Where in global state the snapshot is. */
export const statusSnapshotKey = 'openemr.statusSnapshot';

/** What the status bar shows; kept in global state, so that the next window can show it before anything is loaded. */
export interface StatusSnapshot {
  readonly connectionId: string;
  readonly connectionName: string;
  readonly isSandbox: boolean;
  readonly state: TokenStateKind;
  /** End of the access token, milliseconds since the epoch. */
  readonly expiresAt?: number;
  readonly nextStep?: PathStep;
  readonly environment?: EnvironmentName;
  /** Another window changed the login, and this one must be reloaded to see it. Of one window: never stored. */
  readonly isBehind?: boolean;
}

const stateKinds: Record<TokenStateKind, true> = {
  none: true,
  authorizing: true,
  valid: true,
  expiring: true,
  refreshing: true,
  expired: true,
  refreshFailed: true,
  reauthenticationRequired: true,
};

const environments: Record<EnvironmentName, true> = { production: true, test: true, training: true };

const steps: Record<PathStep, true> = {
  connect: true,
  register: true,
  enable: true,
  logIn: true,
  verify: true,
  done: true,
};

/**
 * Reads a stored snapshot, by hand because this runs at start-up; `undefined` for anything else. A login or refresh
 * that was under way belongs to the past: what it started from is shown.
 */
export function readStatusSnapshot(value: unknown): StatusSnapshot | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  const { connectionId, connectionName, isSandbox, state, expiresAt, nextStep, environment } =
    value as Record<keyof StatusSnapshot, unknown>;
  if (typeof connectionId !== 'string' || typeof connectionName !== 'string' || !isOneOf(stateKinds, state)) {
    return undefined;
  }
  return {
    connectionId,
    connectionName,
    isSandbox: isSandbox === true,
    state: state === 'authorizing' ? 'none' : state === 'refreshing' ? 'valid' : state,
    ...(Number.isFinite(expiresAt) ? { expiresAt: expiresAt as number } : {}),
    ...(isOneOf(steps, nextStep) ? { nextStep } : {}),
    ...(isOneOf(environments, environment) ? { environment } : {}),
  };
}

function isOneOf<K extends string>(known: Record<K, true>, value: unknown): value is K {
  return typeof value === 'string' && Object.hasOwn(known, value);
}
