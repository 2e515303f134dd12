import * as z from 'zod/mini';
import { WorkbenchError } from '../base/errors.ts';
import { isLoopbackHost } from '../connection/address.ts';
import type { HttpResponse, HttpTransport } from '../http/httpTransport.ts';
import { fetchDiscoveryDocument } from './discoveryDocument.ts';
import { siteEndpoints } from './issuer.ts';

/** What OpenID Connect Discovery 1.0 §3 says about the server, as far as the workbench uses it. */
export interface AuthorizationServerMetadata {
  readonly issuer: string;
  readonly authorizationEndpoint: string;
  readonly tokenEndpoint: string;
  readonly jwksUri: string;
  readonly registrationEndpoint?: string;
  readonly endSessionEndpoint?: string;
  readonly introspectionEndpoint?: string;
  /** Each scope once, in the server's order. */
  readonly scopesSupported: readonly string[];
}

/** Whether requests may go to this address: https, or http that stays on this machine; no user information. */
function isAcceptableEndpoint(value: string): boolean {
  const url = URL.parse(value);
  if (!url || url.username || url.password || url.hash) return false;
  return url.protocol === 'https:' || (url.protocol === 'http:' && isLoopbackHost(url.hostname));
}

const endpointSchema = z.string().check(z.refine(isAcceptableEndpoint, 'is no https address'));

const metadataSchema = z.object({
  issuer: endpointSchema,
  authorization_endpoint: endpointSchema,
  token_endpoint: endpointSchema,
  jwks_uri: endpointSchema,
  registration_endpoint: z.optional(endpointSchema),
  end_session_endpoint: z.optional(endpointSchema),
  introspection_endpoint: z.optional(endpointSchema),
  scopes_supported: z.optional(z.array(z.unknown())),
});

/**
 * Fetches and checks the OpenID configuration, its issuer included.
 *
 * Throws WorkbenchError `discovery/*`, `http/*` and the errors of the transport.
 */
export async function fetchAuthorizationServerMetadata(
  transport: HttpTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<AuthorizationServerMetadata> {
  const { metadata } = await requestAuthorizationServerMetadata(transport, connection, signal);
  checkIssuer(metadata, connection);
  return metadata;
}

/** The same with the answer's measurements, and without a look at the issuer, for who reports it instead. */
export async function requestAuthorizationServerMetadata(
  transport: HttpTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<{ metadata: AuthorizationServerMetadata; answer: HttpResponse }> {
  const url = siteEndpoints(connection).openIdConfiguration;
  const { json, answer } = await fetchDiscoveryDocument(transport, url, signal);
  return { metadata: parseMetadata(json), answer };
}

/**
 * An issuer other than the address promises (RFC 8414 §3.3): tokens would bear it, and `aud` would not match.
 * OpenEMR's follows its Site Address setting, so 127.0.0.1 may answer as localhost.
 *
 * Throws WorkbenchError `discovery/issuer-mismatch`.
 */
export function checkIssuer(
  metadata: AuthorizationServerMetadata,
  connection: { baseUrl: string; site: string },
): void {
  const expected = siteEndpoints(connection).issuer;
  if (metadata.issuer === expected) return;
  throw new WorkbenchError('discovery/issuer-mismatch', { details: { expected, found: metadata.issuer } });
}

function parseMetadata(json: unknown): AuthorizationServerMetadata {
  const parsed = metadataSchema.safeParse(json);
  if (!parsed.success) {
    const fields = [...new Set(parsed.error.issues.map(({ path }) => path.join('.')))];
    throw new WorkbenchError('discovery/invalid-metadata', { details: { fields } });
  }
  const document = parsed.data;
  return {
    issuer: document.issuer,
    authorizationEndpoint: document.authorization_endpoint,
    tokenEndpoint: document.token_endpoint,
    jwksUri: document.jwks_uri,
    ...(document.registration_endpoint ? { registrationEndpoint: document.registration_endpoint } : {}),
    ...(document.end_session_endpoint ? { endSessionEndpoint: document.end_session_endpoint } : {}),
    ...(document.introspection_endpoint ? { introspectionEndpoint: document.introspection_endpoint } : {}),
    scopesSupported: scopeList(document.scopes_supported),
  };
}

/** The scopes of a list that may hold lists (OpenEMR's smart-configuration does), each once. */
export function scopeList(value: readonly unknown[] = []): string[] {
  const scopes = value.flat(2).filter((scope): scope is string => typeof scope === 'string');
  return [...new Set(scopes.filter((scope) => /^[\x21\x23-\x5b\x5d-\x7e]{1,300}$/.test(scope)))];
}
