import { workspace } from 'vscode';
import { defaultSessionSettings, type SessionSettings } from '../core/oauth/sessionSettings.ts';

const section = 'openemr';
const minuteMs = 60_000;

const keys = [
  'autoRefresh',
  'refreshBeforeExpiryMinutes',
  'refreshFailureAlert',
  'idleSignOutMinutes',
  'maximumSessionHours',
] as const;

/** Whether a change of settings is about how sessions are kept and ended. */
export function isSessionSetting(change: { affectsConfiguration(key: string): boolean }): boolean {
  return keys.some((key) => change.affectsConfiguration(`${section}.${key}`));
}

/** The user's own settings; a workspace has no say in how long a login lives. */
export function readSessionSettings(): SessionSettings {
  const defaults = defaultSessionSettings;
  const autoRefresh = own('autoRefresh');
  return {
    autoRefresh: typeof autoRefresh === 'boolean' ? autoRefresh : defaults.autoRefresh,
    refreshBeforeExpiryMs:
      numberOf('refreshBeforeExpiryMinutes', 1, 30, defaults.refreshBeforeExpiryMs / minuteMs) * minuteMs,
    failureAlert: numberOf('refreshFailureAlert', 0, 1000, defaults.failureAlert),
    idleSignOutMs: numberOf('idleSignOutMinutes', 0, 100_000, 0) * minuteMs,
    maximumSessionMs: numberOf('maximumSessionHours', 0, 10_000, 0) * 60 * minuteMs,
  };
}

function own(key: (typeof keys)[number]): unknown {
  const inspected = workspace.getConfiguration(section).inspect(key);
  return inspected?.globalValue ?? inspected?.defaultValue;
}

function numberOf(key: (typeof keys)[number], least: number, most: number, fallback: number): number {
  const value = own(key);
  return typeof value === 'number' && Number.isFinite(value)
    ? Math.min(most, Math.max(least, value))
    : fallback;
}
