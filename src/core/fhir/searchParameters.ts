import * as z from 'zod/mini';
import type { GetTransport } from '../http/httpTransport.ts';
import { parseJsonResponse } from '../http/json.ts';
import { siteEndpoints } from '../oauth/issuer.ts';
import { fhirRefusal } from './fhirErrors.ts';

/** One parameter that the server says it understands (CapabilityStatement.rest.resource.searchParam). */
export interface SearchParameter {
  readonly name: string;
  /** `string`, `token`, `date`, `reference`, …; `string` where the server does not tell. */
  readonly type: string;
}

/** What the server says about one resource type. */
export interface ResourceDescription {
  readonly type: string;
  readonly canSearch: boolean;
  readonly canRead: boolean;
  readonly searchParameters: readonly SearchParameter[];
}

const name = z.string().check(z.regex(/^[A-Za-z_][\w.-]{0,63}$/));
const typeName = z.string().check(z.regex(/^[A-Z][A-Za-z]{0,63}$/));

const resourceSchema = z.looseObject({
  type: typeName,
  interaction: z.optional(z.array(z.looseObject({ code: z.string() }))),
  searchParam: z.optional(z.array(z.looseObject({ name: z.string(), type: z.optional(z.string()) }))),
});

const statementSchema = z.looseObject({
  resourceType: z.literal('CapabilityStatement'),
  rest: z.optional(z.array(z.looseObject({ resource: z.optional(z.array(resourceSchema)) }))),
});

/**
 * Reads what can be asked of each type from `[fhir base]/metadata`; each type once.
 *
 * Throws WorkbenchError `fhir/*`, `discovery/site-unknown`, `http/*`, and what the transport throws.
 */
export async function fetchResourceDescriptions(
  transport: GetTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<ResourceDescription[]> {
  const url = siteEndpoints(connection).capabilityStatement;
  const headers = { accept: 'application/fhir+json' };
  const response = await transport.send({ method: 'GET', url, headers, signal });
  if (response.status !== 200) throw fhirRefusal({ ...response, url });
  const { rest = [] } = parseJsonResponse(response, statementSchema, {
    url,
    invalidShape: 'fhir/invalid-response',
  });
  const byType = new Map<string, ResourceDescription>();
  for (const resource of rest.flatMap(({ resource: described = [] }) => described)) {
    if (!byType.has(resource.type)) byType.set(resource.type, descriptionOf(resource));
  }
  return [...byType.values()];
}

function descriptionOf({
  type,
  interaction = [],
  searchParam = [],
}: z.infer<typeof resourceSchema>): ResourceDescription {
  const codes = interaction.map(({ code }) => code);
  return {
    type,
    canSearch: codes.includes('search-type'),
    canRead: codes.includes('read'),
    searchParameters: searchParam
      .filter((parameter) => name.safeParse(parameter.name).success)
      .map((parameter) => ({ name: parameter.name, type: parameter.type ?? 'string' })),
  };
}

/** What a person filled in for a search. */
export interface SearchValue {
  readonly name: string;
  readonly value: string;
}

/**
 * The query of a search. A parameter that the server did not list is left out, since OpenEMR answers one unknown
 * parameter with nothing at all; so are empty values. `_count` is the one addition.
 */
export function searchQuery(
  description: ResourceDescription,
  values: readonly SearchValue[],
  limit: number | undefined,
): URLSearchParams {
  const known = new Set(description.searchParameters.map((parameter) => parameter.name));
  const query = new URLSearchParams();
  for (const { name: parameter, value } of values) {
    if (known.has(parameter) && value.trim() !== '') query.append(parameter, value.trim());
  }
  if (limit !== undefined) query.set('_count', String(limit));
  return query;
}
