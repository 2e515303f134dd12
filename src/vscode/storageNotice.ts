import { l10n } from 'vscode';
import type { StorageHealth } from '../core/storage/storageHealth.ts';

/** Where secret storage is not what one would expect of it, a sentence that says so. */
export function storageNotice(health: StorageHealth): string | undefined {
  switch (health) {
    case 'good':
      return undefined;
    case 'lost':
      return l10n.t(
        'Stored credentials did not survive the last restart. VS Code keeps them in memory only on this computer, or its keychain can no longer decrypt them: every start needs a new login until the keychain works.',
      );
    case 'refused':
      return l10n.t(
        'VS Code could not read its stored credentials. The keychain is locked or damaged: unlock it and reload the window.',
      );
    case 'unshared':
      return l10n.t(
        'In a browser, windows do not share stored credentials: a login in another window is seen after a reload.',
      );
  }
}
