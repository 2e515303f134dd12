import { json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { Addresses, SandboxContext } from '../sandboxContext.ts';
import type { SandboxRequest } from '../http/request.ts';
import { offeredScopes } from './scopes.ts';

export const responseTypes: readonly string[] = [
  'code',
  'token',
  'id_token',
  'code token',
  'code id_token',
  'token id_token',
  'code token id_token',
];

/** The openid-configuration, with OpenEMR's claims that are not true: userinfo, `plain`, implicit flows. */
export function openidConfiguration(context: SandboxContext, request: SandboxRequest): Reply {
  const { oauth } = addressesFor(context, request);
  return json(200, {
    issuer: oauth,
    ...endpoints(oauth),
    scopes_supported: offeredScopes(context),
    response_types_supported: responseTypes,
    code_challenge_methods_supported: ['S256', 'plain'],
    grant_types_supported: grantTypes(context),
    response_modes_supported: ['query', 'fragment', 'form_post'],
    subject_types_supported: ['public'],
    claims_supported: claims,
    require_request_uri_registration: ['false'],
    id_token_signing_alg_values_supported: ['RS256'],
    token_endpoint_auth_methods_supported: ['client_secret_post'],
    token_endpoint_auth_signing_alg_values_supported: ['RS256', 'RS384'],
    claims_locales_supported: ['en-US'],
    ui_locales_supported: ['en-US'],
  });
}

const claims: readonly string[] = [
  'profile',
  'email',
  'email_verified',
  'phone',
  'phone_verified',
  'family_name',
  'given_name',
  'fhirUser',
  'locale',
  'api:oemr',
  'api:fhir',
  'api:port',
  'aud',
  'iat',
  'iss',
  'exp',
  'sub',
];

function endpoints(oauth: string): Record<string, string> {
  return {
    authorization_endpoint: `${oauth}/authorize`,
    token_endpoint: `${oauth}/token`,
    jwks_uri: `${oauth}/jwk`,
    userinfo_endpoint: `${oauth}/userinfo`,
    registration_endpoint: `${oauth}/registration`,
    end_session_endpoint: `${oauth}/logout`,
    introspection_endpoint: `${oauth}/introspect`,
  };
}

function grantTypes(context: SandboxContext): string[] {
  const password = context.settings.oauth_password_grant > 0 ? ['password'] : [];
  return ['authorization_code', ...password, 'refresh_token'];
}

export function jwks(context: SandboxContext): Reply {
  return json(200, { keys: [context.signingKey.publicJwk] });
}

/** `scopes_supported` is a list in a list; the issuer, where there is one, is the FHIR base. */
export function smartConfiguration(context: SandboxContext, request: SandboxRequest): Reply {
  const addresses = addressesFor(context, request);
  const hidden = new Set(context.era.scopesNotInSmartConfiguration);
  const scopes = offeredScopes(context).filter((scope) => !hidden.has(scope));
  return json(200, {
    ...smartEndpoints(context, addresses),
    scopes_supported: [[...new Set(scopes)]],
    response_types_supported: responseTypes,
    capabilities: context.era.smartCapabilities,
    code_challenge_methods_supported: ['S256'],
    grant_types_supported: ['client_credentials', 'authorization_code'],
  });
}

function smartEndpoints(context: SandboxContext, { oauth, fhir }: Addresses): Record<string, unknown> {
  const other = context.faults.isOn('smart-contradicts') ? oauth.replace('/oauth2/', '/old/oauth2/') : oauth;
  const common = {
    authorization_endpoint: `${other}/authorize`,
    token_endpoint: `${other}/token`,
    introspection_endpoint: `${oauth}/introspect`,
  };
  return context.era.smartConfiguration === 'registration'
    ? { ...common, registration_endpoint: `${oauth}/registration` }
    : {
        ...common,
        issuer: fhir,
        jwks_uri: `${oauth}/jwk`,
        token_endpoint_auth_methods_supported: ['client_secret_basic', 'private_key_jwt'],
      };
}
