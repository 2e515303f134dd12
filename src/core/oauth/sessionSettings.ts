/** How sessions are kept alive and ended without anybody asking. Durations in milliseconds. */
export interface SessionSettings {
  readonly autoRefresh: boolean;
  readonly refreshBeforeExpiryMs: number;
  /** Failures in a row after which a person is alerted once; 0 for never. */
  readonly failureAlert: number;
  /** 0: never. */
  readonly idleSignOutMs: number;
  /** 0: without end. */
  readonly maximumSessionMs: number;
}

export const defaultSessionSettings: SessionSettings = {
  autoRefresh: true,
  refreshBeforeExpiryMs: 5 * 60_000,
  failureAlert: 5,
  idleSignOutMs: 0,
  maximumSessionMs: 0,
};
