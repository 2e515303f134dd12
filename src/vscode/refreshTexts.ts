import { env, l10n } from 'vscode';
import type { RefreshReport } from '../core/connection/automaticRefresh.ts';

/** How a login is kept alive, a sentence a line, for the tooltip and the panel. */
export function refreshLines(report: RefreshReport | undefined, clockSkewMs: number | undefined): string[] {
  return [...(report ? reportLines(report) : []), ...skewLines(clockSkewMs)];
}

function reportLines({ byItself, failures, lastSuccessAt, nextAttemptAt }: RefreshReport): string[] {
  const lines = [
    byItself
      ? l10n.t('Refreshes by itself.')
      : l10n.t('Does not refresh by itself (openemr.autoRefresh is off).'),
  ];
  if (failures === 1) lines.push(l10n.t('The last attempt failed.'));
  if (failures > 1) lines.push(l10n.t('{0} attempts in a row failed.', failures));
  if (lastSuccessAt !== undefined) lines.push(l10n.t('Last login or refresh: {0}.', timeOf(lastSuccessAt)));
  if (nextAttemptAt !== undefined) {
    lines.push(
      failures > 0
        ? l10n.t('Next attempt: {0}.', timeOf(nextAttemptAt))
        : l10n.t('Next refresh: {0}.', timeOf(nextAttemptAt)),
    );
  }
  return lines;
}

function skewLines(skewMs: number | undefined): string[] {
  if (skewMs === undefined) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return [
    skewMs > 0
      ? l10n.t("The server's clock is {0} s ahead of this computer's. Check both.", seconds)
      : l10n.t("The server's clock is {0} s behind this computer's. Check both.", seconds),
  ];
}

function timeOf(time: number): string {
  return new Date(time).toLocaleTimeString(env.language);
}
