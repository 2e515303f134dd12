import { withHeader } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields, parseJsonObject } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { clientCredentials } from './clientAuthentication.ts';
import { codeGrant } from './codeGrant.ts';
import {
  badRequest,
  invalidClient,
  invalidRequest,
  isOAuthError,
  oauthErrorReply,
  unsupportedGrantType,
  wrappedError,
} from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { passwordGrant } from './passwordGrant.ts';
import { refreshGrant } from './refreshGrant.ts';

export async function tokenEndpoint(context: SandboxContext, request: SandboxRequest): Promise<Reply> {
  const form = request.method === 'POST' ? formFields(request) : new URLSearchParams();
  const outcome = await grant(context, request, form);
  logOutcome(context, request, form, outcome);
  if (!isOAuthError(outcome)) return outcome;
  const answer = oauthErrorReply(outcome);
  const triedBasic = outcome === invalidClient && request.headers.authorization !== undefined;
  return triedBasic ? withHeader(answer, 'www-authenticate', 'Basic realm="OAuth"') : answer;
}

async function grant(
  context: SandboxContext,
  request: SandboxRequest,
  form: URLSearchParams,
): Promise<Reply | OAuthError> {
  switch (form.get('grant_type')) {
    case 'authorization_code':
      return codeGrant(context, request, form);
    case 'refresh_token':
      return refreshGrant(context, request, form);
    case 'password':
      return passwordGrant(context, request, form);
    case 'client_credentials':
      return clientCredentialsGrant(context);
    case null:
      return withoutGrantType(context, request);
    default:
      return unsupportedGrantType;
  }
}

/** For programs with a key of their own, which the sandbox does not serve; it knows how they fail. */
function clientCredentialsGrant({ faults }: SandboxContext): OAuthError {
  if (faults.isOn('assertion-type-refused')) return invalidRequest('assertion type is not supported');
  return faults.isOn('assertion-refused') ? invalidClient : unsupportedGrantType;
}

function withoutGrantType(context: SandboxContext, request: SandboxRequest): Reply | OAuthError {
  const inJson =
    context.era.jsonDecodedBy === 'framework' && parseJsonObject(request.body)?.['grant_type'] !== undefined;
  if (inJson) return unsupportedGrantType;
  return context.era.grantTypeRequired
    ? wrappedError(
        500,
        'Cannot assign null to property OpenEMR\\RestControllers\\AuthorizationController::$grantType of type string',
      )
    : badRequest;
}

function logOutcome(
  context: SandboxContext,
  request: SandboxRequest,
  form: URLSearchParams,
  outcome: Reply | OAuthError,
): void {
  const error = isOAuthError(outcome) ? outcome : undefined;
  const id = clientCredentials(request, form).id;
  context.log.add({
    kind: 'token',
    at: new Date(context.clock.now()).toISOString(),
    grantType: form.get('grant_type') ?? 'none',
    clientId: context.clients.find(id)?.id,
    status: outcome.status,
    error: error?.error,
    hint: error?.hint,
  });
}
