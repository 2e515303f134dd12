import type { ErrorCode } from '../base/errors.ts';
import type { BodyKind, Step } from './evidence.ts';

/** Chapters of docs/troubleshooting.md, in its order. */
export const chapters = [
  'address',
  'reaching',
  'certificate',
  'openemr',
  'registration',
  'login',
  'token',
  'session',
  'fhir',
  'programs',
] as const;
export type Chapter = (typeof chapters)[number];

/** Everything that is given must be so. Lists mean: one of them. */
export interface RuleCondition {
  readonly step?: Step | readonly Step[];
  readonly code?: ErrorCode | readonly ErrorCode[];
  readonly status?: number | readonly number[];
  readonly body?: BodyKind | readonly BodyKind[];
  readonly error?: string | readonly string[];
  readonly said?: RegExp;
  readonly header?: { readonly name: string; readonly matches: RegExp };
  readonly era?: '7.0' | '8.2';
  readonly facts?: Readonly<Record<string, string | number | boolean | RegExp>>;
}

/** Something the workbench can do about it; the editor's side knows how and how it is called. */
export type RuleActionId =
  | 'logIn'
  | 'logInRegisteredAddress'
  | 'register'
  | 'checkClient'
  | 'openApiClients'
  | 'openConnectors'
  | 'configure'
  | 'trustCertificate'
  | 'chooseScopes'
  | 'dropScope'
  | 'test'
  | 'refresh'
  | 'showLog'
  | 'useServerAddress'
  | 'runDoctor';

/**
 * A known failure of OpenEMR or of the way to it: how it shows, why, what to do. Texts are sentences for people;
 * `{name}` stands for a fact of the evidence, or for the word in `defaults` where the evidence lacks it.
 */
export interface Rule {
  /** Also the anchor in docs/troubleshooting.md. */
  readonly id: string;
  readonly chapter: Chapter;
  readonly when: readonly RuleCondition[];
  readonly happened: string;
  readonly why: string;
  readonly remedy: string;
  /** The screen or setting in OpenEMR, with its own labels. */
  readonly screen?: string;
  readonly action?: RuleActionId;
  readonly defaults?: Readonly<Record<string, string>>;
  /** How it looks on the wire, for the table in the documentation. */
  readonly sign: string;
  /** Says no more than the kind of answer: what is left when nothing else fits. */
  readonly isGeneric?: true;
}

export const apiClientsScreen = 'Administration → System → API Clients';
export const connectorsScreen = 'Administration → Config → Connectors';
