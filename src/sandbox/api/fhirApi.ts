import type { ResourceDescription } from '../era.ts';
import { patientOf, resourcesOfType } from '../fhir/repository.ts';
import type { Resource } from '../fhir/resource.ts';
import { search } from '../fhir/search.ts';
import { empty, json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import { wrappedError } from '../oauth/oauthErrors.ts';
import { allows } from '../oauth/scopes.ts';
import type { Access } from '../oauth/scopes.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { AccessToken } from '../state/tokens.ts';
import { foreignPatient, insufficientScope, routeNotFound } from './apiErrors.ts';
import { createPatient } from './patientCreation.ts';

/** Everything below /fhir/ that needs a token. `path` is what follows that slash. */
export function fhirApi(
  context: SandboxContext,
  request: SandboxRequest,
  token: AccessToken,
  path: string,
): Reply {
  const [type = '', id, ...rest] = path.split('/');
  const description = context.era.resources.find((candidate) => candidate.type === type);
  if (description === undefined || rest.length > 0 || id === '') return routeNotFound(context.era);
  if (request.method === 'GET' && id === undefined) {
    return type === 'OperationDefinition'
      ? operationDefinitions(context, request)
      : searchResources(context, request, token, description, request.query);
  }
  if (request.method === 'GET' && id !== undefined) return readResource(context, token, description, id);
  if (request.method === 'POST' && id === '_search') {
    return searchResources(context, request, token, description, formFields(request));
  }
  if (request.method === 'POST' && id === undefined && type === 'Patient') {
    const permission = permissionOf(token, type, 'create');
    return permission === 'user' ? createPatient(context, request) : insufficientScope(context.era);
  }
  return routeNotFound(context.era);
}

/** Whether the token may, as a user, or only within its patient context. */
function permissionOf(token: AccessToken, type: string, access: Access): 'user' | 'patient' | undefined {
  if (allows(token.scopes, 'user', type, access)) return 'user';
  const inContext = token.patientId !== undefined && allows(token.scopes, 'patient', type, access);
  return inContext ? 'patient' : undefined;
}

function searchResources(
  context: SandboxContext,
  request: SandboxRequest,
  token: AccessToken,
  description: ResourceDescription,
  query: URLSearchParams,
): Reply {
  const { era } = context;
  const permission = permissionOf(token, description.type, 'search');
  if (context.faults.isOn('acl-refused')) return insufficientScope(era);
  if (permission === undefined) return insufficientScope(era);
  if (era.revIncludeBreaksObservation && description.type === 'Observation' && query.has('_revinclude')) {
    return wrappedError(500, 'System error occurred');
  }
  const all = resourcesOfType(era, context.data, description.type);
  const visible = permission === 'user' ? all : all.filter((resource) => isVisible(resource, token));
  return json(200, bundle(context, request, search(era, description, visible, query)));
}

function isVisible(resource: Resource, token: AccessToken): boolean {
  const owner = patientOf(resource);
  return owner === undefined || owner === token.patientId;
}

/** A "collection" whose total is what it holds; only a self link, and that without the query. */
function bundle(
  context: SandboxContext,
  request: SandboxRequest,
  found: readonly Resource[],
): Record<string, unknown> {
  const { fhir } = addressesFor(context, request);
  const entry = found.map((resource) => ({
    fullUrl: `${fhir}/${resource.resourceType}/${resource.id}`,
    resource,
  }));
  return bundleOf(context, request, entry);
}

function bundleOf(
  context: SandboxContext,
  request: SandboxRequest,
  entry: readonly unknown[],
): Record<string, unknown> {
  const { base } = addressesFor(context, request);
  return {
    meta: { lastUpdated: new Date(context.clock.now()).toISOString().slice(0, 19) },
    resourceType: 'Bundle',
    type: 'collection',
    total: entry.length,
    link: [{ relation: 'self', url: `${base}${request.path}` }],
    ...(entry.length === 0 ? {} : { entry }),
  };
}

const uuidPattern = /^[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

function readResource(
  context: SandboxContext,
  token: AccessToken,
  description: ResourceDescription,
  id: string,
): Reply {
  const { era } = context;
  const permission = permissionOf(token, description.type, 'read');
  if (context.faults.isOn('acl-refused')) return insufficientScope(era);
  if (permission === undefined) return insufficientScope(era);
  if (!uuidPattern.test(id)) return notAUuid();
  const resource = resourcesOfType(era, context.data, description.type).find((one) => one.id === id);
  if (permission === 'patient' && description.type === 'Patient' && id !== token.patientId) {
    return foreignPatient(era);
  }
  if (resource === undefined || (permission === 'patient' && !isVisible(resource, token))) {
    return json(404, []);
  }
  return json(200, resource);
}

function notAUuid(): Reply {
  return json(400, {
    validationErrors: {
      _id:
        'The search field argument was invalid, improperly formatted, or could not be parsed.  ' +
        'Inner message: UUID columns must be a valid UUID string',
    },
  });
}

/** The one definition there is; no scope is asked for it. */
function operationDefinitions(context: SandboxContext, request: SandboxRequest): Reply {
  const text = { code: 'string', display: 'string' };
  const definition = {
    resourceType: 'OperationDefinition',
    name: '$bulkdata-status',
    status: 'active',
    kind: 'operation',
    parameter: [
      {
        name: 'job',
        use: 'in',
        min: 1,
        max: 1,
        type: { system: 'http://hl7.org/fhir/data-types', ...text },
        searchType: { system: 'http://hl7.org/fhir/ValueSet/search-param-type', ...text },
      },
    ],
  };
  return json(200, bundleOf(context, request, [definition]));
}

/** A POST to the FHIR base itself: no batches. */
export function fhirBase(context: SandboxContext): Reply {
  return context.era.apiErrors === 'wrapped' ? routeNotFound(context.era) : empty(501);
}
