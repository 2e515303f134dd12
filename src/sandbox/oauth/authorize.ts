import { redirect } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import type { PendingAuthorization } from '../state/sessions.ts';
import {
  invalidClient,
  invalidRequest,
  invalidScope,
  errorBody,
  isOAuthError,
  oauthErrorReply,
  unsupportedGrantType,
} from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { findClient, redirectUrisOf } from './clientAuthentication.ts';
import { appendQuery, isRegisteredRedirectUri } from './redirectUris.ts';
import { firstUnknownScope, splitScopes } from './scopes.ts';
import { withSessionCookie } from './sessionCookie.ts';

/**
 * The authorization endpoint. Only an unknown scope goes back to the client, and without its state; every
 * other error is JSON in the browser. Whether the client is enabled plays no part.
 */
export function authorize(context: SandboxContext, request: SandboxRequest): Reply {
  const parameters = authorizationParameters(context, request);
  const outcome = validate(context, request, parameters);
  if (isOAuthError(outcome)) return oauthErrorReply(outcome);
  if ('unknownScope' in outcome) return backToClient(outcome.redirectUri, invalidScope(outcome.unknownScope));
  const session = context.sessions.start(outcome);
  return withSessionCookie(
    redirect(context.era.loginRedirectStatus, '/oauth2/default/provider/login'),
    session.id,
  );
}

function authorizationParameters(context: SandboxContext, request: SandboxRequest): URLSearchParams {
  const parameters = new URLSearchParams(context.faults.isOn('query-lost') ? '' : request.query);
  if (request.method === 'POST' && context.era.authorizeByPost) {
    for (const [name, value] of formFields(request)) parameters.set(name, value);
  }
  return parameters;
}

interface UnknownScope {
  readonly redirectUri: string;
  readonly unknownScope: string;
}

type Validation = OAuthError | UnknownScope | PendingAuthorization;

/** In the order in which the server checks: it decides which of several mistakes is told. */
function validate(context: SandboxContext, request: SandboxRequest, parameters: URLSearchParams): Validation {
  if (parameters.get('response_type') !== 'code' || !parameters.get('client_id')) return unsupportedGrantType;
  const early = audienceProblem(context, request, parameters) ?? challengeMethodProblem(parameters);
  if (early !== undefined) return early;
  const client = findClient(context, parameters.get('client_id'));
  const redirectUri = client && redirectUriFor(context, client, parameters.get('redirect_uri'));
  if (client === undefined || redirectUri === undefined) return invalidClient;
  const scopes = splitScopes(parameters.get('scope'));
  const unknownScope = firstUnknownScope(context, scopes);
  if (unknownScope !== undefined) return { redirectUri, unknownScope };
  const codeChallenge = parameters.get('code_challenge') ?? undefined;
  return (
    challengeProblem(client, codeChallenge) ?? {
      client,
      redirectUri,
      scopes,
      state: parameters.get('state') ?? undefined,
      nonce: parameters.get('nonce') ?? undefined,
      codeChallenge,
    }
  );
}

function audienceProblem(
  context: SandboxContext,
  request: SandboxRequest,
  parameters: URLSearchParams,
): OAuthError | undefined {
  const { apis } = addressesFor(context, request);
  const audience = parameters.get('aud');
  const known = [`${apis}/fhir`, `${apis}/api`, `${apis}/portal`];
  const isRefused = !known.includes(audience ?? '') || context.faults.isOn('audience-refused');
  if (audience !== null && isRefused) {
    return invalidRequest('Aud parameter did not match authorized server');
  }
  return parameters.has('launch')
    ? invalidRequest('launch parameter was incorrectly formatted or did not originate from this server')
    : undefined;
}

function challengeMethodProblem(parameters: URLSearchParams): OAuthError | undefined {
  const method = parameters.get('code_challenge_method') ?? 'plain';
  return parameters.has('code_challenge') && method !== 'S256'
    ? invalidRequest('Code challenge method must be one of `S256`')
    : undefined;
}

function challengeProblem(client: Client, challenge: string | undefined): OAuthError | undefined {
  if (challenge === undefined) {
    return client.confidential
      ? undefined
      : invalidRequest('Code challenge must be provided for public clients');
  }
  return /^[\w.~-]{43,128}$/.test(challenge)
    ? undefined
    : invalidRequest('Code challenge must follow the specifications of RFC-7636.');
}

function redirectUriFor(
  context: SandboxContext,
  client: Client,
  requested: string | null,
): string | undefined {
  if (requested === null) return client.redirectUris.length === 1 ? client.redirectUris[0] : undefined;
  const registered = redirectUrisOf(context, client);
  return isRegisteredRedirectUri(requested, registered, context.redirectMatching) ? requested : undefined;
}

function backToClient(redirectUri: string, error: OAuthError): Reply {
  return redirect(302, appendQuery(redirectUri, new URLSearchParams(errorBody(error))));
}
