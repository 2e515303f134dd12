import type { Era, ResourceDescription } from '../era.ts';
import { json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { Addresses, SandboxContext } from '../sandboxContext.ts';

/** `GET /fhir/metadata`, for anybody; always JSON, whatever Accept says. */
export function capabilityStatement(context: SandboxContext, request: SandboxRequest): Reply {
  const { era } = context;
  // The last version with that bug.
  const version = context.faults.isOn('redirect-uris-joined') ? '7.0.1' : era.softwareVersion;
  const addresses = addressesFor(context, request);
  return json(200, {
    resourceType: 'CapabilityStatement',
    status: 'active',
    date: new Date(context.clock.now()).toISOString().slice(0, 10),
    kind: 'instance',
    instantiates: era.instantiates,
    software: {
      name: 'OpenEMR',
      ...(version === undefined ? {} : { version }),
    },
    implementation: { description: 'OpenEMR FHIR API', url: addresses.fhir },
    fhirVersion: '4.0.1',
    format: ['application/json'],
    rest: [
      {
        mode: 'server',
        security: security(era, addresses),
        resource: era.resources.map((description) => resource(description, addresses)),
      },
    ],
  });
}

const smart = 'http://fhir-registry.smarthealthit.org/StructureDefinition';

const capabilities: readonly string[] = [
  'launch-ehr',
  'context-passthrough-banner',
  'context-ehr-patient',
  'context-passthrough-style',
  'sso-openid-connect',
  'client-confidential-symmetric',
  'permission-user',
  'context-standalone-patient',
  'launch-standalone',
  'permission-patient',
  'permission-offline',
  'client-public',
];

function security(era: Era, { oauth }: Addresses): Record<string, unknown> {
  const uris = Object.entries({
    token: `${oauth}/token`,
    authorize: `${oauth}/authorize`,
    register: `${oauth}/registration`,
    introspect: `${oauth}/introspect`,
  }).map(([url, valueUri]) => ({ valueUri, url }));
  return {
    extension: [
      ...(era.capabilityExtensions === 'oauth-uris' ? [{ extension: uris, url: `${smart}/oauth-uris` }] : []),
      ...capabilities.map((valueCode) => ({ valueCode, url: `${smart}/capabilities` })),
    ],
    service: [
      {
        coding: [era.securityService],
        text: 'OAuth2 using SMART-on-FHIR profile (see http://docs.smarthealthit.org)',
      },
    ],
  };
}

function resource(description: ResourceDescription, { base }: Addresses): Record<string, unknown> {
  const { type, supportedProfile, interactions, searchParams, operations } = description;
  return {
    type,
    profile: `http://hl7.org/fhir/StructureDefinition/${type}`,
    ...(supportedProfile === undefined ? {} : { supportedProfile }),
    interaction: interactions.map((code) => ({ code })),
    updateCreate: false,
    ...(description.include === true ? { searchInclude: ['*'] } : {}),
    ...(description.revInclude === true ? { searchRevInclude: ['Provenance:target'] } : {}),
    ...(searchParams === undefined
      ? {}
      : { searchParam: Object.entries(searchParams).map(([name, kind]) => ({ name, type: kind })) }),
    ...(operations === undefined
      ? {}
      : {
          operation: Object.entries(operations).map(([name, definition]) => ({
            name,
            definition: definition.replace('{base}', base),
          })),
        }),
  };
}
