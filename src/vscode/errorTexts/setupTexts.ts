import { l10n } from 'vscode';
import type { ErrorCode } from '../../core/base/errors.ts';
import { action, hostAsSubject, hostOf, type ErrorTextOf } from './errorText.ts';

type SetupErrorCode = Extract<ErrorCode, `${'connection' | 'discovery' | 'registration'}/${string}`>;

/** Setting a connection up: settings, what the server says of itself, the client's registration. */
export const setupTexts = {
  'connection/client-missing': () => ({
    happened: l10n.t('This connection has no client yet.'),
    why: l10n.t('OpenEMR lets in only programs (clients) that were registered with it.'),
    remedy: l10n.t('Register the client, or enter the client ID that an administrator gave you.'),
    action: action('register'),
  }),
  'connection/invalid-settings': (fact) => ({
    happened: l10n.t('A connection in the settings cannot be used: {problems}', {
      problems: fact('problems', l10n.t('an entry is not complete.')),
    }),
    why: l10n.t('The setting openemr.connections was edited by hand or comes from another version.'),
    remedy: l10n.t('Correct the entry. The other connections work meanwhile.'),
    action: action('openSettings'),
  }),
  'connection/not-found': () => ({
    happened: l10n.t('This connection does not exist any more.'),
    why: l10n.t('It was removed from the settings, perhaps in another window.'),
    remedy: l10n.t('Choose another connection or set one up.'),
    action: action('configure', l10n.t('Add connection')),
  }),
  'connection/secret-missing': () => ({
    happened: l10n.t('The client secret of this connection is not on this computer.'),
    why: l10n.t('Secrets are kept in the keychain, not in the settings, so they do not travel with them.'),
    remedy: l10n.t('Enter the client secret again, or register the client anew.'),
    action: action('configure', l10n.t('Enter the secret')),
  }),
  'connection/would-lose-settings': (fact) => ({
    happened: l10n.t('Nothing was saved, because something would have been lost: {problems}', {
      problems: fact('problems', l10n.t('the settings changed meanwhile.')),
    }),
    why: l10n.t('The settings hold something that this form does not show, or another window changed them.'),
    remedy: l10n.t('Look at the settings, then save again.'),
    action: action('configure'),
  }),
  'discovery/api-disabled': (fact) => ({
    happened: l10n.t('OpenEMR answers on {host}, but its programming interface (API) is switched off.', {
      host: hostOf(fact),
    }),
    why: l10n.t('A new OpenEMR comes with the interface switched off.'),
    remedy: l10n.t(
      'Ask an administrator to switch on "Enable OpenEMR Standard FHIR REST API" under Administration → Config → Connectors.',
    ),
    action: action('test', l10n.t('Check again')),
  }),
  'discovery/invalid-metadata': (fact) => ({
    happened: l10n.t('{host} describes its sign-in in a way that the workbench does not understand.', {
      host: hostAsSubject(fact),
    }),
    why: l10n.t(
      'The server is not an OpenEMR, is a very different version, or something in between changed the answer.',
    ),
    remedy: l10n.t('Check the address. Details list what was wrong.'),
    action: action('configure', l10n.t('Check the address')),
  }),
  'discovery/issuer-mismatch': (fact) => ({
    happened: l10n.t('This OpenEMR says that its address is {found}, but the connection uses {expected}.', {
      found: fact('found', l10n.t('another one')),
      expected: fact('expected', hostOf(fact)),
    }),
    why: l10n.t('The setting "Site Address" of OpenEMR names another address than the one that was entered.'),
    remedy: l10n.t(
      'Use the address that OpenEMR names, or ask an administrator to correct "Site Address Override" under Administration → Config → Connectors.',
    ),
    action: action('configure', l10n.t('Check the address')),
  }),
  'discovery/not-found': (fact) => ({
    happened: l10n.t('There is a web server on {host}, but no OpenEMR at this address.', {
      host: hostOf(fact),
    }),
    why: l10n.t('OpenEMR often lives in a folder such as /openemr, which has to be part of the address.'),
    remedy: l10n.t('Copy the address from the browser while OpenEMR is open.'),
    action: action('configure', l10n.t('Check the address')),
  }),
  'discovery/not-openemr': (fact) => ({
    happened: l10n.t('{host} answers, but it is not an OpenEMR.', { host: hostAsSubject(fact) }),
    why: l10n.t('Its answers look like those of another program.'),
    remedy: l10n.t('Copy the address from the browser while OpenEMR is open.'),
    action: action('configure', l10n.t('Check the address')),
  }),
  'discovery/site-unknown': (fact) => ({
    happened: fact('site', '')
      ? l10n.t('This OpenEMR has no site by the name "{site}".', { site: fact('site', '') })
      : l10n.t('This OpenEMR does not have this site.'),
    why: l10n.t('Most installations have one site, called "default".'),
    remedy: l10n.t('Correct the site. It is the part after site= in the address of the OpenEMR login page.'),
    action: action('configure', l10n.t('Check the site')),
  }),
  'registration/invalid-response': (fact) => ({
    happened: l10n.t('OpenEMR answered to the registration, but not with a usable client.'),
    why: l10n.t('The answer of {host} lacks a client ID or is damaged.', { host: hostOf(fact) }),
    remedy: l10n.t(
      'Look under Administration → System → API Clients whether the client is there before you register again.',
    ),
    action: action('openApiClients'),
  }),
  'registration/metadata-refused': () => ({
    happened: l10n.t('OpenEMR did not register the client.'),
    why: l10n.t('It does not accept something in the request, such as the client type. Details name it.'),
    remedy: l10n.t('Check client type and permissions, then register again.'),
    action: action('configure'),
  }),
  'registration/redirect-refused': () => ({
    happened: l10n.t('OpenEMR does not accept the address where the browser returns after the login.'),
    why: l10n.t('Some versions refuse addresses that open a program, such as vscode://.'),
    remedy: l10n.t('Choose Loopback as Callback and register again.'),
    action: action('configure', l10n.t('Choose the callback')),
  }),
  'registration/scope-refused': (fact) => ({
    happened: l10n.t('OpenEMR does not know or allow the permission (scope) {scopes}.', {
      scopes: fact('scopes', fact('scope', l10n.t('that was asked for'))),
    }),
    why: l10n.t(
      'Permissions differ between OpenEMR versions, and public clients get only those of one patient.',
    ),
    remedy: l10n.t('Leave it out and register again.'),
    action: action('dropScope'),
  }),
  'registration/unavailable': (fact) => ({
    happened: l10n.t('{host} does not let programs register themselves.', { host: hostAsSubject(fact) }),
    why: l10n.t('Registration is switched off or blocked in front of OpenEMR.'),
    remedy: l10n.t(
      'Ask an administrator to open /interface/smart/register-app.php inside the practice network, then enter the client ID and secret here.',
    ),
    action: action('configure', l10n.t('Enter a client ID')),
  }),
} as const satisfies Record<SetupErrorCode, ErrorTextOf>;
