import { l10n } from 'vscode';
import type { ErrorCode } from '../../core/base/errors.ts';
import { action, hostAsSubject, hostOf, type ErrorTextOf } from './errorText.ts';

type SessionErrorCode = Extract<ErrorCode, `${'fhir' | 'refresh' | 'storage' | 'token'}/${string}`>;

/** Living with a login: reading FHIR, renewing the token, keeping it safe. */
export const sessionTexts = {
  'fhir/access-refused': (fact) => ({
    happened: l10n.t('You may log in, but this login does not include {resource}.', {
      resource: fact('resource', l10n.t('what was asked for')),
    }),
    why: l10n.t('Permission (scope) {scope} was not granted, or the user has no right to it in OpenEMR.', {
      scope: fact('scope', l10n.t('for it')),
    }),
    remedy: l10n.t(
      'Choose the permission, register and log in again, or ask an administrator for the right.',
    ),
    action: action('chooseScopes'),
  }),
  'fhir/api-disabled': (fact) => ({
    happened: l10n.t('The FHIR interface of {host} is switched off.', { host: hostOf(fact) }),
    why: l10n.t('OpenEMR comes with it switched off, or somebody switched it off.'),
    remedy: l10n.t(
      'Ask an administrator to switch on "Enable OpenEMR Standard FHIR REST API" under Administration → Config → Connectors.',
    ),
    action: action('test', l10n.t('Check again')),
  }),
  'fhir/invalid-response': (fact) => ({
    happened: l10n.t('{host} answered with data that is not valid FHIR.', { host: hostAsSubject(fact) }),
    why: l10n.t('The answer is damaged, or it comes from another program.'),
    remedy: l10n.t('Test the connection again. If the problem persists, Details list what was wrong.'),
    action: action('test', l10n.t('Test again')),
  }),
  'fhir/not-found': (fact) => ({
    happened: l10n.t('This OpenEMR does not have {resource}.', {
      resource: fact('resource', l10n.t('what was asked for')),
    }),
    why: l10n.t('The record was deleted, or this version of OpenEMR does not offer it.'),
    remedy: l10n.t('Test the connection to see what this server offers.'),
    action: action('test'),
  }),
  'fhir/signed-out': () => ({
    happened: l10n.t('OpenEMR ended this session.'),
    why: l10n.t('Somebody logged this user out, here or in another program. Your settings are kept.'),
    remedy: l10n.t('Log in again.'),
    action: action('logIn'),
  }),
  'fhir/token-refused': () => ({
    happened: l10n.t('OpenEMR no longer accepts the token of this login.'),
    why: l10n.t('It has expired, or another window or program renewed it.'),
    remedy: l10n.t('Refresh the token. If that fails, log in again.'),
    action: action('refresh'),
  }),
  'refresh/answer-lost': () => ({
    happened: l10n.t('OpenEMR renewed the token, but its answer was lost on the way.'),
    why: l10n.t('The connection broke at that moment. OpenEMR says that the old token has ended meanwhile.'),
    remedy: l10n.t('Log in again. Your settings are kept.'),
    action: action('logIn'),
  }),
  'refresh/no-refresh-token': () => ({
    happened: l10n.t('This login cannot be renewed without you.'),
    why: l10n.t('Permission (scope) offline_access was not granted, so OpenEMR gave no refresh token.'),
    remedy: l10n.t(
      'Log in again and leave "Allow Offline Access" (offline_access) ticked on OpenEMR\'s page.',
    ),
    action: action('logIn'),
  }),
  'refresh/outcome-unknown': () => ({
    happened: l10n.t('It is not certain whether OpenEMR renewed the token.'),
    why: l10n.t('The connection broke after the request was sent, so the new token may be lost.'),
    remedy: l10n.t('Refresh once more. If OpenEMR refuses, log in again.'),
    action: action('refresh', l10n.t('Refresh once more')),
  }),
  'refresh/refused': () => ({
    happened: l10n.t('OpenEMR ended this session.'),
    why: l10n.t('Somebody logged out, or the session was used elsewhere. Your settings are kept.'),
    remedy: l10n.t('Log in again.'),
    action: action('logIn'),
  }),
  'storage/behind': () => ({
    happened: l10n.t('Another window changed the login, and this window cannot see it.'),
    why: l10n.t(
      'In a browser each window keeps its own copy of the stored credentials until it is reloaded.',
    ),
    remedy: l10n.t('Reload this window to pick up the login.'),
    action: action('reload'),
  }),
  'storage/secret-lost': () => ({
    happened: l10n.t('The stored login could not be found in the keychain any more.'),
    why: l10n.t('The keychain was locked, emptied or replaced since the last login.'),
    remedy: l10n.t('Log in again. Your settings are kept.'),
    action: action('logIn'),
  }),
  'storage/secret-unreadable': () => ({
    happened: l10n.t('A stored credential could not be read.'),
    why: l10n.t('The keychain is locked, or the entry is damaged.'),
    remedy: l10n.t(
      'Unlock the keychain and reload the window. If the problem persists, reset the stored credentials.',
    ),
    action: action('resetSecrets'),
  }),
  'storage/write-failed': () => ({
    happened: l10n.t('VS Code could not save it.'),
    why: l10n.t('The keychain is locked, the settings file has an error, or the disk is full.'),
    remedy: l10n.t('Unlock the keychain, check that settings.json has no error, then try again.'),
    action: action('showLog'),
  }),
  'token/none': () => ({
    happened: l10n.t('You are not signed in to this connection.'),
    why: l10n.t('There has been no login yet, or it was ended.'),
    remedy: l10n.t('Log in first.'),
    action: action('logIn', l10n.t('Log in')),
  }),
  'token/other-server': () => ({
    happened: l10n.t('The stored login belongs to another server or client.'),
    why: l10n.t(
      'Address or client of this connection were changed after the login. Old tokens are never sent there.',
    ),
    remedy: l10n.t('Log in again.'),
    action: action('logIn'),
  }),
} as const satisfies Record<SessionErrorCode, ErrorTextOf>;
