import * as z from 'zod/mini';
import { connectionSchema, type Connection } from './connection.ts';

/**
 * What goes into a file: no secret (none is in settings), no path of this computer, and no certificate, for a file
 * must not be able to make anybody trust a server.
 */
const exchangedShape = {
  name: connectionSchema.shape.name,
  baseUrl: connectionSchema.shape.baseUrl,
  site: connectionSchema.shape.site,
  clientType: connectionSchema.shape.clientType,
  clientId: connectionSchema.shape.clientId,
  scopes: connectionSchema.shape.scopes,
  callback: connectionSchema.shape.callback,
  registeredRedirectUris: connectionSchema.shape.registeredRedirectUris,
  registeredScopes: connectionSchema.shape.registeredScopes,
  environment: connectionSchema.shape.environment,
} as const;

const exchangedConnectionSchema = z.strictObject({
  id: z.optional(connectionSchema.shape.id),
  ...exchangedShape,
});

/** A file of connections, as media/connections.schema.json describes it to editors. */
export const connectionFileSchema = z.strictObject({
  $schema: z.optional(z.string()),
  version: z.literal(1),
  connections: z.array(exchangedConnectionSchema).check(z.maxLength(1_000)),
});
export type ExchangedConnection = z.infer<typeof exchangedConnectionSchema>;

/** The connections as the text of a file. */
export function connectionFileText(connections: readonly Connection[]): string {
  const entries = connections.map((connection) =>
    Object.fromEntries(
      Object.entries(connection).filter(([name]) => name in exchangedConnectionSchema.shape),
    ),
  );
  return `${JSON.stringify({ version: 1, connections: entries }, undefined, 2)}\n`;
}

/** What a file holds, or in which places it is no file of connections: paths, never its values. */
export function parseConnectionFile(
  text: string,
): { connections: ExchangedConnection[] } | { problems: string[] } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problems: ['JSON'] };
  }
  const parsed = connectionFileSchema.safeParse(value);
  if (parsed.success) return { connections: parsed.data.connections };
  return { problems: [...new Set(parsed.error.issues.map(placeOf))].slice(0, 10) };
}

function placeOf(issue: z.core.$ZodIssue): string {
  const keys = issue.code === 'unrecognized_keys' ? issue.keys : [];
  return [...issue.path, ...keys].join('.') || 'file';
}

export interface ImportPlan {
  readonly added: readonly Connection[];
  /** Names of those that are there already, to the letter. */
  readonly present: readonly string[];
}

/**
 * What an import adds: nothing that exists is touched. An id that is taken is made anew, a name that is taken gets a
 * number.
 */
export function planImport(
  entries: readonly ExchangedConnection[],
  existing: readonly Connection[],
  newId: () => string,
): ImportPlan {
  const ids = new Set(existing.map(({ id }) => id));
  const names = new Set(existing.map(({ name }) => name));
  const known = new Set(existing.map(identityOf));
  const added: Connection[] = [];
  const present: string[] = [];
  for (const entry of entries) {
    if (known.has(identityOf(entry))) {
      present.push(entry.name);
      continue;
    }
    const id = entry.id !== undefined && !ids.has(entry.id) ? entry.id : newId();
    const connection = { ...entry, id, name: freeName(entry.name, names) };
    ids.add(id);
    names.add(connection.name);
    known.add(identityOf(entry));
    added.push(connection);
  }
  return { added, present };
}

function identityOf({ name, baseUrl, site, clientId }: ExchangedConnection): string {
  return JSON.stringify([name, baseUrl, site, clientId ?? '']);
}

const maxNameLength = 80;

/** The name itself where nobody has it, else with the next free number. */
export function freeName(name: string, taken: ReadonlySet<string>): string {
  if (!taken.has(name)) return name;
  for (let number = 2; ; number++) {
    const suffix = ` (${number})`;
    const candidate = `${name.slice(0, maxNameLength - suffix.length)}${suffix}`;
    if (!taken.has(candidate)) return candidate;
  }
}
