import { l10n } from 'vscode';
import type { ErrorCode } from '../../core/base/errors.ts';
import { action, hostOf, type ErrorTextOf } from './errorText.ts';

type SignInErrorCode = Extract<ErrorCode, `${'authorization' | 'grant' | 'id-token'}/${string}`>;

/** From the click on Log in to the first token. */
export const signInTexts = {
  'authorization/address-refused': (fact) => ({
    happened: l10n.t('OpenEMR does not accept the address it should return to.'),
    why: l10n.t('The client was registered for {expected}; this login asked for {actual}.', {
      expected: fact('expected', l10n.t('another address')),
      actual: fact('actual', l10n.t('one that it does not know')),
    }),
    remedy: l10n.t('Log in with the registered address, or register the client again.'),
    action: action('logInRegisteredAddress'),
  }),
  'authorization/cancelled': () => ({
    happened: l10n.t('The login was cancelled.'),
    why: l10n.t('You or another window ended it.'),
    remedy: l10n.t('Nothing was changed. Log in whenever you like.'),
    action: action('logIn', l10n.t('Log in')),
  }),
  'authorization/client-unknown': () => ({
    happened: l10n.t('OpenEMR does not know this client.'),
    why: l10n.t('The client was deleted in OpenEMR, or its ID belongs to another server.'),
    remedy: l10n.t('Register the client again.'),
    action: action('register'),
  }),
  'authorization/denied': () => ({
    happened: l10n.t('OpenEMR did not let this user continue.'),
    why: l10n.t('The account has no access to patient data in OpenEMR.'),
    remedy: l10n.t(
      'Log in with another account, or ask an administrator for the right (Administration → ACL).',
    ),
    action: action('logIn'),
  }),
  'authorization/expired': () => ({
    happened: l10n.t('The answer of the sign-in page came too late.'),
    why: l10n.t('The login was started more than ten minutes ago.'),
    remedy: l10n.t('Log in again. Nothing is wrong with your settings.'),
    action: action('logIn'),
  }),
  'authorization/invalid-response': () => ({
    happened: l10n.t('The browser came back with an answer that is not complete.'),
    why: l10n.t('The address was cut off, or it does not come from OpenEMR.'),
    remedy: l10n.t('Log in again.'),
    action: action('logIn'),
  }),
  'authorization/invalid-scope': (fact) => ({
    happened: l10n.t('OpenEMR does not know a permission (scope) that this login asks for: {scopes}', {
      scopes: fact('scopes', fact('scope', l10n.t('it does not say which.'))),
    }),
    why: l10n.t('Permissions differ between OpenEMR versions.'),
    remedy: l10n.t('Choose the permissions anew. A new choice needs a new registration.'),
    action: action('chooseScopes'),
  }),
  'authorization/no-channel': () => ({
    happened: l10n.t('None of the ways back from the browser works here.'),
    why: l10n.t('OpenEMR refused the addresses, or no port could be opened on this computer.'),
    remedy: l10n.t('Choose Paste as Callback: you then copy the address from the browser yourself.'),
    action: action('configure', l10n.t('Choose the callback')),
  }),
  'authorization/paste-invalid': () => ({
    happened: l10n.t('This is not the address where the login ended.'),
    why: l10n.t('It holds no answer, or the answer of an earlier login.'),
    remedy: l10n.t('After Authorize, copy everything in the address bar of the browser, from http on.'),
  }),
  'authorization/request-refused': () => ({
    happened: l10n.t('OpenEMR did not show its sign-in page (authorization endpoint).'),
    why: l10n.t(
      'It does not accept something in the request, most likely the address of the server. Details name it.',
    ),
    remedy: l10n.t('Check the address and the client, then log in again.'),
    action: action('configure'),
  }),
  'authorization/server-error': (fact) => ({
    happened: l10n.t('OpenEMR reported an internal error during the login.'),
    why: l10n.t('Something failed inside {host}. Your settings are not the cause.', { host: hostOf(fact) }),
    remedy: l10n.t(
      "Log in again. If the problem persists, the administrator finds the reason in the server's error log.",
    ),
    action: action('logIn'),
  }),
  'authorization/timed-out': () => ({
    happened: l10n.t('The workbench stopped waiting for the sign-in page after five minutes.'),
    why: l10n.t('The page was not finished, was closed, or never opened.'),
    remedy: l10n.t('Log in again. If you finish the open page in the next minutes, that works too.'),
    action: action('logIn'),
  }),
  'authorization/unsolicited': () => ({
    happened: l10n.t('An answer of a sign-in page arrived that this computer did not ask for.'),
    why: l10n.t('It was used before, belongs to a cancelled login, or comes from a stranger.'),
    remedy: l10n.t('It was ignored. If you wanted to log in, start again from here.'),
    action: action('logIn', l10n.t('Log in')),
  }),
  'grant/client-refused': () => ({
    happened: l10n.t('OpenEMR refused to hand out a token.'),
    why: l10n.t('This client is registered but not yet enabled, or its secret is not the right one.'),
    remedy: l10n.t(
      'Ask an administrator to enable it under Administration → System → API Clients → OpenEMR Workbench → Edit → Enable Client.',
    ),
    action: action('checkClient'),
  }),
  'grant/code-expired': () => ({
    happened: l10n.t('The sign-in took longer than the minute OpenEMR allows after you press Authorize.'),
    why: l10n.t('The way back to VS Code was slow, or a question of the browser waited for you.'),
    remedy: l10n.t('Log in again. Nothing is wrong with your settings.'),
    action: action('logIn'),
  }),
  'grant/code-unknown': () => ({
    happened: l10n.t('OpenEMR does not know this login any more.'),
    why: l10n.t(
      'A second login of the same user began before this one was finished; OpenEMR keeps only the last.',
    ),
    remedy: l10n.t('Close other sign-in pages of this OpenEMR, then log in again.'),
    action: action('logIn'),
  }),
  'grant/invalid-response': (fact) => ({
    happened: l10n.t('OpenEMR handed out a token that the workbench cannot use.'),
    why: l10n.t('The answer of {host} is damaged or not complete.', { host: hostOf(fact) }),
    remedy: l10n.t('Log in again. If the problem persists, Details list what is missing.'),
    action: action('logIn'),
  }),
  'grant/redirect-mismatch': () => ({
    happened: l10n.t('OpenEMR says that this login was started for another return address.'),
    why: l10n.t('Two logins got mixed up, or the connection was edited meanwhile.'),
    remedy: l10n.t('Log in again.'),
    action: action('logIn'),
  }),
  'grant/refused': () => ({
    happened: l10n.t('OpenEMR refused to finish this login.'),
    why: l10n.t('The login was used before or is no longer valid. Details hold what OpenEMR said.'),
    remedy: l10n.t('Log in again.'),
    action: action('logIn'),
  }),
  'grant/verifier-refused': () => ({
    happened: l10n.t('OpenEMR could not match this login with the one that was started here.'),
    why: l10n.t('Two logins got mixed up, or the answer came from elsewhere. The check (PKCE) protects you.'),
    remedy: l10n.t('Close other sign-in pages of this OpenEMR, then log in again.'),
    action: action('logIn'),
  }),
  'id-token/invalid': () => ({
    happened: l10n.t('The proof of who signed in (ID token) is not valid.'),
    why: l10n.t('The address of the server, its keys or a clock do not agree. Details name the difference.'),
    remedy: l10n.t('Check date and time of this computer and the address of the server, then log in again.'),
    action: action('logIn'),
  }),
} as const satisfies Record<SignInErrorCode, ErrorTextOf>;
