import type { HttpTransport } from '../http/httpTransport.ts';
import { fetchCapabilityStatement, type CapabilityStatement } from '../fhir/capabilityStatement.ts';
import { fetchOpenEmrVersion } from '../fhir/openEmrVersion.ts';
import {
  requestAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from './authorizationServerMetadata.ts';
import { findContradictions, type Contradiction } from './discoveryContradictions.ts';
import { fetchSmartConfiguration, type SmartConfiguration } from './smartConfiguration.ts';

/** The two behaviours of OpenEMR that were observed: 7.0 and 8.2. */
export type OpenEmrEra = '7.0' | '8.2' | 'unknown';

export interface ServerDiscovery {
  readonly metadata: AuthorizationServerMetadata;
  readonly smart?: SmartConfiguration;
  readonly openEmrVersion?: string;
  readonly era: OpenEmrEra;
  readonly fhirVersion?: string;
  readonly contradictions: readonly Contradiction[];
  /** Milliseconds that the OpenID configuration took. */
  readonly latencyMs: number;
  /** Server clock minus ours in milliseconds. */
  readonly clockSkewMs?: number;
}

/**
 * Reads all that a server says about itself, in four requests at once. Only the OpenID configuration is
 * indispensable; an issuer other than the address is a contradiction here, not an error.
 *
 * Throws WorkbenchError `discovery/*`, `http/*` and the errors of the transport.
 */
export async function discoverServer(
  transport: HttpTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<ServerDiscovery> {
  const rest = new AbortController();
  const all = signal ? AbortSignal.any([signal, rest.signal]) : rest.signal;
  try {
    const [{ metadata, answer }, smart, capability, version] = await Promise.all([
      requestAuthorizationServerMetadata(transport, connection, all),
      optional(fetchSmartConfiguration(transport, connection, all)),
      optional(fetchCapabilityStatement(transport, connection, all)),
      optional(fetchOpenEmrVersion(transport, connection, all)),
    ]);
    const openEmrVersion = capability?.openEmrVersion ?? version;
    const { durationMs: latencyMs, clockSkewMs } = answer;
    return {
      metadata,
      ...(smart ? { smart } : {}),
      ...(openEmrVersion ? { openEmrVersion } : {}),
      era: eraOf(openEmrVersion, smart, capability),
      ...(capability?.fhirVersion ? { fhirVersion: capability.fhirVersion } : {}),
      contradictions: findContradictions(connection, metadata, smart, capability),
      latencyMs,
      ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
    };
  } finally {
    rest.abort();
  }
}

async function optional<T>(document: Promise<T>): Promise<T | undefined> {
  try {
    return await document;
  } catch {
    return undefined;
  }
}

/** By the version; without one by what only one of the two has: 8.2 an issuer for SMART, 7.0 the oauth-uris. */
export function eraOf(
  version: string | undefined,
  smart: SmartConfiguration | undefined,
  capability: CapabilityStatement | undefined,
): OpenEmrEra {
  const major = /^(\d+)\./.exec(version ?? '')?.[1];
  if (major) return Number(major) >= 8 ? '8.2' : '7.0';
  if (smart?.issuer) return '8.2';
  return capability?.oauthUris ? '7.0' : 'unknown';
}
