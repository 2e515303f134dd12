import * as z from 'zod/mini';
import type { HttpTransport } from '../http/httpTransport.ts';
import { parseJson } from '../http/json.ts';
import { siteEndpoints } from '../oauth/issuer.ts';

/** 7.0 sends strings, 8.2 numbers. */
const part = z.union([z.int(), z.string().check(z.regex(/^\d{1,6}$/))]);

const versionSchema = z.looseObject({
  v_major: part,
  v_minor: part,
  v_patch: part,
  v_realpatch: z.optional(part),
  v_tag: z.optional(z.string().check(z.maxLength(32))),
});

/**
 * Asks `/api/version`, as OpenEMR 8 answers it to anybody; `undefined` where the server does not tell (7.0 wants a
 * token for it). Throws what {@link HttpTransport} throws.
 */
export async function fetchOpenEmrVersion(
  transport: HttpTransport,
  connection: { baseUrl: string; site: string },
  signal?: AbortSignal,
): Promise<string | undefined> {
  const url = siteEndpoints(connection).version;
  const response = await transport.send({ method: 'GET', url, signal });
  return response.status === 200 ? readVersion(response.text) : undefined;
}

function readVersion(text: string): string | undefined {
  const parsed = parseJson(text);
  const version = 'value' in parsed ? versionSchema.safeParse(parsed.value).data : undefined;
  if (!version) return undefined;
  const { v_major, v_minor, v_patch, v_realpatch = 0, v_tag = '' } = version;
  const patch = Number(v_realpatch) > 0 ? ` (${v_realpatch})` : '';
  return `${v_major}.${v_minor}.${v_patch}${v_tag}${patch}`;
}
