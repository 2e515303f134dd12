import { defaultContentType, empty, json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { parseJsonObject } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import { randomBase64Url } from '../state/secrets.ts';
import { invalidScope, isOAuthError, oauthErrorReply, plainError, wrappedError } from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';
import { firstUnknownScope, splitScopes } from './scopes.ts';

type Metadata = Readonly<Record<string, unknown>>;

/** Dynamic client registration (RFC 7591), which OpenEMR answers with 200. */
export function registration(context: SandboxContext, request: SandboxRequest): Reply {
  const read = readMetadata(context, request);
  if ('refusal' in read) return read.refusal;
  return demand(context) ?? refuse(context, read.metadata) ?? register(context, request, read.metadata);
}

function demand({ faults }: SandboxContext): Reply | undefined {
  if (faults.isOn('keys-demanded')) return oauthErrorReply(invalidMetadata('jwks is invalid'));
  return faults.isOn('auth-method-refused')
    ? oauthErrorReply(invalidMetadata('Unsupported token_endpoint_auth_method value : none'))
    : undefined;
}

/** The registration_client_uri, which never works: the server compares the token with the wrong column. */
export function readRegistration(context: SandboxContext): Reply {
  return oauthErrorReply(plainError(403, 'invalid_request', context.era.registrationReadError));
}

function invalidMetadata(message: string): OAuthError {
  return plainError(400, 'invalid_client_metadata', message);
}

type Reading = { readonly metadata: Metadata } | { readonly refusal: Reply };

function readMetadata(context: SandboxContext, request: SandboxRequest): Reading {
  const decodedHere = context.era.jsonDecodedBy === 'endpoint';
  const refuseWith = (message: string): Reading => ({ refusal: oauthErrorReply(invalidMetadata(message)) });
  if (!(request.headers['content-type'] ?? '').startsWith('application/json')) {
    return refuseWith('Unexpected content type');
  }
  if (request.body === '') return decodedHere ? refuseWith('No JSON body') : { metadata: {} };
  const metadata = parseJsonObject(request.body);
  if (metadata !== undefined) return { metadata };
  return decodedHere
    ? refuseWith('Invalid JSON')
    : { refusal: wrappedError(400, 'Could not decode request body.') };
}

function refuse(context: SandboxContext, metadata: Metadata): Reply | undefined {
  const problem = scopeProblem(context, metadata);
  if (problem !== undefined) return isOAuthError(problem) ? oauthErrorReply(problem) : problem;
  return redirectUriProblem(context, metadata) ?? otherProblem(metadata);
}

function scopeProblem(context: SandboxContext, metadata: Metadata): OAuthError | Reply | undefined {
  const scopes = splitScopes(textOf(metadata['scope']));
  const confidential = isConfidential(metadata) && !context.faults.isOn('registered-as-public');
  if (
    confidential &&
    wantsSystemScopes(scopes) &&
    metadata['jwks'] === undefined &&
    !textOf(metadata['jwks_uri'])
  ) {
    return invalidMetadata('jwks is invalid');
  }
  if (!confidential && scopes.some((scope) => /^(?:user|system)\//.test(scope))) {
    return invalidMetadata('system and user scopes are only allowed for confidential clients');
  }
  if (scopes.length === 0) {
    return context.era.registrationCrashes ? empty(500, defaultContentType) : invalidScope('');
  }
  const unknown = firstUnknownScope(context, scopes);
  return unknown === undefined ? undefined : invalidScope(unknown);
}

function wantsSystemScopes(scopes: readonly string[]): boolean {
  return scopes.some((scope) => scope.startsWith('system/'));
}

function redirectUriProblem(context: SandboxContext, metadata: Metadata): Reply | undefined {
  const uris = metadata['redirect_uris'];
  if (uris === undefined || uris === null) {
    return oauthErrorReply(plainError(400, 'invalid_redirect_uri', 'redirect_uris is invalid'));
  }
  if (Array.isArray(uris)) return undefined;
  return context.era.registrationCrashes
    ? empty(500)
    : wrappedError(
        400,
        `Unexpected value for parameter "redirect_uris": expecting "array", got "${typeof uris}".`,
      );
}

const authMethods: readonly string[] = ['client_secret_basic', 'client_secret_post', 'private_key_jwt'];

function otherProblem(metadata: Metadata): Reply | undefined {
  const method = textOf(metadata['token_endpoint_auth_method']);
  if (method !== undefined && !authMethods.includes(method)) {
    return oauthErrorReply(invalidMetadata(`Unsupported token_endpoint_auth_method value : ${method}`));
  }
  if (textOf(metadata['client_name']) === undefined) {
    return oauthErrorReply(
      plainError(
        500,
        'server_error',
        'The authorization server encountered an unexpected condition which prevented it from fulfilling ' +
          'the request: Try again. Unable to create account',
      ),
    );
  }
  return undefined;
}

function register(context: SandboxContext, request: SandboxRequest, metadata: Metadata): Reply {
  const client = newClient(context, metadata);
  context.clients.add(client);
  const { oauth } = addressesFor(context, request);
  const echoed = Object.fromEntries(
    echoedFields.flatMap((name) => (metadata[name] === undefined ? [] : [[name, metadata[name]]])),
  );
  return json(
    200,
    {
      client_id: client.id,
      client_secret: client.secret,
      registration_access_token: randomBase64Url(32),
      registration_client_uri: `${oauth}/client/${randomBase64Url(16)}`,
      client_id_issued_at: Math.floor(client.registeredAt / 1000),
      client_secret_expires_at: 0,
      client_role: client.confidential ? 'user' : 'patient',
      ...echoed,
      redirect_uris: client.redirectUris.length === 0 ? [''] : client.redirectUris,
      scope: client.scopes.join(' '),
      dsi_type: 'none',
    },
    context.era.registrationContentType,
  );
}

const echoedFields: readonly string[] = [
  'contacts',
  'application_type',
  'client_name',
  'logo_uri',
  'redirect_uris',
  'post_logout_redirect_uris',
  'token_endpoint_auth_method',
  'policy_uri',
  'tos_uri',
  'jwks_uri',
  'jwks',
  'sector_identifier_uri',
  'subject_type',
  'default_max_age',
  'require_auth_time',
  'default_acr_values',
  'initiate_login_uri',
  'request_uris',
  'response_types',
  'grant_types',
];

function newClient(context: SandboxContext, metadata: Metadata): Client {
  const confidential = isConfidential(metadata);
  const scopes = splitScopes(textOf(metadata['scope']));
  return {
    id: randomBase64Url(32),
    secret: confidential ? randomBase64Url(64) : '',
    name: textOf(metadata['client_name']) ?? '',
    confidential,
    redirectUris: texts(metadata['redirect_uris']),
    postLogoutRedirectUris: texts(metadata['post_logout_redirect_uris']),
    scopes,
    registeredAt: context.clock.now(),
    enabled: !needsApproval(context, confidential, scopes),
  };
}

/** Whether the client waits for Administration → System → API Clients → Enable. */
function needsApproval(context: SandboxContext, confidential: boolean, scopes: readonly string[]): boolean {
  if (context.settings.oauth_app_manual_approval === 1) return true;
  return confidential
    ? scopes.some((scope) => scope.includes('user/') || scope.includes('system/'))
    : scopes.includes('launch');
}

function isConfidential(metadata: Metadata): boolean {
  return metadata['application_type'] === 'private';
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function texts(value: unknown): string[] {
  return Array.isArray(value) ? value.filter((item): item is string => typeof item === 'string') : [];
}
