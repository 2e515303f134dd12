import { withHeader } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { cookieValue } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import type { Session } from '../state/sessions.ts';

const cookieName = 'authserverOpenEMR';
const attributes = 'path=/oauth2/; secure; HttpOnly; SameSite=None';

export function sessionOf(context: SandboxContext, request: SandboxRequest): Session | undefined {
  return context.sessions.find(cookieValue(request, cookieName));
}

export function withSessionCookie(answer: Reply, sessionId: string): Reply {
  return withHeader(answer, 'set-cookie', `${cookieName}=${sessionId}; ${attributes}`);
}

export function withoutSessionCookie(answer: Reply): Reply {
  const expired = 'expires=Thu, 01 Jan 1970 00:00:01 GMT; Max-Age=0';
  return withHeader(answer, 'set-cookie', `${cookieName}=deleted; ${expired}; ${attributes}`);
}
