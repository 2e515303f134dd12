import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Client } from '../state/clients.ts';
import { invalidClient, missingParameter } from './oauthErrors.ts';
import type { OAuthError } from './oauthErrors.ts';

export interface ClientCredentials {
  readonly id: string | null;
  readonly secret: string | null;
}

/** The client by its id, unless a fault lets the server forget it. */
export function findClient(context: SandboxContext, id: string | null): Client | undefined {
  return context.faults.isOn('client-unknown') ? undefined : context.clients.find(id);
}

export function isEnabled(context: SandboxContext, client: Client): boolean {
  return client.enabled && !context.faults.isOn('client-disabled');
}

/** What the redirect URIs of a client are compared with. */
export function redirectUrisOf(context: SandboxContext, { redirectUris }: Client): readonly string[] {
  if (context.faults.isOn('redirect-uri-refused')) return ['https://elsewhere.example/callback'];
  const isJoined = context.faults.isOn('redirect-uris-joined') && redirectUris.length > 1;
  return isJoined ? [redirectUris.join('|')] : redirectUris;
}

/** The body wins over the Authorization header; the header is not percent-decoded. */
export function clientCredentials(request: SandboxRequest, form: URLSearchParams): ClientCredentials {
  const basic = /^Basic (\S+)$/.exec(request.headers.authorization ?? '')?.[1];
  const [id, ...secret] =
    basic === undefined ? [null] : Buffer.from(basic, 'base64').toString('utf8').split(':');
  return {
    id: form.get('client_id') ?? id ?? null,
    secret: form.get('client_secret') ?? (secret.length === 0 ? null : secret.join(':')),
  };
}

/**
 * The client of a code grant: a confidential one must be enabled and may not send a wrong secret, though it
 * may send none.
 */
export function clientOfCodeGrant(
  context: SandboxContext,
  credentials: ClientCredentials,
): Client | OAuthError {
  if (credentials.id === null) return missingParameter('client_id');
  const client = findClient(context, credentials.id);
  if (client === undefined) return invalidClient;
  if (!client.confidential) return client;
  const wrongSecret = credentials.secret !== null && credentials.secret !== client.secret;
  return !isEnabled(context, client) || wrongSecret ? invalidClient : client;
}

/** The client of a refresh or password grant: enabled, and its secret is not looked at. */
export function clientOfOtherGrant(
  context: SandboxContext,
  credentials: ClientCredentials,
): Client | OAuthError {
  if (credentials.id === null) return missingParameter('client_id');
  const client = findClient(context, credentials.id);
  return client && isEnabled(context, client) ? client : invalidClient;
}
