import { l10n } from 'vscode';
import type { ErrorDetails } from '../../core/base/errors.ts';

/** What a failure's button does; the composition root knows how. */
export type ErrorActionId =
  | 'logIn'
  | 'logInRegisteredAddress'
  | 'register'
  | 'checkClient'
  | 'openApiClients'
  | 'configure'
  | 'trustCertificate'
  | 'chooseScopes'
  | 'dropScope'
  | 'test'
  | 'refresh'
  | 'openSettings'
  | 'reload'
  | 'showLog'
  | 'resetSecrets'
  | 'openConnectors'
  | 'useServerAddress'
  | 'runDoctor';

export interface ErrorAction {
  readonly id: ErrorActionId;
  readonly label: string;
}

/** A failure in three sentences and a button. */
export interface ErrorText {
  readonly happened: string;
  /** The most likely reason. */
  readonly why: string;
  readonly remedy: string;
  readonly action?: ErrorAction;
}

/** A detail of the error as text, or the fallback where the error does not have it. */
export type Fact = (name: string, fallback: string) => string;

export type ErrorTextOf = (fact: Fact) => ErrorText;

const maxFactLength = 200;

export function factsOf(details: ErrorDetails): Fact {
  return (name, fallback) => {
    const value = details[name];
    const text = (Array.isArray(value) ? value.join(', ') : String(value ?? '')).trim();
    if (!text) return fallback;
    return text.length > maxFactLength ? `${text.slice(0, maxFactLength)}…` : text;
  };
}

const labels: Record<ErrorActionId, () => string> = {
  logIn: () => l10n.t('Log in again'),
  logInRegisteredAddress: () => l10n.t('Log in with the registered address'),
  register: () => l10n.t('Register client'),
  checkClient: () => l10n.t('Wait until it is enabled'),
  openApiClients: () => l10n.t('Open API Clients'),
  configure: () => l10n.t('Open connection settings'),
  trustCertificate: () => l10n.t('Look at the certificate'),
  chooseScopes: () => l10n.t('Choose permissions'),
  dropScope: () => l10n.t('Leave it out'),
  test: () => l10n.t('Test connection'),
  refresh: () => l10n.t('Refresh token'),
  openSettings: () => l10n.t('Open settings'),
  reload: () => l10n.t('Reload window'),
  showLog: () => l10n.t('Show log'),
  resetSecrets: () => l10n.t('Reset stored credentials'),
  openConnectors: () => l10n.t('Open Config in OpenEMR'),
  useServerAddress: () => l10n.t('Check the address'),
  runDoctor: () => l10n.t('Run doctor'),
};

export function action(id: ErrorActionId, label: string = labels[id]()): ErrorAction {
  return { id, label };
}

/** The server by its name, or as such where the error does not carry the name. */
export function hostOf(fact: Fact, fallback: string = l10n.t('the server')): string {
  return fact('host', URL.parse(fact('url', ''))?.host ?? fallback);
}

/** {@link hostOf} for the beginning of a sentence. */
export function hostAsSubject(fact: Fact): string {
  return hostOf(fact, l10n.t('The server'));
}
