import * as z from 'zod/mini';
import { WorkbenchError } from '../base/errors.ts';
import { redactUrl } from '../base/redact.ts';
import type { HttpResponse, HttpTransport } from '../http/httpTransport.ts';
import { parseJsonResponse } from '../http/json.ts';
import { siteEndpoints } from '../oauth/issuer.ts';
import { fhirRefusal } from './fhirErrors.ts';

/** What a CapabilityStatement tells the workbench (https://hl7.org/fhir/R4/capabilitystatement.html). */
export interface CapabilityStatement {
  readonly fhirVersion?: string;
  /** `software.version`; OpenEMR 8.2 leaves it out. */
  readonly openEmrVersion?: string;
  readonly resourceTypes: readonly string[];
  /** The oauth-uris extension by name (`authorize`, `token`, …); gone since OpenEMR 8.0. */
  readonly oauthUris?: Readonly<Record<string, string>>;
  readonly implementationUrl?: string;
  readonly latencyMs: number;
  /** Server clock minus ours in milliseconds. */
  readonly clockSkewMs?: number;
}

const oauthUrisExtension = /\/StructureDefinition\/oauth-uris$/;

const shortText = z.string().check(z.maxLength(64));
const address = z.string().check(z.maxLength(2048));

const extensionSchema = z.looseObject({
  url: address,
  extension: z.optional(z.array(z.looseObject({ url: address, valueUri: z.optional(address) }))),
});

const statementSchema = z.looseObject({
  resourceType: z.literal('CapabilityStatement'),
  fhirVersion: z.optional(shortText),
  software: z.optional(z.looseObject({ version: z.optional(shortText) })),
  implementation: z.optional(z.looseObject({ url: z.optional(address) })),
  rest: z.optional(
    z.array(
      z.looseObject({
        resource: z.optional(z.array(z.looseObject({ type: shortText }))),
        security: z.optional(z.looseObject({ extension: z.optional(z.array(extensionSchema)) })),
      }),
    ),
  ),
});

/**
 * Reads `[fhir base]/metadata`, which OpenEMR gives to anybody.
 *
 * Throws WorkbenchError `fhir/api-disabled`, `discovery/site-unknown`, `discovery/not-found`,
 * `fhir/invalid-response`, `http/*`, and what {@link HttpTransport} throws.
 */
export async function fetchCapabilityStatement(
  transport: HttpTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<CapabilityStatement> {
  const url = siteEndpoints(connection).capabilityStatement;
  const response = await transport.send({
    method: 'GET',
    url,
    headers: { accept: 'application/fhir+json' },
    signal,
  });
  if (response.status !== 200) throw metadataRefusal(response, url, connection.site);
  const { durationMs: latencyMs, clockSkewMs } = response;
  const statement = parseJsonResponse(response, statementSchema, {
    url,
    invalidShape: 'fhir/invalid-response',
  });
  return {
    ...summary(statement),
    latencyMs,
    ...(clockSkewMs === undefined ? {} : { clockSkewMs }),
  };
}

function summary(
  statement: z.infer<typeof statementSchema>,
): Omit<CapabilityStatement, 'latencyMs' | 'clockSkewMs'> {
  const { fhirVersion, software, implementation, rest = [] } = statement;
  const oauthUris = readOauthUris(rest);
  return {
    resourceTypes: rest.flatMap(({ resource = [] }) => resource.map(({ type }) => type)),
    ...(fhirVersion ? { fhirVersion } : {}),
    ...(software?.version ? { openEmrVersion: software.version } : {}),
    ...(implementation?.url ? { implementationUrl: implementation.url } : {}),
    ...(oauthUris ? { oauthUris } : {}),
  };
}

function readOauthUris(
  rest: NonNullable<z.infer<typeof statementSchema>['rest']>,
): Record<string, string> | undefined {
  const extension = rest
    .flatMap(({ security }) => security?.extension ?? [])
    .find(({ url }) => oauthUrisExtension.test(url));
  return (
    extension &&
    Object.fromEntries(
      (extension.extension ?? []).flatMap(({ url, valueUri }) => (valueUri ? [[url, valueUri]] : [])),
    )
  );
}

function metadataRefusal(response: HttpResponse, url: string, site: string): WorkbenchError {
  const details = { status: response.status, url: redactUrl(url), site };
  // A site that does not exist: 7.0 answers 400 or 500, both with nothing in it, and 8.2 answers 400.
  const isEmptyFault = response.status === 500 && response.text.trim() === '';
  if (response.status === 400 || isEmptyFault) {
    return new WorkbenchError('discovery/site-unknown', { details });
  }
  if (response.status === 404) return new WorkbenchError('discovery/not-found', { details });
  return fhirRefusal({ ...response, url });
}
