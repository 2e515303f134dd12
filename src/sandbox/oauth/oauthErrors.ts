import { json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';

/** An error in the shape of league/oauth2-server: the message twice, and sometimes a hint. */
export interface OAuthError {
  readonly status: number;
  readonly error: string;
  readonly description: string;
  readonly hint?: string;
}

const malformed =
  'The request is missing a required parameter, includes an invalid parameter value, includes a parameter ' +
  'more than once, or is otherwise malformed.';
const refusedGrant =
  'The provided authorization grant (e.g., authorization code, resource owner credentials) or refresh token ' +
  'is invalid, expired, revoked, does not match the redirection URI used in the authorization request, or ' +
  'was issued to another client.';

export function invalidRequest(hint: string): OAuthError {
  return { status: 400, error: 'invalid_request', description: malformed, hint };
}

export function missingParameter(name: string): OAuthError {
  return invalidRequest(`Check the \`${name}\` parameter`);
}

export function invalidGrant(hint: string): OAuthError {
  return { status: 400, error: 'invalid_grant', description: refusedGrant, hint };
}

export function invalidScope(scope: string): OAuthError {
  return {
    status: 400,
    error: 'invalid_scope',
    description: 'The requested scope is invalid, unknown, or malformed',
    hint:
      scope === '' ? 'Specify a scope in the request or set a default scope' : `Check the \`${scope}\` scope`,
  };
}

export function invalidRefreshToken(hint: string): OAuthError {
  return { status: 401, error: 'invalid_request', description: 'The refresh token is invalid.', hint };
}

/** The one answer for an unknown client, a wrong secret, a disabled client and a foreign redirect URI. */
export const invalidClient: OAuthError = {
  status: 401,
  error: 'invalid_client',
  description: 'Client authentication failed',
};

export const unsupportedGrantType: OAuthError = {
  status: 400,
  error: 'unsupported_grant_type',
  description: 'The authorization grant type is not supported by the authorization server.',
  hint: 'Check that all required parameters have been provided',
};

/** For a code that nobody knows, or that was asked for without a state. */
export const badRequest: OAuthError = { status: 400, error: 'invalid_request', description: 'Bad request' };

export function plainError(status: number, error: string, description: string): OAuthError {
  return { status, error, description };
}

export function errorBody(error: OAuthError): Record<string, string> {
  return {
    error: error.error,
    error_description: error.description,
    ...(error.hint === undefined ? {} : { hint: error.hint }),
    message: error.description,
  };
}

export function oauthErrorReply(error: OAuthError): Reply {
  return json(error.status, errorBody(error));
}

/** 8.2's envelope for what its own code did not expect. */
export function wrappedError(status: number, message: string, code = 0): Reply {
  return json(status, { error: 'An error occurred', message, code });
}

export function isOAuthError(value: object): value is OAuthError {
  return 'error' in value && 'description' in value;
}
