import { json } from '../http/reply.ts';
import type { Reply } from '../http/reply.ts';
import type { SandboxContext } from '../sandboxContext.ts';

/** `GET /api/version`: 8.2 tells anybody, 7.0 only a token with `api:oemr`. */
export function versionApi(context: SandboxContext): Reply {
  return json(200, context.era.version);
}

export function productApi(): Reply {
  return json(200, { status: 'UNREGISTERED' });
}
