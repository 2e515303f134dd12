import { commands, l10n, QuickPickItemKind, window, type QuickPickItem } from 'vscode';
import type { StatusSnapshot } from './statusSnapshot.ts';

/** What the menu is made from. */
export interface StatusMenuFacts {
  /** Absent where there is no connection yet. */
  readonly snapshot?: StatusSnapshot | undefined;
  readonly connectionCount: number;
  readonly isSandboxRunning: boolean;
}

export interface StatusMenuItem extends QuickPickItem {
  /** Absent for separators. */
  readonly command?: string;
}

/** What makes sense now, the next step first. */
export function statusMenuItems(facts: StatusMenuFacts): StatusMenuItem[] {
  return [...stateItems(facts.snapshot), ...connectionItems(facts), ...otherItems(facts)];
}

/** Shows the menu and runs what is chosen. */
export async function showStatusMenu(facts: StatusMenuFacts): Promise<void> {
  const chosen = await window.showQuickPick(statusMenuItems(facts), {
    title: facts.snapshot ? l10n.t('OpenEMR: {0}', facts.snapshot.connectionName) : l10n.t('OpenEMR'),
    placeHolder: l10n.t('What would you like to do?'),
  });
  if (chosen?.command) await commands.executeCommand(chosen.command);
}

function stateItems(snapshot: StatusSnapshot | undefined): StatusMenuItem[] {
  if (!snapshot) return [];
  const { state, nextStep } = snapshot;
  switch (state) {
    case 'none':
      return nextStep === 'register' ? [register()] : nextStep === 'connect' ? [] : [logIn()];
    case 'authorizing':
    case 'refreshing':
      return [];
    case 'valid':
    case 'expiring':
      return [test(), refresh(), logOut()];
    case 'expired':
    case 'refreshFailed':
      return [refresh(), logIn(), logOut()];
    case 'reauthenticationRequired':
      return [logIn(), logOut()];
  }
}

function connectionItems({ snapshot, connectionCount }: StatusMenuFacts): StatusMenuItem[] {
  const configure = {
    label: snapshot ? l10n.t('$(gear) Configure connection') : l10n.t('$(add) Add connection'),
    command: 'openemr.configureConnection',
  };
  const others = snapshot ? 1 : 0;
  if (connectionCount <= others) return [configure];
  const switchConnection = {
    label: l10n.t('$(arrow-swap) Switch connection'),
    command: 'openemr.switchConnection',
  };
  return [configure, switchConnection];
}

function otherItems({ isSandboxRunning }: StatusMenuFacts): StatusMenuItem[] {
  return [
    { label: '', kind: QuickPickItemKind.Separator },
    isSandboxRunning
      ? { label: l10n.t('$(debug-stop) Stop sandbox'), command: 'openemr.stopSandbox' }
      : { label: l10n.t('$(beaker) Start sandbox'), command: 'openemr.startSandbox' },
    { label: l10n.t('$(output) Open log'), command: 'openemr.showLog' },
  ];
}

function register(): StatusMenuItem {
  return {
    label: l10n.t('$(plug) Register client'),
    detail: l10n.t('Makes this workbench known to OpenEMR'),
    command: 'openemr.registerClient',
  };
}

function logIn(): StatusMenuItem {
  return {
    label: l10n.t('$(sign-in) Log in'),
    detail: l10n.t('Opens the sign-in page in the browser'),
    command: 'openemr.logIn',
  };
}

function test(): StatusMenuItem {
  return { label: l10n.t('$(pulse) Test connection'), command: 'openemr.testConnection' };
}

function refresh(): StatusMenuItem {
  return { label: l10n.t('$(refresh) Refresh token'), command: 'openemr.refreshToken' };
}

function logOut(): StatusMenuItem {
  return {
    label: l10n.t('$(sign-out) Log out'),
    detail: l10n.t('Ends every session of this user and client on OpenEMR'),
    command: 'openemr.logOut',
  };
}
