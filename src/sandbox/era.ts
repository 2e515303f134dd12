import resources70 from './data/resources-7.0.json' with { type: 'json' };
import resources82 from './data/resources-8.2.json' with { type: 'json' };
import scopes70 from './data/scopes-7.0.json' with { type: 'json' };
import scopes82 from './data/scopes-8.2.json' with { type: 'json' };

export type EraName = '7.0' | '8.2';

export const eraNames: readonly EraName[] = ['7.0', '8.2'];

/** What a CapabilityStatement says about one resource type; the search and the router live by it too. */
export interface ResourceDescription {
  readonly type: string;
  readonly supportedProfile?: readonly string[];
  readonly interactions: readonly string[];
  readonly searchParams?: Readonly<Record<string, string>>;
  readonly include?: boolean;
  readonly revInclude?: boolean;
  readonly operations?: Readonly<Record<string, string>>;
}

/**
 * Everything in which OpenEMR 7.0 and 8.2 differ, side by side: handlers ask the era and never its name.
 */
export interface Era {
  readonly name: EraName;
  /** `scopes_supported` of the openid-configuration, in its order. */
  readonly scopes: readonly string[];
  readonly scopesNotInSmartConfiguration: readonly string[];
  readonly resources: readonly ResourceDescription[];
  /** Parameters that the search understands without the CapabilityStatement saying so. */
  readonly unlistedSearchParams: Readonly<Record<string, Readonly<Record<string, string>>>>;

  /** `software.version` of the CapabilityStatement; 8.2 leaves it out. */
  readonly softwareVersion: string | undefined;
  readonly version: Readonly<Record<string, string | number>>;
  readonly versionNeedsToken: boolean;
  readonly capabilityExtensions: 'oauth-uris' | 'capabilities-only';
  readonly instantiates: readonly string[];
  readonly securityService: Readonly<Record<string, string>>;
  readonly smartConfiguration: 'registration' | 'issuer';
  readonly smartCapabilities: readonly string[];

  /** From the authorization endpoint to the login page. */
  readonly loginRedirectStatus: 301 | 307;
  /** From one page of the login to the next: 307 makes the browser post again. */
  readonly pageRedirectStatus: 302 | 307;
  readonly pageContentType: string;
  readonly authorizeByPost: boolean;
  /** 8.2 names only the boxes of the general scopes; a script adds those of the resources. */
  readonly consentNamesResourceScopes: boolean;
  /** Whether granted scopes come in the order asked for, or in that of the consent form. */
  readonly scopeOrder: 'requested' | 'posted';
  readonly loginRefusedText: string;

  readonly registrationContentType: string;
  /** 7.0 dies without a word where 8.2 answers with an error. */
  readonly registrationCrashes: boolean;
  /** Who decodes JSON bodies: 8.2's framework does, before the endpoint sees them. */
  readonly jsonDecodedBy: 'endpoint' | 'framework';
  readonly registrationReadError: string;
  /** Paths below /oauth2/default that nobody handles. */
  readonly unknownOauthPathStatus: 200 | 404;

  readonly siteScope: boolean;
  readonly accessTokenHasIssuer: boolean;
  /** A refresh without `scope` re-validates the granted scopes, and `nonce` is not a known one. */
  readonly refreshValidatesGrantedScopes: boolean;
  readonly grantTypeRequired: boolean;
  readonly introspection: 'explains' | 'only-says-inactive';
  readonly introspectionExpiry: 'date-object' | 'seconds';

  readonly logoutByPost: boolean;
  readonly logoutError: string;
  readonly logoutRedirectStatus: 302 | 307;
  readonly logoutTextContentType: string;
  readonly logoutWhenSignedOut: 200 | 401;

  /** `hints`: league's body with a hint, or nothing at all; `wrapped`: `{"error":"An error occurred",…}`. */
  readonly apiErrors: 'hints' | 'wrapped';
  /** Whether switching the REST or FHIR API off closes it. */
  readonly apiGlobalsObeyed: boolean;
  readonly foreignPatient: 'unauthorized' | 'server-error';
  readonly preflight: 'always' | 'token-only';
  readonly corsOnEveryAnswer: boolean;
  readonly revIncludeBreaksObservation: boolean;
  /** Systolic and diastolic pressure and oxygen flow as Observations of their own, beside the panel. */
  readonly separateBloodPressure: boolean;
  /** `meta.profile` and the further elements of US Core. */
  readonly usCoreProfiles: boolean;
}

const oauthPageType = 'text/html; charset=utf-8';

const era70: Era = {
  name: '7.0',
  scopes: scopes70.scopes,
  scopesNotInSmartConfiguration: scopes70.notInSmartConfiguration,
  resources: resources70,
  unlistedSearchParams: {},
  softwareVersion: '7.0.4',
  version: {
    v_major: '7',
    v_minor: '0',
    v_patch: '4',
    v_realpatch: '0',
    v_tag: '-dev',
    v_database: '510',
    v_acl: '12',
  },
  versionNeedsToken: true,
  capabilityExtensions: 'oauth-uris',
  instantiates: ['http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data'],
  securityService: { system: 'http://hl7.org/fhir/restful-security-service', code: 'SMART-on-FHIR' },
  smartConfiguration: 'registration',
  smartCapabilities: [
    'launch-ehr',
    'context-banner',
    'context-ehr-patient',
    'context-style',
    'sso-openid-connect',
    'client-confidential-symmetric',
    'permission-user',
    'context-standalone-patient',
    'launch-standalone',
    'permission-patient',
    'permission-offline',
    'client-public',
  ],
  loginRedirectStatus: 301,
  pageRedirectStatus: 302,
  pageContentType: oauthPageType,
  authorizeByPost: false,
  consentNamesResourceScopes: true,
  scopeOrder: 'requested',
  loginRefusedText: 'Sorry, Invalid!',
  registrationContentType: oauthPageType,
  registrationCrashes: true,
  jsonDecodedBy: 'endpoint',
  registrationReadError: 'Invalid path',
  unknownOauthPathStatus: 200,
  siteScope: true,
  accessTokenHasIssuer: false,
  refreshValidatesGrantedScopes: false,
  grantTypeRequired: false,
  introspection: 'explains',
  introspectionExpiry: 'date-object',
  logoutByPost: true,
  logoutError: 'invalid _request',
  logoutRedirectStatus: 302,
  logoutTextContentType: oauthPageType,
  logoutWhenSignedOut: 200,
  apiErrors: 'hints',
  apiGlobalsObeyed: true,
  foreignPatient: 'unauthorized',
  preflight: 'always',
  corsOnEveryAnswer: true,
  revIncludeBreaksObservation: false,
  separateBloodPressure: true,
  usCoreProfiles: false,
};

const era82: Era = {
  name: '8.2',
  scopes: scopes82.scopes,
  scopesNotInSmartConfiguration: scopes82.notInSmartConfiguration,
  resources: resources82,
  unlistedSearchParams: { Condition: { category: 'token' } },
  softwareVersion: undefined,
  version: {
    v_major: 8,
    v_minor: 2,
    v_patch: 0,
    v_realpatch: 0,
    v_tag: '-dev',
    v_database: 541,
    v_acl: 13,
  },
  versionNeedsToken: false,
  capabilityExtensions: 'capabilities-only',
  instantiates: [
    'http://hl7.org/fhir/us/core/CapabilityStatement/us-core-server',
    'http://hl7.org/fhir/uv/bulkdata/CapabilityStatement/bulk-data',
  ],
  securityService: {
    system: 'http://terminology.hl7.org/CodeSystem/restful-security-service',
    code: 'SMART-on-FHIR',
    display: 'SMART-on-FHIR',
  },
  smartConfiguration: 'issuer',
  smartCapabilities: [
    'launch-ehr',
    'launch-standalone',
    'client-confidential-symmetric',
    'client-confidential-asymmetric',
    'client-public',
    'context-banner',
    'context-ehr-patient',
    'context-style',
    'context-standalone-patient',
    'sso-openid-connect',
    'permission-user',
    'permission-patient',
    'permission-offline',
    'permission-v1',
    'permission-v2',
    'authorize-post',
    'context-ehr-encounter',
  ],
  loginRedirectStatus: 307,
  pageRedirectStatus: 307,
  pageContentType: 'text/html; charset=UTF-8',
  authorizeByPost: true,
  consentNamesResourceScopes: false,
  scopeOrder: 'posted',
  loginRefusedText: 'Sorry, verify the information you have entered is correct',
  registrationContentType: 'application/json',
  registrationCrashes: false,
  jsonDecodedBy: 'framework',
  registrationReadError: 'Invalid registration token',
  unknownOauthPathStatus: 404,
  siteScope: false,
  accessTokenHasIssuer: true,
  refreshValidatesGrantedScopes: true,
  grantTypeRequired: true,
  introspection: 'only-says-inactive',
  introspectionExpiry: 'seconds',
  logoutByPost: false,
  logoutError: 'invalid_request',
  logoutRedirectStatus: 307,
  logoutTextContentType: 'text/plain; charset=UTF-8',
  logoutWhenSignedOut: 401,
  apiErrors: 'wrapped',
  apiGlobalsObeyed: false,
  foreignPatient: 'server-error',
  preflight: 'token-only',
  corsOnEveryAnswer: false,
  revIncludeBreaksObservation: true,
  separateBloodPressure: false,
  usCoreProfiles: true,
};

export function eraNamed(name: EraName): Era {
  return name === '7.0' ? era70 : era82;
}
