import { createHmac } from 'node:crypto';
import { faultDescriptions, isFaultName } from '../faults.ts';
import type { FaultOptions } from '../faults.ts';
import { json, redirect } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import { parseJsonObject } from '../http/request.ts';
import type { SandboxRequest } from '../http/request.ts';
import type { SandboxContext } from '../sandboxContext.ts';
import { changeSettings } from '../state/settings.ts';
import { adminPagePath } from './adminPage.ts';

/** What an administrator, a database client and a clock do in reality; `path` is what follows /sandbox/. */
export function controlApi(context: SandboxContext, request: SandboxRequest, path: string): Reply {
  const [area = '', name = '', action = ''] = path.split('/');
  switch (`${request.method} ${area}`) {
    case 'POST clients':
      return switchClient(context, request, decodeURIComponent(name), action);
    case 'GET clients':
      return json(
        200,
        context.clients.all().map(({ id, name: title, enabled }) => ({ id, name: title, enabled })),
      );
    case 'GET settings':
      return json(200, context.settings);
    case 'PUT settings':
      return putSettings(context, request);
    case 'GET faults':
      return json(200, { active: context.faults.active(), known: faultDescriptions });
    case 'POST faults':
    case 'DELETE faults':
      return switchFault(context, request, name);
    case 'GET proof':
      return proof(context, request);
    case 'GET log':
      return json(200, context.log.entries());
    case 'DELETE log':
      context.log.clear();
      return json(200, []);
    case 'POST tokens':
      return changeTokens(context, request, name);
    case 'POST clock':
      return moveClock(context, request);
    default:
      return json(404, { error: 'The sandbox has no such control.' });
  }
}

/** Proves to who started this sandbox that it is the one: by their nonce, for a challenge of their own. */
function proof({ startNonce }: SandboxContext, request: SandboxRequest): Reply {
  const challenge = request.query.get('challenge') ?? '';
  if (startNonce === undefined || !/^[\w-]{16,128}$/.test(challenge)) {
    return json(404, { error: 'The sandbox has nothing to prove.' });
  }
  return json(200, { proof: createHmac('sha256', startNonce).update(challenge).digest('base64url') });
}

function refused(reason: string): Reply {
  return json(400, { error: reason });
}

function switchClient(context: SandboxContext, request: SandboxRequest, id: string, action: string): Reply {
  if (action !== 'enable' && action !== 'disable') return refused('Only enable and disable.');
  const enabled = action === 'enable';
  if (!context.clients.setEnabled(id, enabled)) return json(404, { error: 'No such client.' });
  const fromPage = (request.headers['content-type'] ?? '').startsWith('application/x-www-form-urlencoded');
  return fromPage ? redirect(303, adminPagePath) : json(200, { clientId: id, enabled });
}

function putSettings(context: SandboxContext, request: SandboxRequest): Reply {
  const changes = parseJsonObject(request.body);
  if (changes === undefined) return refused('Send a JSON object of globals.');
  const unknown = changeSettings(context.settings, changes);
  return unknown.length === 0
    ? json(200, context.settings)
    : refused(`Not a global, or not a value for it: ${unknown.join(', ')}`);
}

function switchFault(context: SandboxContext, request: SandboxRequest, name: string): Reply {
  if (!isFaultName(name)) {
    return json(404, { error: `No such fault. There are: ${Object.keys(faultDescriptions).join(', ')}` });
  }
  if (request.method === 'DELETE') return json(200, { name, switchedOff: context.faults.switchOff(name) });
  const fault = context.faults.switchOn(name, faultOptions(parseJsonObject(request.body) ?? {}));
  return json(200, { ...fault, times: Number.isFinite(fault.times) ? fault.times : null });
}

function faultOptions(body: Readonly<Record<string, unknown>>): Partial<FaultOptions> {
  const numbers = Object.fromEntries(
    ['times', 'milliseconds', 'bytes'].flatMap((name) =>
      typeof body[name] === 'number' ? [[name, body[name]]] : [],
    ),
  ) as Partial<FaultOptions>;
  return typeof body['path'] === 'string' ? { ...numbers, path: body['path'] } : numbers;
}

/** `{"undo": true}` takes it back; `{"refreshTokens": true}` revokes refresh tokens instead, for good. */
function changeTokens(context: SandboxContext, request: SandboxRequest, action: string): Reply {
  const body = parseJsonObject(request.body) ?? {};
  const on = body['undo'] !== true;
  if (action === 'expire') return json(200, { accessTokens: context.tokens.expireAccessTokens(on) });
  if (action !== 'revoke') return refused('Only expire and revoke.');
  return body['refreshTokens'] === true
    ? json(200, { refreshTokens: context.tokens.revokeRefreshTokens() })
    : json(200, { accessTokens: context.tokens.revokeAccessTokens(on) });
}

function moveClock(context: SandboxContext, request: SandboxRequest): Reply {
  const seconds = parseJsonObject(request.body)?.['advanceSeconds'];
  if (typeof seconds !== 'number' || !Number.isFinite(seconds))
    return refused('Send {"advanceSeconds": number}.');
  context.clock.advance(seconds);
  return json(200, { now: new Date(context.clock.now()).toISOString() });
}
