import { apiRouter, unknownSite } from './api/apiRouter.ts';
import { adminPage, adminPagePath, landingPage } from './control/adminPage.ts';
import { controlApi } from './control/controlApi.ts';
import { defaultContentType, reply } from './http/reply.ts';
import type { Reply } from './http/reply.ts';
import { cookieValue } from './http/request.ts';
import type { SandboxRequest } from './http/request.ts';
import { oauthRouter } from './oauth/oauthRouter.ts';
import type { SandboxContext } from './sandboxContext.ts';
import { randomBase64Url } from './state/secrets.ts';

/** From an address to its handler. */
export async function route(context: SandboxContext, request: SandboxRequest): Promise<Reply> {
  const { path } = request;
  if (path.startsWith('/sandbox/')) return controlApi(context, request, path.slice('/sandbox/'.length));
  if (path === adminPagePath) return adminPage(context);
  if (path === '/') return landingPage(context);
  if (path === '/interface/login/login.php')
    return reply(200, '<html><title>OpenEMR Login</title></html>', defaultContentType);
  if (context.faults.isOn('rewrite-missing')) return apacheNotFound();
  const match = /^\/(apis|oauth2)\/([^/]*)\/?(.*)$/.exec(path);
  if (match === null) return apacheNotFound();
  const [, area, site = '', rest = ''] = match;
  if (site !== 'default' || context.faults.isOn('site-unknown'))
    return unknownSite(context, area === 'apis' ? 'apis' : 'oauth2');
  return area === 'apis'
    ? withPhpHeaders(context, request, 'apiOpenEMR', await apiRouter(context, request, rest))
    : withPhpHeaders(context, request, 'authserverOpenEMR', await oauthRouter(context, request, rest));
}

/** What the web server says where OpenEMR has nothing. */
function apacheNotFound(): Reply {
  const page = `<!DOCTYPE HTML PUBLIC "-//IETF//DTD HTML 2.0//EN">
<html><head><title>404 Not Found</title></head>
<body><h1>Not Found</h1><p>The requested URL was not found on this server.</p></body></html>
`;
  return reply(404, page, 'text/html; charset=iso-8859-1');
}

type Cookie = 'apiOpenEMR' | 'authserverOpenEMR';

/** PHP's session: every answer sets a cookie where none came, and forbids caching. */
function withPhpHeaders(
  context: SandboxContext,
  request: SandboxRequest,
  cookie: Cookie,
  answer: Reply,
): Reply {
  const names = new Set(answer.headers.map(([name]) => name));
  const started = !names.has('set-cookie') && cookieValue(request, cookie) === undefined;
  return {
    ...answer,
    headers: [
      ...(started ? [['set-cookie', sessionCookie(cookie)] as const] : []),
      ...(names.has('cache-control') ? [] : noCaching),
      ...corsHeaders(context, request, cookie),
      ...answer.headers,
    ],
  };
}

function sessionCookie(name: Cookie): string {
  const [path, sameSite] = name === 'apiOpenEMR' ? ['/apis/', 'Strict'] : ['/oauth2/', 'None'];
  return `${name}=${randomBase64Url(20)}; path=${path}; secure; HttpOnly; SameSite=${sameSite}`;
}

const noCaching = [
  ['expires', 'Thu, 19 Nov 1981 08:52:00 GMT'],
  ['cache-control', 'no-store, no-cache, must-revalidate'],
  ['pragma', 'no-cache'],
] as const;

function corsHeaders(
  context: SandboxContext,
  request: SandboxRequest,
  cookie: Cookie,
): (readonly [string, string])[] {
  if (!context.era.corsOnEveryAnswer && request.method !== 'OPTIONS') return [];
  const origin = cookie === 'apiOpenEMR' || !context.era.corsOnEveryAnswer ? request.headers.origin : '*';
  return [
    ['access-control-allow-credentials', 'true'],
    ['access-control-allow-headers', 'origin, authorization, accept, content-type, x-requested-with'],
    ['access-control-allow-methods', 'GET, HEAD, POST, PUT, DELETE, TRACE, OPTIONS'],
    ...(origin === undefined ? [] : ([['access-control-allow-origin', origin]] as const)),
  ];
}
