import { randomUUID } from 'node:crypto';
import { json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { parseJsonObject } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';

type ValidationErrors = Record<string, Record<string, string>>;

/** `POST /fhir/Patient`: answers with the row's numbers instead of a resource. */
export function createPatient(context: SandboxContext, request: SandboxRequest): Reply {
  const resource = parseJsonObject(request.body);
  if (resource?.['resourceType'] !== 'Patient') return json(400, noResourceType);
  const name = firstName(resource['name']);
  const fields = {
    fname: name.given,
    lname: name.family,
    sex: textOf(resource['gender']),
    DOB: textOf(resource['birthDate']),
  };
  const errors = validate(fields);
  if (errors !== undefined) return json(400, { validationErrors: errors });
  return json(201, insert(context, fields));
}

/** `POST /api/patient`. */
export function createPatientRow(context: SandboxContext, request: SandboxRequest): Reply {
  const row = parseJsonObject(request.body) ?? {};
  const fields = {
    fname: textOf(row['fname']),
    lname: textOf(row['lname']),
    sex: textOf(row['sex']),
    DOB: textOf(row['DOB']),
  };
  const errors = validate(fields);
  return errors === undefined
    ? json(201, { validationErrors: [], internalErrors: [], data: insert(context, fields), links: [] })
    : json(400, { validationErrors: errors, internalErrors: [], data: [], links: [] });
}

const noResourceType = {
  resourceType: 'OperationOutcome',
  issue: [{ severity: 'error', code: 'invalid', details: { text: 'resourceType Not Found' } }],
};

interface Fields {
  readonly fname: string;
  readonly lname: string;
  readonly sex: string;
  readonly DOB: string;
}

function validate(fields: Fields): ValidationErrors | undefined {
  const errors: ValidationErrors = {};
  for (const name of ['fname', 'lname'] as const) {
    if (fields[name] === '') {
      errors[name] = { 'Required::NON_EXISTENT_KEY': `${name} must be provided, but does not exist` };
    }
  }
  if (fields.sex === '') errors['sex'] = { 'NotEmpty::EMPTY_VALUE': 'Gender must not be empty' };
  if (fields.DOB === '') errors['DOB'] = { 'NotEmpty::EMPTY_VALUE': 'Date of Birth must not be empty' };
  return Object.keys(errors).length === 0 ? undefined : errors;
}

function insert(context: SandboxContext, fields: Fields): { pid: number; uuid: string } {
  const { pid, uuid } = context.data.addPatient({
    uuid: randomUUID(),
    givenName: fields.fname,
    familyName: fields.lname,
    sex: fields.sex,
    birthDate: fields.DOB,
    now: new Date(context.clock.now()).toISOString().replace(/\.\d+Z$/, '+00:00'),
  });
  return { pid, uuid };
}

function firstName(names: unknown): { family: string; given: string } {
  const [name] = Array.isArray(names) ? (names as unknown[]) : [];
  const { family, given } = (typeof name === 'object' && name !== null ? name : {}) as {
    family?: unknown;
    given?: unknown;
  };
  return { family: textOf(family), given: textOf(Array.isArray(given) ? (given as unknown[])[0] : given) };
}

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
