import type { Era } from '../era.ts';
import { empty, json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { errorBody, wrappedError } from '../oauth/oauthErrors.ts';

const denied = 'The resource owner or authorization server denied the request.';

/** The token is missing, is none, or is no longer good. 8.2 drops the hint. */
export function accessDenied(era: Era, hint: string, code = 0): Reply {
  if (era.apiErrors === 'wrapped') return wrappedError(401, denied, code);
  return json(401, errorBody({ status: 401, error: 'access_denied', description: denied, hint }));
}

/** The token is good and its scopes are not enough. */
export function insufficientScope(era: Era): Reply {
  return era.apiErrors === 'wrapped' ? wrappedError(401, 'Unauthorized') : empty(401);
}

/** The standard API without `api:oemr`. */
export function insufficientApi(era: Era): Reply {
  return era.apiErrors === 'wrapped'
    ? wrappedError(
        403,
        'OpenEMR Error: API call failed due to insufficient permissions for the requested resource.',
      )
    : empty(401);
}

/** Expired in the database while the JWT still looks good. */
export function expiredEarly(era: Era): Reply {
  return era.apiErrors === 'wrapped'
    ? wrappedError(401, 'OpenEMR Error: API call failed due to invalid token or expired token.')
    : empty(401);
}

export function loggedOut(era: Era): Reply {
  const message = 'Refresh Token revoked or logged out';
  return era.apiErrors === 'wrapped'
    ? wrappedError(400, message)
    : json(400, errorBody({ status: 400, error: 'invalid _request', description: message }));
}

export function routeNotFound(era: Era): Reply {
  return era.apiErrors === 'wrapped' ? wrappedError(404, 'Route not found') : empty(404);
}

/** Another patient than the one the token is bound to. */
export function foreignPatient(era: Era): Reply {
  return era.foreignPatient === 'server-error'
    ? wrappedError(500, 'patient id invalid')
    : insufficientScope(era);
}
