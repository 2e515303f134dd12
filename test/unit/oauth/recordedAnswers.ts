import type { AuthorizationServerMetadata } from '../../../src/core/oauth/authorizationServerMetadata.ts';

/** Answers as two real OpenEMR servers gave them, shortened. */
export const connection = { baseUrl: 'https://localhost:19443', site: 'default' };

export const paths = {
  openId: 'GET /oauth2/default/.well-known/openid-configuration',
  smart: 'GET /apis/default/fhir/.well-known/smart-configuration',
  capability: 'GET /apis/default/fhir/metadata',
  version: 'GET /apis/default/api/version',
  authorize: 'GET /oauth2/default/authorize',
  token: 'POST /oauth2/default/token',
  jwk: 'GET /oauth2/default/jwk',
  registration: 'POST /oauth2/default/registration',
  introspect: 'POST /oauth2/default/introspect',
  logout: 'GET /oauth2/default/logout',
};

export function openIdConfiguration(baseUrl = connection.baseUrl): Record<string, unknown> {
  const issuer = `${baseUrl}/oauth2/default`;
  return {
    issuer,
    authorization_endpoint: `${issuer}/authorize`,
    token_endpoint: `${issuer}/token`,
    jwks_uri: `${issuer}/jwk`,
    userinfo_endpoint: `${issuer}/userinfo`,
    registration_endpoint: `${issuer}/registration`,
    end_session_endpoint: `${issuer}/logout`,
    introspection_endpoint: `${issuer}/introspect`,
    scopes_supported: ['openid', 'fhirUser', 'offline_access', 'api:fhir', 'user/Patient.read', 'openid'],
    response_types_supported: ['code', 'token', 'id_token'],
    code_challenge_methods_supported: ['S256', 'plain'],
    require_request_uri_registration: ['false'],
  };
}

const issuer = `${connection.baseUrl}/oauth2/default`;

export const metadata: AuthorizationServerMetadata = {
  issuer,
  authorizationEndpoint: `${issuer}/authorize`,
  tokenEndpoint: `${issuer}/token`,
  jwksUri: `${issuer}/jwk`,
  registrationEndpoint: `${issuer}/registration`,
  endSessionEndpoint: `${issuer}/logout`,
  introspectionEndpoint: `${issuer}/introspect`,
  scopesSupported: ['openid', 'fhirUser', 'offline_access', 'api:fhir', 'user/Patient.read'],
};

/** The same object without one member. */
export function without<T extends object, K extends keyof T>(object: T, name: K): Omit<T, K> {
  const copy = { ...object };
  Reflect.deleteProperty(copy, name);
  return copy;
}

const malformed =
  'The request is missing a required parameter, includes an invalid parameter value, includes a parameter more than once, or is otherwise malformed.';

export const refusals = {
  invalidClient: {
    status: 401,
    json: {
      error: 'invalid_client',
      error_description: 'Client authentication failed',
      message: 'Client authentication failed',
    },
  },
  badRequest: {
    status: 400,
    json: { error: 'invalid_request', error_description: 'Bad request', message: 'Bad request' },
  },
  malformed: (hint: string) => ({
    status: 400,
    json: { error: 'invalid_request', error_description: malformed, hint, message: malformed },
  }),
  wrongVerifier: {
    status: 400,
    json: {
      error: 'invalid_grant',
      error_description:
        'The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or was issued to another client.',
      hint: 'Failed to verify `code_verifier`.',
    },
  },
  refreshToken: (hint: string) => ({
    status: 401,
    json: {
      error: 'invalid_request',
      error_description: 'The refresh token is invalid.',
      hint,
      message: 'The refresh token is invalid.',
    },
  }),
  invalidScope: (scope: string) => ({
    status: 400,
    json: {
      error: 'invalid_scope',
      error_description: 'The requested scope is invalid, unknown, or malformed',
      hint: `Check the \`${scope}\` scope`,
      message: 'The requested scope is invalid, unknown, or malformed',
    },
  }),
  metadata: (reason: string) => ({
    status: 400,
    json: { error: 'invalid_client_metadata', error_description: reason, message: reason },
  }),
  introspection: (reason: string) => ({
    status: 401,
    json: { error: 'invalid_request', error_description: reason, message: reason },
  }),
  apiDisabled82: {
    status: 404,
    json: { error: 'An error occurred', message: 'OpenEMR Error: API is disabled', code: 0 },
  },
  unknownSite82: {
    status: 400,
    text: '{"error":"An error occurred","message":"OpenEMR Error: api site error, so forced exit.  Please ensure that the site is set up correctly in the OpenEMR configuration.","code":0}An error occurred while processing the request. Please check the logs for more details.',
  },
};
