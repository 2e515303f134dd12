import { escapeHtml, htmlPage } from '../http/html.ts';
import { reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { PatientRecord } from '../fhir/records.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { authorizationTitle, noSessionPage, toPage } from './loginPages.ts';
import { sessionOf } from './sessionCookie.ts';

export function patientSelectionPage(context: SandboxContext, request: SandboxRequest): Reply {
  const session = sessionOf(context, request);
  if (session?.user === undefined) return noSessionPage(context);
  const patients = matchingPatients(context, request.query);
  const content = `<h1>Choose a patient</h1>
<p>The app will see this patient and no other.</p>
<form method="get" action="/oauth2/default/smart/patient-select">
<label>First name <input type="text" name="search[fname]" value="${searched(request, 'fname')}"></label>
<label>Middle name <input type="text" name="search[mname]" value="${searched(request, 'mname')}"></label>
<label>Last name <input type="text" name="search[lname]" value="${searched(request, 'lname')}"></label>
<button type="submit">Search</button>
</form>
<form name="patientForm" method="post" action="/oauth2/default/smart/patient-select-confirm">
<input type="hidden" name="csrf_token" value="${session.csrfToken}">
<fieldset><legend>Patients</legend>
${patients.map(patientChoice).join('\n')}
</fieldset>
<button type="submit">Select patient</button>
</form>`;
  return reply(200, htmlPage(authorizationTitle, content), context.era.pageContentType);
}

export function confirmPatientSelection(context: SandboxContext, request: SandboxRequest): Reply {
  const session = sessionOf(context, request);
  const form = formFields(request);
  const patient = context.data.patients.find((candidate) => candidate.uuid === form.get('patient_id'));
  if (session?.user === undefined || form.get('csrf_token') !== session.csrfToken)
    return noSessionPage(context);
  if (patient === undefined) return toPage(context, request, 'smart/patient-select');
  session.patientId = patient.uuid;
  return toPage(context, request, 'scope-authorize-confirm');
}

function matchingPatients(context: SandboxContext, query: URLSearchParams): PatientRecord[] {
  const starts = (name: string, value: string): boolean =>
    value.toLowerCase().startsWith((query.get(`search[${name}]`) ?? '').toLowerCase());
  return context.data.patients.filter(
    (patient) =>
      starts('fname', patient.givenName) &&
      starts('mname', patient.middleName) &&
      starts('lname', patient.familyName),
  );
}

function patientChoice(patient: PatientRecord): string {
  const label = `${patient.familyName}, ${patient.givenName} (born ${patient.birthDate})`;
  return `<label><input type="radio" name="patient_id" value="${patient.uuid}" required> ${escapeHtml(label)}</label>`;
}

function searched(request: SandboxRequest, name: string): string {
  return escapeHtml(request.query.get(`search[${name}]`) ?? '');
}
