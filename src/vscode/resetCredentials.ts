import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { commands, l10n, window, type ExtensionContext } from 'vscode';
import { auditAnchorSecret } from '../core/audit/auditAnchor.ts';
import { auditKeysSecret } from '../core/audit/auditKeys.ts';
import { countText } from './formats.ts';
import { tell } from './quiet.ts';

/** The audit log stays verifiable: its key and anchor are no credentials. */
const kept: readonly string[] = [auditKeysSecret, auditAnchorSecret];

export interface ResetResult {
  readonly removed: number;
  /** Entries that the keychain would not delete. */
  readonly failed: number;
}

/** Asks first. `notice` is a sentence about secret storage where something is wrong with it. */
export async function agreesToReset(notice: string | undefined): Promise<boolean> {
  const reset = l10n.t('Reset stored credentials');
  const detail = l10n.t(
    'All logins and client secrets of OpenEMR Workbench on this computer are deleted. Connections and the audit log stay. OpenEMR itself is not asked: sessions there end by themselves. Confidential clients need their client secret again.',
  );
  const answer = await window.showWarningMessage(
    l10n.t('Delete all stored credentials?'),
    { modal: true, detail: notice ? `${notice}\n\n${detail}` : detail },
    reset,
  );
  return answer === reset;
}

/**
 * Deletes every credential without reading one, and what the index says about them: works where settings, index or
 * entries are damaged. Never throws.
 */
export async function resetStoredCredentials(
  context: Pick<ExtensionContext, 'secrets' | 'globalStorageUri'>,
): Promise<ResetResult> {
  const { secrets, globalStorageUri } = context;
  let removed = 0;
  let failed = 0;
  let keys: readonly string[] = [];
  try {
    keys = (await secrets.keys()).filter((key) => key.startsWith('openemr.') && !kept.includes(key));
  } catch {
    failed += 1;
  }
  for (const key of keys) {
    try {
      await secrets.delete(key);
      removed += 1;
    } catch {
      failed += 1;
    }
  }
  for (const name of ['index.json', 'callbacks']) {
    await rm(join(globalStorageUri.fsPath, name), { recursive: true, force: true }).catch(() => undefined);
  }
  return { removed, failed };
}

/** Says what was done; whoever is told can go on from there. */
export async function tellResult({ removed, failed }: ResetResult): Promise<void> {
  const again = l10n.t('Reset again');
  const logIn = l10n.t('Log in');
  const answer = await (failed > 0
    ? tell(failureText(removed, failed), [again], { tone: 'error', isAnswer: true })
    : tell(successText(removed), [logIn], { isAnswer: true }));
  if (answer === again) await commands.executeCommand('openemr.resetStoredCredentials');
  if (answer === logIn) await commands.executeCommand('openemr.logIn');
}

function successText(count: number): string {
  return countText(
    count,
    l10n.t('Stored credentials were reset: one entry deleted. Log in again to go on.'),
    l10n.t('Stored credentials were reset: {count} entries deleted. Log in again to go on.', { count }),
  );
}

function failureText(removed: number, failed: number): string {
  return countText(
    failed,
    l10n.t(
      'One stored credential could not be deleted, {removed} were. The keychain refused: unlock it, then reset again.',
      { removed },
    ),
    l10n.t(
      '{failed} stored credentials could not be deleted, {removed} were. The keychain refused: unlock it, then reset again.',
      { failed, removed },
    ),
  );
}
