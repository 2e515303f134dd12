import { empty, reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { smartConfiguration } from '../oauth/discovery.ts';
import { wrappedError } from '../oauth/oauthErrors.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { routeNotFound } from './apiErrors.ts';
import { authorizeBearer, isAccessToken } from './bearerAuthorization.ts';
import { capabilityStatement } from './capabilityStatement.ts';
import { fhirApi, fhirBase } from './fhirApi.ts';
import { standardApi } from './standardApi.ts';
import { productApi, versionApi } from './versionApi.ts';

/** Everything below /apis/default/; `path` is what follows. */
export async function apiRouter(
  context: SandboxContext,
  request: SandboxRequest,
  path: string,
): Promise<Reply> {
  if (request.method === 'OPTIONS') {
    return context.era.preflight === 'always' ? empty(200) : routeNotFound(context.era);
  }
  const open = openRoute(context, request, path);
  if (open !== undefined) return open;
  const token = await authorizeBearer(context, request);
  if (!isAccessToken(token)) return token;
  if (isSwitchedOff(context, path)) return empty(501);
  if (path.startsWith('fhir/')) return fhirApi(context, request, token, path.slice('fhir/'.length));
  if (path.startsWith('api/')) return standardApi(context, request, token, path.slice('api/'.length));
  return fhirBase(context);
}

/** What needs no token. */
function openRoute(context: SandboxContext, request: SandboxRequest, path: string): Reply | undefined {
  if (request.method !== 'GET') return undefined;
  const fhirOff = isSwitchedOff(context, path);
  switch (path) {
    case 'fhir/metadata':
      return fhirOff ? empty(501) : capabilityStatement(context, request);
    case 'fhir/.well-known/smart-configuration':
      return fhirOff ? empty(501) : smartConfiguration(context, request);
    case 'api/version':
      return context.era.versionNeedsToken ? undefined : versionApi(context);
    case 'api/product':
      return context.era.versionNeedsToken ? undefined : productApi();
    default:
      return undefined;
  }
}

function isSwitchedOff(context: SandboxContext, path: string): boolean {
  if (!context.era.apiGlobalsObeyed) return false;
  if (context.faults.isOn('apis-off')) return true;
  if (path.startsWith('fhir/') && context.faults.isOn('fhir-api-off')) return true;
  const { rest_api: standard, rest_fhir_api: fhir } = context.settings;
  return (path.startsWith('fhir/') && !fhir) || (path.startsWith('api/') && !standard);
}

const siteError =
  'OpenEMR Error: api site error, so forced exit.  Please ensure that the site is set up correctly in the ' +
  'OpenEMR configuration.';

/** A site that does not exist: 8.2 writes two answers one after the other. */
export function unknownSite(context: SandboxContext, below: 'apis' | 'oauth2'): Reply {
  if (context.era.apiErrors === 'hints') return empty(500, 'text/html; charset=UTF-8');
  const first = wrappedError(400, siteError);
  const second =
    below === 'apis'
      ? '{"error":"An error occurred while processing the request.","message":"Session has not been set."}'
      : 'An error occurred while processing the request. Please check the logs for more details.';
  return reply(400, first.body + second, 'application/json');
}
