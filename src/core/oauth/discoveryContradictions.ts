import type { CapabilityStatement } from '../fhir/capabilityStatement.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { baseUrlOfIssuer, siteEndpoints } from './issuer.ts';
import type { SmartConfiguration } from './smartConfiguration.ts';

/** Two statements about one address that differ. `kind` says in what; `where` names the document and its field. */
export interface Contradiction {
  readonly kind: string;
  readonly expected: string;
  readonly found: string;
  readonly where: string;
}

/**
 * Compares the typed address, the OpenID configuration, the SMART configuration and the CapabilityStatement. A
 * difference that all addresses of a server share (its Site Address setting) is told once, at the issuer.
 */
export function findContradictions(
  connection: { baseUrl: string; site: string },
  metadata: AuthorizationServerMetadata,
  smart?: SmartConfiguration,
  capability?: CapabilityStatement,
): Contradiction[] {
  const typed = siteEndpoints(connection);
  const declaredBase = baseUrlOfIssuer(metadata.issuer, connection.site) ?? connection.baseUrl;
  const declared = siteEndpoints({ baseUrl: declaredBase, site: connection.site });
  const openId = 'openid-configuration';
  return [
    ...compare(typed.issuer, metadata.issuer, `${openId} issuer`),
    ...compareServers(metadata.issuer, metadata.authorizationEndpoint, `${openId} authorization_endpoint`),
    ...compareServers(metadata.issuer, metadata.tokenEndpoint, `${openId} token_endpoint`),
    ...compareServers(metadata.issuer, metadata.jwksUri, `${openId} jwks_uri`),
    ...compareServers(metadata.issuer, metadata.registrationEndpoint, `${openId} registration_endpoint`),
    ...compareServers(metadata.issuer, metadata.endSessionEndpoint, `${openId} end_session_endpoint`),
    ...compareServers(metadata.issuer, metadata.introspectionEndpoint, `${openId} introspection_endpoint`),
    ...smartContradictions(declared.fhirBaseUrl, metadata, smart),
    ...capabilityContradictions(declared.fhirBaseUrl, metadata, capability),
  ];
}

/** OpenEMR 8.2 gives its FHIR base as SMART issuer: that is its way, not a contradiction. */
function smartContradictions(
  fhirBaseUrl: string,
  metadata: AuthorizationServerMetadata,
  smart: SmartConfiguration | undefined,
): Contradiction[] {
  const where = 'smart-configuration';
  const { authorizationEndpoint, tokenEndpoint } = metadata;
  return [
    ...(smart?.issuer === metadata.issuer ? [] : compare(fhirBaseUrl, smart?.issuer, `${where} issuer`)),
    ...compare(authorizationEndpoint, smart?.authorizationEndpoint, `${where} authorization_endpoint`),
    ...compare(tokenEndpoint, smart?.tokenEndpoint, `${where} token_endpoint`),
  ];
}

function capabilityContradictions(
  fhirBaseUrl: string,
  metadata: AuthorizationServerMetadata,
  capability: CapabilityStatement | undefined,
): Contradiction[] {
  const where = 'CapabilityStatement';
  const uris = capability?.oauthUris;
  return [
    ...compare(fhirBaseUrl, capability?.implementationUrl, `${where} implementation.url`),
    ...compare(metadata.authorizationEndpoint, uris?.['authorize'], `${where} oauth-uris authorize`),
    ...compare(metadata.tokenEndpoint, uris?.['token'], `${where} oauth-uris token`),
  ];
}

function compareServers(expected: string, found: string | undefined, where: string): Contradiction[] {
  const from = URL.parse(expected)?.origin ?? '';
  const to = URL.parse(found ?? '')?.origin ?? '';
  return found && from !== to ? [{ kind: kindOf(from, to), expected: from, found: to, where }] : [];
}

function compare(expected: string, found: string | undefined, where: string): Contradiction[] {
  return found && found !== expected ? [{ kind: kindOf(expected, found), expected, found, where }] : [];
}

function kindOf(expected: string, found: string): string {
  const [left, right] = [URL.parse(expected), URL.parse(found)];
  if (!left || !right) return 'address';
  if (left.hostname !== right.hostname) return 'host';
  if (left.protocol !== right.protocol) return 'scheme';
  if (left.port !== right.port) return 'port';
  const plain = (url: URL) => url.pathname.replace(/\/+/g, '/').replace(/\/$/, '');
  return plain(left) === plain(right) ? 'slash' : 'path';
}
