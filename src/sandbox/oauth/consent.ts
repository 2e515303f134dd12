import { escapeHtml, htmlPage } from '../http/html.ts';
import { redirect, reply } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { formFields } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { encryptedLook } from '../state/secrets.ts';
import type { Session } from '../state/sessions.ts';
import type { User } from '../state/users.ts';
import { authorizationTitle, noSessionPage } from './loginPages.ts';
import { appendQuery } from './redirectUris.ts';
import { isResourceScope } from './scopes.ts';
import { sessionOf, withoutSessionCookie } from './sessionCookie.ts';

export function consentPage(context: SandboxContext, request: SandboxRequest): Reply {
  const session = sessionOf(context, request);
  if (session?.user === undefined) return noSessionPage(context);
  const { client, scopes } = session.authorization;
  const boxes = scopes.map((scope) => scopeBox(context, scope)).join('\n');
  const content = `<h1>Authorize ${escapeHtml(client.name)}</h1>
<p>Logged in as <strong>${escapeHtml(session.user.username)}</strong>. Untick what the app should not have.</p>
<form id="userLogin" name="userLogin" method="post" action="/oauth2/default/device/code">
<input type="hidden" name="csrf_token_form" value="${session.csrfToken}">
<fieldset><legend>Scopes</legend>
${boxes}
</fieldset>
<label><input type="checkbox" name="persist_login" value="1"> Remember me</label>
<button type="submit" name="proceed" autofocus value="1">Authorize</button>
</form>
${context.era.consentNamesResourceScopes ? '' : namingScript}`;
  return reply(200, htmlPage(authorizationTitle, content), context.era.pageContentType);
}

function scopeBox(context: SandboxContext, scope: string): string {
  const text = escapeHtml(scope);
  const named = context.era.consentNamesResourceScopes || !isResourceScope(scope);
  const name = named ? `name="scope[${text}]"` : `data-scope="${text}"`;
  return `<label><input type="checkbox" ${name} value="${text}" checked> ${text}</label>`;
}

/** The page of 8.2 has a script put the ticked resource scopes into the form. */
const namingScript = `<script>
document.forms.userLogin.addEventListener('submit', (event) => {
  for (const box of event.target.querySelectorAll('input[data-scope]:checked')) {
    box.setAttribute('name', 'scope[' + box.dataset.scope + ']');
  }
});
</script>`;

/** The consent: there is no way to say no but to untick everything, and nothing is sent back for it. */
export function confirmConsent(context: SandboxContext, request: SandboxRequest): Reply {
  const session = sessionOf(context, request);
  const form = formFields(request);
  if (session?.user === undefined || form.get('csrf_token_form') !== session.csrfToken) {
    return noSessionPage(context);
  }
  const code = issueCode(context, session, session.user, grantedScopes(context, session, form));
  context.sessions.end(session);
  const { state, redirectUri } = session.authorization;
  const parameters = new URLSearchParams({ code, ...(state === undefined ? {} : { state }) });
  return withoutSessionCookie(redirect(302, appendQuery(redirectUri, parameters)));
}

/** Ticked, asked for, and registered: a scope that the client did not register is dropped in silence. */
function grantedScopes(context: SandboxContext, session: Session, form: URLSearchParams): string[] {
  const ticked = [...form.keys()].flatMap((name) => /^scope\[(.*)\]$/.exec(name)?.[1] ?? []);
  const { scopes: requested, client, nonce } = session.authorization;
  const inOrder = context.era.scopeOrder === 'posted' ? ticked : requested;
  const granted = inOrder.filter(
    (scope) => ticked.includes(scope) && requested.includes(scope) && client.scopes.includes(scope),
  );
  return [
    ...new Set(granted),
    ...(nonce === undefined ? [] : ['nonce']),
    ...(context.era.siteScope ? ['site:default'] : []),
  ];
}

function issueCode(context: SandboxContext, session: Session, user: User, scopes: readonly string[]): string {
  const { client, redirectUri, nonce, state, codeChallenge } = session.authorization;
  const code = encryptedLook(scopes);
  context.tokens.addCode({
    code,
    clientId: client.id,
    userUuid: user.uuid,
    scopes,
    redirectUri,
    nonce,
    codeChallenge,
    patientId: scopes.includes('launch/patient') ? session.patientId : undefined,
    expiresAt: context.clock.now() + context.codeLifetimeSeconds * 1000,
  });
  context.trustedUsers.trust({ clientId: client.id, userUuid: user.uuid, code, state, nonce });
  return code;
}
