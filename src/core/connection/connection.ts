import * as z from 'zod/mini';
import { parseBaseUrl, siteSchema } from './address.ts';
import { isWorkbenchError } from '../base/errors.ts';

export const clientTypes = ['confidential', 'public'] as const;
/** What a server is for: production holds real patients. */
export const environments = ['production', 'test', 'training'] as const;
export const callbackPreferences = ['automatic', 'vscode-uri', 'loopback', 'paste'] as const;

const baseUrlSchema = z.string().check(
  z.superRefine((value, context) => {
    try {
      if (parseBaseUrl(value).baseUrl === value) return;
      context.addIssue({ code: 'custom', message: 'The address is not in its plain form.', input: value });
    } catch (error) {
      const message = isWorkbenchError(error) ? error.code : 'address/invalid';
      context.addIssue({ code: 'custom', message, input: value });
    }
  }),
);

/** One OpenEMR site, one registered client, one login. Everything here may be read by anybody: no secrets. */
export const connectionSchema = z.strictObject({
  id: z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/)),
  name: z.string().check(z.trim(), z.minLength(1), z.maxLength(80)),
  /** Scheme, host, port and web root, without trailing slash: `https://emr.example.org/openemr`. */
  baseUrl: baseUrlSchema,
  site: siteSchema,
  clientType: z.enum(clientTypes),
  clientId: z.optional(z.string().check(z.minLength(1), z.maxLength(256), z.regex(/^[\x21-\x7e]+$/))),
  scopes: z.array(z.string().check(z.regex(/^[\x21\x23-\x5b\x5d-\x7e]+$/))),
  callback: z.enum(callbackPreferences),
  /** What this client was registered with, where this workbench registered it. */
  registeredRedirectUris: z.optional(z.array(z.string())),
  registeredScopes: z.optional(z.array(z.string())),
  pinnedCertificate: z.optional(
    z.strictObject({
      pem: z.string().check(z.startsWith('-----BEGIN CERTIFICATE-----'), z.maxLength(16_384)),
      sha256: z.string().check(z.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)),
    }),
  ),
  caFile: z.optional(z.string().check(z.minLength(1))),
  environment: z.optional(z.enum(environments)),
});

export type Connection = z.infer<typeof connectionSchema>;
export type ClientType = Connection['clientType'];
export type CallbackPreference = Connection['callback'];
export type Environment = (typeof environments)[number];

/** A setting entry that could not be used, with the reasons by field. */
export interface RejectedConnection {
  readonly index: number;
  readonly name?: string;
  readonly problems: readonly string[];
}

interface ParsedConnections {
  readonly connections: readonly Connection[];
  /** Where in the setting each of `connections` stands. */
  readonly positions: ReadonlyMap<string, number>;
  readonly rejected: readonly RejectedConnection[];
}

/** Reads `openemr.connections`: the good entries load even where others do not; a repeated id counts as bad. */
export function parseConnections(value: unknown): ParsedConnections {
  const connections: Connection[] = [];
  const positions = new Map<string, number>();
  const rejected: RejectedConnection[] = [];
  if (value !== undefined && !Array.isArray(value)) {
    const problems = ['openemr.connections must be a list.'];
    return { connections, positions, rejected: [{ index: 0, problems }] };
  }
  ((value ?? []) as unknown[]).forEach((entry, index) => {
    const parsed = connectionSchema.safeParse(entry);
    if (parsed.success && !positions.has(parsed.data.id)) {
      connections.push(parsed.data);
      positions.set(parsed.data.id, index);
      return;
    }
    const problems = parsed.success
      ? [`id: "${parsed.data.id}" is used twice.`]
      : parsed.error.issues.map((issue) => `${issue.path.join('.') || 'entry'}: ${issue.message}`);
    rejected.push({ index, ...namePart(entry), problems });
  });
  return { connections, positions, rejected };
}

function namePart(entry: unknown): { name?: string } {
  const named = z.safeParse(z.object({ name: z.string() }), entry);
  return named.success ? { name: named.data.name } : {};
}
