import * as z from 'zod/mini';
import type { HttpTransport } from '../http/httpTransport.ts';
import { scopeList } from './authorizationServerMetadata.ts';
import { fetchDiscoveryDocument } from './discoveryDocument.ts';
import { siteEndpoints } from './issuer.ts';

/** SMART App Launch, "Conformance": what OpenEMR's document holds varies by version, so all of it is optional. */
export interface SmartConfiguration {
  readonly issuer?: string;
  readonly authorizationEndpoint?: string;
  readonly tokenEndpoint?: string;
  readonly scopesSupported: readonly string[];
  readonly capabilities: readonly string[];
}

const optionalText = z.catch(z.optional(z.string()), undefined);
const list = z.catch(z.optional(z.array(z.unknown())), undefined);

const smartSchema = z.object({
  issuer: optionalText,
  authorization_endpoint: optionalText,
  token_endpoint: optionalText,
  scopes_supported: list,
  capabilities: list,
});

/** Throws WorkbenchError `discovery/*`, `http/*` and the errors of the transport. */
export async function fetchSmartConfiguration(
  transport: HttpTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<SmartConfiguration> {
  const url = siteEndpoints(connection).smartConfiguration;
  const { json } = await fetchDiscoveryDocument(transport, url, signal);
  const document = smartSchema.parse(json);
  return {
    ...(document.issuer ? { issuer: document.issuer } : {}),
    ...(document.authorization_endpoint ? { authorizationEndpoint: document.authorization_endpoint } : {}),
    ...(document.token_endpoint ? { tokenEndpoint: document.token_endpoint } : {}),
    scopesSupported: scopeList(document.scopes_supported),
    capabilities: (document.capabilities ?? []).filter((name) => typeof name === 'string'),
  };
}
