import { l10n } from 'vscode';
import type { ErrorCode } from '../core/base/errors.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import type { TokenSet, TokenState, TokenStateKind } from '../core/oauth/tokenSet.ts';
import type { PresentedError, SessionView } from '../protocol/viewModels.ts';

const labels: Record<TokenStateKind, () => string> = {
  none: () => l10n.t('Signed out'),
  authorizing: () => l10n.t('Waiting for the sign-in page'),
  valid: () => l10n.t('Signed in'),
  expiring: () => l10n.t('Signed in, runs out soon'),
  refreshing: () => l10n.t('Refreshing'),
  expired: () => l10n.t('Login has run out'),
  refreshFailed: () => l10n.t('Offline, retrying'),
  reauthenticationRequired: () => l10n.t('Log in again'),
};

const tones: Record<TokenStateKind, SessionView['tone']> = {
  none: 'neutral',
  authorizing: 'busy',
  valid: 'good',
  expiring: 'warning',
  refreshing: 'busy',
  expired: 'warning',
  refreshFailed: 'warning',
  reauthenticationRequired: 'bad',
};

function isBehind(state: TokenState): boolean {
  return 'reason' in state && state.reason === 'storage/behind';
}

/** The state of a login in a word or two. */
export function stateLabel(state: TokenStateKind): string {
  return labels[state]();
}

/** A connection's session in words, without anything secret. */
export function sessionView(
  state: TokenState,
  tokens: TokenSet | undefined,
  requestedScopes: readonly string[],
  present: (error: unknown) => PresentedError,
): SessionView {
  const granted = tokens?.grantedScopes ?? [];
  const failure = 'reason' in state ? present(new WorkbenchError(state.reason as ErrorCode)) : undefined;
  return {
    state: state.kind,
    label: isBehind(state) ? l10n.t('Reload to pick up the login') : stateLabel(state.kind),
    tone: tones[state.kind],
    ...(tokens && 'expiresAt' in state ? { expiresAt: state.expiresAt } : {}),
    ...(tokens ? { loggedInAt: tokens.loggedInAt } : {}),
    canRefresh: tokens?.refreshToken !== undefined && state.kind !== 'reauthenticationRequired',
    scopesGranted: [...granted],
    scopesMissing: tokens ? requestedScopes.filter((scope) => !granted.includes(scope)) : [],
    ...(tokens?.patient ? { user: l10n.t("One patient's records") } : {}),
    ...(failure ? { lastFailure: failure } : {}),
  };
}
