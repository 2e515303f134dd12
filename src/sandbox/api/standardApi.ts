import type { FacilityRecord } from '../fhir/records.ts';
import { json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { SandboxRequest } from '../http/request.ts';
import { allows } from '../oauth/scopes.ts';
import type { Access } from '../oauth/scopes.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { AccessToken } from '../state/tokens.ts';
import { insufficientApi, insufficientScope, routeNotFound } from './apiErrors.ts';
import { createPatientRow } from './patientCreation.ts';
import { patientRow } from './patientRow.ts';
import { productApi, versionApi } from './versionApi.ts';

/** Everything below /api/ that needs a token: the token must have `api:oemr`. */
export function standardApi(
  context: SandboxContext,
  request: SandboxRequest,
  token: AccessToken,
  path: string,
): Reply {
  if (!token.scopes.includes('api:oemr')) return insufficientApi(context.era);
  const [resource = '', id] = path.split('/');
  const may = (access: Access): boolean => allows(token.scopes, 'user', resource, access);
  switch (`${request.method} ${resource}${id === undefined ? '' : '/:id'}`) {
    case 'GET version':
      return versionApi(context);
    case 'GET product':
      return productApi();
    case 'GET patient':
      return may('read') ? listPatients(context, request) : insufficientScope(context.era);
    case 'GET patient/:id':
      return may('read') ? readPatient(context, id ?? '') : insufficientScope(context.era);
    case 'POST patient':
      return may('create') ? createPatientRow(context, request) : insufficientScope(context.era);
    case 'GET facility':
      return may('read')
        ? processed(context.data.facilities.map(facilityRow))
        : insufficientScope(context.era);
    default:
      return routeNotFound(context.era);
  }
}

function processed(data: unknown): Reply {
  return json(200, { validationErrors: [], internalErrors: [], data, links: [] });
}

function listPatients(context: SandboxContext, { query }: SandboxRequest): Reply {
  const offset = Number(query.get('_offset') ?? 0);
  const limit = Number(query.get('_limit') ?? 0);
  const filters = [...query].filter(([name]) => !name.startsWith('_'));
  const rows = context.data.patients
    .map((patient) => patientRow(context.era, patient))
    .filter((row) =>
      filters.every(([name, value]) => String(row[name]).toLowerCase() === value.toLowerCase()),
    );
  return processed(rows.slice(offset, limit > 0 ? offset + limit : undefined));
}

function readPatient(context: SandboxContext, id: string): Reply {
  if (!/^[0-9a-f-]{36}$/i.test(id)) {
    const validationErrors = { uuid: { 'Uuid::INVALID': 'UUID must be a valid UUID string' } };
    return json(400, { validationErrors, internalErrors: [], data: [], links: [] });
  }
  const patient = context.data.patients.find((candidate) => candidate.uuid === id);
  return patient === undefined ? json(404, []) : processed(patientRow(context.era, patient));
}

function facilityRow(facility: FacilityRecord): Record<string, unknown> {
  const blank = Object.fromEntries(
    ['street', 'city', 'state', 'postal_code', 'country_code', 'federal_ein'].map((name) => [name, '']),
  );
  return {
    id: String(facility.id),
    uuid: facility.uuid,
    name: facility.name,
    phone: facility.phone,
    fax: facility.fax,
    ...blank,
    website: null,
    email: null,
    service_location: '1',
    billing_location: '1',
    color: '#99FFFF',
    primary_business_entity: '1',
  };
}
