import { l10n } from 'vscode';
import type { ErrorCode } from '../../core/base/errors.ts';
import { action, hostAsSubject, hostOf, type ErrorTextOf } from './errorText.ts';

type ServerErrorCode = Extract<ErrorCode, `${'address' | 'network' | 'tls' | 'http'}/${string}`>;

const checkAddress = () => action('configure', l10n.t('Check the address'));
const tryAgain = () => action('test', l10n.t('Try again'));

/** Reaching the server: its address, the way to it, its certificate, the form of its answers. */
export const serverTexts = {
  'address/invalid': () => ({
    happened: l10n.t('This is not an address that the workbench can use.'),
    why: l10n.t('It is empty, contains spaces, or does not start with https://.'),
    remedy: l10n.t(
      'Copy the address from the browser while OpenEMR is open, for example https://emr.example.org/openemr.',
    ),
    action: checkAddress(),
  }),
  'address/insecure-http': (fact) => ({
    happened: l10n.t('{host} was given with http://, which sends logins unprotected.', {
      host: hostAsSubject(fact),
    }),
    why: l10n.t(
      'Anybody on the network could read patient data. Only this computer itself may be used without https.',
    ),
    remedy: l10n.t('Use the https:// address of this OpenEMR.'),
    action: checkAddress(),
  }),
  'address/has-credentials': () => ({
    happened: l10n.t('The address contains a user name or password.'),
    why: l10n.t('Addresses are kept in the settings, where everybody can read them.'),
    remedy: l10n.t('Remove everything before the @ sign. You log in later, in the browser.'),
    action: checkAddress(),
  }),
  'network/dns': (fact) => ({
    happened: l10n.t('There is no server by the name {host}.', { host: hostOf(fact) }),
    why: l10n.t(
      'The name is misspelled, or it is only known inside a network that this computer is not connected to.',
    ),
    remedy: l10n.t('Check the address and, if the server is in the practice or clinic, the VPN.'),
    action: checkAddress(),
  }),
  'network/proxy': (fact) => ({
    happened: l10n.t('The connection to {host} failed at the proxy.', { host: hostOf(fact) }),
    why: l10n.t(
      'The proxy {proxyHost} does not answer, wants a login, or does not let this server through.',
      {
        proxyHost: fact('proxyHost', l10n.t('of this network')),
      },
    ),
    remedy: l10n.t('Check the setting "Http: Proxy", or list the server under "Http: No Proxy".'),
    action: action('showLog'),
  }),
  'network/refused': (fact) => ({
    happened: l10n.t('{host} is there, but no OpenEMR answers at this address.', {
      host: hostAsSubject(fact),
    }),
    why: l10n.t('The web server is not running, or it listens on another port.'),
    remedy: l10n.t('Start OpenEMR, or correct the port in the address.'),
    action: checkAddress(),
  }),
  'network/reset': (fact) => ({
    happened: l10n.t('{host} broke off the connection.', { host: hostAsSubject(fact) }),
    why: l10n.t('The server is restarting, a firewall stepped in, or http and https were mixed up.'),
    remedy: l10n.t('Try again in a moment. If the problem persists, check whether the address needs https.'),
    action: tryAgain(),
  }),
  'network/timed-out': (fact) => ({
    happened: l10n.t('{host} did not answer in time.', { host: hostAsSubject(fact) }),
    why: l10n.t('The server is overloaded, or a firewall swallows the request.'),
    remedy: l10n.t('Try again in a moment, and check whether the address opens in your browser.'),
    action: tryAgain(),
  }),
  'network/unreachable': (fact) => ({
    happened: l10n.t('{host} cannot be reached from this computer.', { host: hostAsSubject(fact) }),
    why: l10n.t('This computer is offline, or the server is in a network that it is not connected to.'),
    remedy: l10n.t('Check the network connection and the VPN.'),
    action: tryAgain(),
  }),
  'tls/untrusted': (fact) => ({
    happened: l10n.t('{host} proves its identity with a certificate that nobody vouches for.', {
      host: hostAsSubject(fact),
    }),
    why: l10n.t('That is normal for a test server, not for a practice.'),
    remedy: l10n.t('Look at the certificate and trust it only if you know this server.'),
    action: action('trustCertificate'),
  }),
  'tls/authority-file': (fact) => ({
    happened: l10n.t('The certificate authority in the file {file} cannot be used.', {
      file: fact('caFile', 'caFile'),
    }),
    why: l10n.t('It was moved, may not be read, or holds no certificate in PEM form (BEGIN CERTIFICATE).'),
    remedy: l10n.t('Put the file back, or correct caFile of this connection in the settings.'),
    action: action('openSettings'),
  }),
  'tls/certificate-changed': (fact) => ({
    happened: l10n.t('{host} shows another certificate than the one you trusted.', {
      host: hostAsSubject(fact),
    }),
    why: l10n.t('The server got a new certificate, or somebody stands between you and the server.'),
    remedy: l10n.t('Ask the administrator whether the certificate was renewed before you trust the new one.'),
    action: action('trustCertificate', l10n.t('Look at the new certificate')),
  }),
  'tls/certificate-expired': (fact) => ({
    happened: l10n.t('The certificate of {host} is not valid today.', { host: hostOf(fact) }),
    why: l10n.t("It has expired or is not valid yet; more rarely this computer's clock is wrong."),
    remedy: l10n.t('Check the date of this computer, then ask the administrator to renew the certificate.'),
    action: tryAgain(),
  }),
  'tls/failed': (fact) => ({
    happened: l10n.t('No protected connection (TLS) to {host} could be made.', { host: hostOf(fact) }),
    why: l10n.t('The server does not speak https at this port, or only a version that is no longer safe.'),
    remedy: l10n.t('Check scheme and port of the address.'),
    action: checkAddress(),
  }),
  'tls/name-mismatch': (fact) => ({
    happened: l10n.t('The certificate was made for another name than {host}.', { host: hostOf(fact) }),
    why: l10n.t('The server is known by another name, or it was reached by its number.'),
    remedy: l10n.t('Use the name that the certificate names, or look at the certificate.'),
    action: action('trustCertificate'),
  }),
  'http/not-json': (fact) => ({
    happened: l10n.t('{host} answered with something that is not data.', { host: hostAsSubject(fact) }),
    why: l10n.t(
      'It is most likely a web page: the address belongs to another program, or something in between answered.',
    ),
    remedy: l10n.t(
      'Check that the address is that of OpenEMR, and that no login page of the network is in the way.',
    ),
    action: checkAddress(),
  }),
  'http/rate-limited': (fact) => ({
    happened: l10n.t('{host} says that it was asked too often.', { host: hostAsSubject(fact) }),
    why: l10n.t('A limit in front of OpenEMR stopped the requests for a while.'),
    remedy: l10n.t('Wait a minute, then try again.'),
    action: tryAgain(),
  }),
  'http/server-error': (fact) => ({
    happened: l10n.t('OpenEMR on {host} reported an internal error.', { host: hostOf(fact) }),
    why: l10n.t('Something failed inside the server (status {status}). Your settings are not the cause.', {
      status: fact('status', '500'),
    }),
    remedy: l10n.t(
      "Try again. If the problem persists, the administrator finds the reason in the server's error log.",
    ),
    action: tryAgain(),
  }),
  'http/too-large': (fact) => ({
    happened: l10n.t('{host} sent more than the workbench accepts.', { host: hostAsSubject(fact) }),
    why: l10n.t('The address belongs to another program, or the server sends all its data at once.'),
    remedy: l10n.t('Check the address. Details name the limit.'),
    action: action('showLog'),
  }),
  'http/unexpected-redirect': (fact) => ({
    happened: l10n.t('{host} sends the workbench on to another address.', { host: hostAsSubject(fact) }),
    why: l10n.t('The address is an old one, or a login page of the network stands in the way.'),
    remedy: l10n.t('Open the address in the browser and copy the one where it ends.'),
    action: checkAddress(),
  }),
  'http/unexpected-status': (fact) => ({
    happened: l10n.t('{host} gave an answer that OpenEMR does not give here (status {status}).', {
      host: hostAsSubject(fact),
      status: fact('status', '?'),
    }),
    why: l10n.t('Something in front of OpenEMR, such as a proxy or firewall, answered in its place.'),
    remedy: l10n.t('Check the address, then ask the administrator what stands in front of OpenEMR.'),
    action: checkAddress(),
  }),
} as const satisfies Record<ServerErrorCode, ErrorTextOf>;
