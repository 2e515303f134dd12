import { WorkbenchError } from '../base/errors.ts';
import { authorizationResponseError, errorBody } from './oauthErrors.ts';

/** What came to the redirect URI (RFC 6749 §4.1.2). Anybody can send it: nothing of it is to be believed yet. */
export type AuthorizationResponse =
  | { readonly kind: 'code'; readonly code: string; readonly state: string; readonly issuer?: string }
  | AuthorizationErrorResponse;

export interface AuthorizationErrorResponse {
  readonly kind: 'error';
  readonly error: string;
  /** OpenEMR leaves it out. */
  readonly state?: string;
  readonly description?: string;
  readonly hint?: string;
}

/** OpenEMR's codes have up to 1,800 characters and grow with the scopes. */
const maxLength = 16 * 1024;

/** Throws WorkbenchError `authorization/invalid-response`. */
export function parseAuthorizationResponse(callbackUrl: string): AuthorizationResponse {
  if (callbackUrl.length > maxLength) throw invalid('too-long');
  const url = URL.parse(callbackUrl);
  if (!url) throw invalid('no-address');
  const single = (name: string) => singleValue(url.searchParams, name);
  const [code, state, error, issuer] = [single('code'), single('state'), single('error'), single('iss')];
  if (code && error) throw invalid('code-and-error');
  if (error) {
    const body = errorBody(error, single('error_description') ?? single('message'), single('hint'));
    return { kind: 'error', ...body, error: body.error ?? error, ...(state ? { state } : {}) };
  }
  if (!code) throw invalid('no-code');
  if (!state) throw invalid('no-state');
  return { kind: 'code', code, state, ...(issuer ? { issuer } : {}) };
}

/** What an error that came back means; only known error codes lead to texts of their own. */
export function errorFromResponse(response: AuthorizationErrorResponse): WorkbenchError {
  return authorizationResponseError(response);
}

/** RFC 6749 §3.1: no parameter more than once. An empty one counts as absent. */
function singleValue(parameters: URLSearchParams, name: string): string | undefined {
  const values = parameters.getAll(name);
  if (values.length > 1) throw invalid('doubled-parameter', name);
  return values[0] === '' ? undefined : values[0];
}

function invalid(reason: string, parameter?: string): WorkbenchError {
  return new WorkbenchError('authorization/invalid-response', {
    details: { reason, ...(parameter ? { parameter } : {}) },
  });
}
