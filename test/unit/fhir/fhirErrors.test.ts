import assert from 'node:assert/strict';
import { fhirRefusal } from '../../../src/core/fhir/fhirErrors.ts';
import { fault82, fhirBaseUrl, unauthorised70, unknownSite82 } from './recordings.ts';

function refusal(status: number, body: unknown, headers: Record<string, string> = {}) {
  const text = typeof body === 'string' ? body : JSON.stringify(body);
  return fhirRefusal({
    url: `${fhirBaseUrl}/Patient?_count=1`,
    status,
    headers: new Headers(headers),
    text,
  });
}

const denied = 'The resource owner or authorization server denied the request.';

describe('Refusals of the FHIR interface', () => {
  const cases: [string, number, unknown, string][] = [
    ['7.0: no token', 401, unauthorised70('Missing "Authorization" header'), 'fhir/token-refused'],
    ['7.0: revoked token', 401, unauthorised70('Access token has been revoked'), 'fhir/token-refused'],
    ['8.2: bad token', 401, fault82(denied), 'fhir/token-refused'],
    ['8.2: revoked token', 401, fault82(denied, 9), 'fhir/token-refused'],
    [
      '8.2: token expired in the database',
      401,
      fault82('OpenEMR Error: API call failed due to invalid token or expired token.'),
      'fhir/token-refused',
    ],
    ['7.0: scope missing', 401, '', 'fhir/access-refused'],
    ['8.2: scope missing', 401, fault82('Unauthorized'), 'fhir/access-refused'],
    ['8.2: right missing', 403, fault82('insufficient permissions'), 'fhir/access-refused'],
    ['8.2: another patient', 500, fault82('patient id invalid'), 'fhir/access-refused'],
    [
      '7.0: logged out',
      400,
      {
        error: 'invalid _request',
        error_description: 'Refresh Token revoked or logged out',
        message: 'Refresh Token revoked or logged out',
      },
      'fhir/signed-out',
    ],
    ['8.2: logged out', 400, fault82('Refresh Token revoked or logged out'), 'fhir/signed-out'],
    ['8.2: unknown site, two objects in one body', 400, unknownSite82, 'discovery/site-unknown'],
    ['a search value that is refused', 400, { validationErrors: { _id: 'x' } }, 'http/unexpected-status'],
    ['7.0: API off', 501, '', 'fhir/api-disabled'],
    ['8.2: API off', 404, fault82('OpenEMR Error: API is disabled'), 'fhir/api-disabled'],
    ['unknown id', 404, '[]', 'fhir/not-found'],
    ['8.2: unknown route', 404, fault82('Route not found'), 'fhir/not-found'],
    ['a PHP fault', 500, '', 'http/server-error'],
    ['a gateway without a server', 502, '<html>Bad gateway</html>', 'http/server-error'],
    ["a proxy's own 401", 401, '<html><h1>Authorization Required</h1>', 'http/unexpected-status'],
    ["a firewall's 403", 403, '\n <!doctype html>', 'http/unexpected-status'],
    ['a redirect', 302, '', 'http/unexpected-redirect'],
    ['a teapot', 418, '{"error":1}', 'http/unexpected-status'],
  ];
  for (const [name, status, body, code] of cases) {
    it(`reads ${name} as ${code}`, () => assert.equal(refusal(status, body).code, code));
  }

  it('says where, what and when to come back, without the query', () => {
    const { code, details } = refusal(429, '', { 'retry-after': '30' });
    assert.equal(code, 'http/rate-limited');
    assert.deepEqual(details, {
      status: 429,
      url: `${fhirBaseUrl}/Patient`,
      resource: 'Patient',
      retryAfter: '30',
    });
  });

  it('passes a hint on without the token it may quote', () => {
    const { details } = refusal(401, unauthorised70('Bearer abc.def is no token'));
    assert.equal(details['hint'], 'Bearer <redacted> is no token');
  });
});
