import { escapeHtml, htmlPage } from '../http/html.ts';
import { redirect, reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import { addressesFor } from '../sandboxContext.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Session } from '../state/sessions.ts';
import { sessionOf } from './sessionCookie.ts';

export const authorizationTitle = 'OpenEMR Authorization';

/** Any page of the login without a session: the cookie is lost, or another sandbox's. */
export function noSessionPage(context: SandboxContext): Reply {
  const text = '<h1>No login in progress</h1><p>Start the login again from the app that sent you here.</p>';
  return reply(400, htmlPage(authorizationTitle, text), context.era.pageContentType);
}

export function loginPage(context: SandboxContext, request: SandboxRequest): Reply {
  const session = sessionOf(context, request);
  return session === undefined ? noSessionPage(context) : loginForm(context, session);
}

function loginForm(context: SandboxContext, session: Session, problem?: string): Reply {
  const notice = problem === undefined ? '' : `<p class="notice" role="alert">${escapeHtml(problem)}</p>`;
  const { staff, portalPatient } = context.data;
  const content = `<h1>OpenEMR</h1>
<p><strong>${escapeHtml(session.authorization.client.name)}</strong> asks you to log in.</p>
<p>This is a sandbox. Staff: <code>${staff.username}</code>, password <code>${staff.password}</code>. Patient:
<code>${portalPatient.username}</code>, password <code>${portalPatient.password}</code>, e-mail
<code>${portalPatient.email}</code>.</p>
${notice}
<form id="userLogin" name="userLogin" method="post" action="/oauth2/default/login">
<input type="hidden" name="csrf_token_form" value="${session.csrfToken}">
<label>Username <input type="text" name="username" autocomplete="username" required autofocus></label>
<label>Password <input type="password" name="password" autocomplete="current-password" required></label>
<label>E-mail (patients only) <input type="email" name="email" autocomplete="email"></label>
<label><input type="checkbox" name="persist_login" value="1"> Remember me</label>
<button type="submit" name="user_role" value="api">OpenEMR Login</button>
<button type="submit" name="user_role" value="portal-api">Patient Login</button>
</form>`;
  return reply(200, htmlPage(authorizationTitle, content), context.era.pageContentType);
}

/** Checks the credentials; staff who ask for `launch/patient` choose the patient next. */
export function login(context: SandboxContext, request: SandboxRequest): Reply {
  const session = sessionOf(context, request);
  if (session === undefined) return noSessionPage(context);
  const form = formFields(request);
  if (form.get('csrf_token_form') !== session.csrfToken) {
    return loginForm(context, session, 'The form has expired. Log in again.');
  }
  const user = context.users.authenticate({
    username: form.get('username') ?? '',
    password: form.get('password') ?? '',
    email: form.get('email') ?? '',
    role: form.get('user_role') === 'portal-api' ? 'patient' : 'users',
  });
  if (user === undefined) return loginForm(context, session, context.era.loginRefusedText);
  if (context.faults.isOn('login-page-loops')) return loginForm(context, session);
  session.user = user;
  if (user.role === 'patient') session.patientId = user.uuid;
  const choosePatient = user.role === 'users' && session.authorization.scopes.includes('launch/patient');
  return toPage(context, request, choosePatient ? 'smart/patient-select' : 'scope-authorize-confirm');
}

/** On to the next page of the login, by its absolute address. */
export function toPage(context: SandboxContext, request: SandboxRequest, page: string): Reply {
  return redirect(context.era.pageRedirectStatus, `${addressesFor(context, request).oauth}/${page}`);
}
