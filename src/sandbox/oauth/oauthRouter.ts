import { defaultContentType, empty, reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { everyApiOff } from '../state/settings.ts';
import { authorize } from './authorize.ts';
import { confirmConsent, consentPage } from './consent.ts';
import { jwks, openidConfiguration } from './discovery.ts';
import { introspection } from './introspection.ts';
import { login, loginPage } from './loginPages.ts';
import { logout } from './logout.ts';
import { wrappedError } from './oauthErrors.ts';
import { confirmPatientSelection, patientSelectionPage } from './patientSelection.ts';
import { readRegistration, registration } from './registration.ts';
import { tokenEndpoint } from './tokenEndpoint.ts';

/** Everything below /oauth2/default/; `path` is what follows. */
export async function oauthRouter(
  context: SandboxContext,
  request: SandboxRequest,
  path: string,
): Promise<Reply> {
  if (context.faults.isOn('keypair-missing'))
    return reply(500, 'oauth2 keypair is missing', defaultContentType);
  if (everyApiOff(context.settings) || context.faults.isOn('apis-off')) {
    return context.era.apiErrors === 'wrapped'
      ? wrappedError(404, 'OpenEMR Error: API is disabled')
      : empty(404);
  }
  if (request.method === 'OPTIONS') return empty(200);
  switch (path) {
    case 'token':
      return tokenEndpoint(context, request);
    case '.well-known/openid-configuration':
      return openidConfiguration(context, request);
    case 'authorize':
      return authorize(context, request);
    case 'jwk':
      return jwks(context);
    case 'provider/login':
      return loginPage(context, request);
    case 'login':
      return login(context, request);
    case 'smart/patient-select':
      return patientSelectionPage(context, request);
    case 'smart/patient-select-confirm':
      return confirmPatientSelection(context, request);
    case 'scope-authorize-confirm':
      return consentPage(context, request);
    case 'device/code':
      return confirmConsent(context, request);
    case 'registration':
      return registration(context, request);
    case 'logout':
      return logout(context, request);
    case 'introspect':
      return introspection(context, request);
    default:
      // Userinfo is advertised and, like revocation, handled by nobody.
      return path.startsWith('client/')
        ? readRegistration(context)
        : empty(context.era.unknownOauthPathStatus);
  }
}
