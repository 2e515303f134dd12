import { searchableTypes } from '../../oauth/scopeAnalysis.ts';
import type { DoctorRun, Exchange } from '../doctorRun.ts';

const fhirMaxBytes = 5 * 1024 * 1024;

/** The kind of record that the token opens, patients before all others. */
export function readableType(scopes: readonly string[]): string | undefined {
  const types = searchableTypes(scopes);
  return types.includes('Patient') ? 'Patient' : types[0];
}

/** The one read of FHIR that all checks share; `undefined` before a login. What it brings is never kept. */
export async function readFhir(run: DoctorRun): Promise<Exchange | undefined> {
  const { tokens, connection } = run.options;
  if (!tokens) return undefined;
  const type = readableType(tokens.grantedScopes) ?? readableType(connection.scopes ?? []) ?? 'Patient';
  return run.exchange('fhir', () => ({
    method: 'GET',
    url: `${run.endpoints.fhirBaseUrl}/${type}?_count=1`,
    headers: { accept: 'application/fhir+json', authorization: `Bearer ${tokens.accessToken}` },
    maxBytes: fhirMaxBytes,
  }));
}
