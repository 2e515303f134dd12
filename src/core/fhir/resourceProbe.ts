import * as z from 'zod/mini';
import { isWorkbenchError, toWorkbenchError, WorkbenchError } from '../base/errors.ts';
import type { GetTransport } from '../http/httpTransport.ts';
import { parseJson } from '../http/json.ts';
import type { FhirAccess } from '../oauth/scopeAnalysis.ts';
import type { ConcurrencyLimit } from './concurrencyLimit.ts';
import { fhirGet } from './fhirClient.ts';
import {
  isAllowed,
  permissionFor,
  verdictOf,
  type Permission,
  type ProbeAnswer,
  type ProbedLogin,
  type Verdict,
} from './probeVerdict.ts';
import type { ResourceDescription } from './searchParameters.ts';

/** One cell of the matrix; nothing of a record is in it. */
export interface ProbeCell {
  readonly verdict: Verdict;
  readonly permission: Permission;
  /** Milliseconds; absent where nothing was sent. */
  readonly durationMs?: number;
  readonly error?: WorkbenchError;
}

export interface ProbeRow {
  readonly type: string;
  readonly search: ProbeCell;
  readonly read: ProbeCell;
}

/** A row on its way: searches go first, so that its read may still wait. */
export interface ProbeProgress {
  readonly type: string;
  readonly search: ProbeCell;
  readonly read?: ProbeCell;
}

export interface ProbeOptions {
  readonly transport: GetTransport;
  readonly fhirBaseUrl: string;
  readonly resources: readonly ResourceDescription[];
  readonly login: ProbedLogin & { readonly accessToken: string };
  /** Shared with whatever else asks this server. */
  readonly limit: ConcurrencyLimit;
  /** Milliseconds that each type took in the last run. */
  readonly lastDurations?: Readonly<Record<string, number>>;
  /** Called for each row after its search, and again after its read. */
  readonly onProgress?: (row: ProbeProgress) => void;
  readonly signal?: AbortSignal;
  /** Milliseconds, of any origin. */
  readonly now?: () => number;
}

/** More than this at a time gains nothing, and a real OpenEMR 7.0 takes several times as long at sixteen. */
export const probesAtATime = 4;

/** An id that no record has: whether reading is allowed shows in how it is not found. */
const nobody = '00000000-0000-4000-8000-000000000000';
/** Far the slowest type of real servers, for the first run. */
const slowByReputation: Readonly<Record<string, number>> = { Provenance: 500 };
const probeMaxBytes = 2 * 1024 * 1024;
const probeTimeoutMs = 30_000;

const bundleSchema = z.looseObject({
  resourceType: z.literal('Bundle'),
  entry: z.optional(
    z.array(z.looseObject({ resource: z.optional(z.looseObject({ id: z.optional(z.string()) })) })),
  ),
});

/** What is granted comes first, the slowest of the last run first of all, so that nothing waits for it at the end. */
export function probeOrder(
  resources: readonly ResourceDescription[],
  login: ProbedLogin,
  lastDurations: Readonly<Record<string, number>> = {},
): ResourceDescription[] {
  const isGranted = ({ type }: ResourceDescription): boolean =>
    (['search', 'read'] as const).some((access) =>
      ['user', 'patient'].includes(permissionFor(login, type, access)),
    );
  const expected = ({ type }: ResourceDescription): number =>
    lastDurations[type] ?? slowByReputation[type] ?? 0;
  return resources.toSorted(
    (a, b) => Number(isGranted(b)) - Number(isGranted(a)) || expected(b) - expected(a),
  );
}

/**
 * Asks for one record of every type, by search and by id, and says what the login may do. Sends nothing but GET, by
 * type; never refreshes a token; keeps nothing of what comes back but whether there was something.
 *
 * Never throws: refusals are cells; after an abort the cells that are left are `cancelled`.
 */
export async function probeResources(options: ProbeOptions): Promise<ProbeRow[]> {
  const { resources, login, lastDurations, limit, onProgress } = options;
  const rows = new Map<string, ProbeRow>();
  const searched = probeOrder(resources, login, lastDurations).map((description) =>
    limit(() => probeSearch(options, description)).then(async ({ cell, id }) => {
      onProgress?.({ type: description.type, search: cell });
      const read = await limit(() => probeRead(options, description, id));
      const row = { type: description.type, search: cell, read };
      rows.set(description.type, row);
      onProgress?.(row);
    }),
  );
  await Promise.all(searched);
  return resources.flatMap(({ type }) => rows.get(type) ?? []);
}

async function probeSearch(
  options: ProbeOptions,
  { type, canSearch }: ResourceDescription,
): Promise<{ cell: ProbeCell; id?: string | undefined }> {
  const permission = permissionFor(options.login, type, 'search');
  if (!canSearch) return { cell: { verdict: 'not-offered', permission } };
  let id: string | undefined;
  const cell = await probe(options, permission, `${type}?_count=1`, (text) => {
    const parsed = parseJson(text);
    const bundle = 'value' in parsed ? bundleSchema.safeParse(parsed.value).data : undefined;
    if (!bundle) throw new WorkbenchError('fhir/invalid-response', { details: { resource: type } });
    id = bundle.entry?.[0]?.resource?.id;
    return { kind: 'entries', found: (bundle.entry?.length ?? 0) > 0 };
  });
  return { cell, id };
}

async function probeRead(
  options: ProbeOptions,
  { type, canRead }: ResourceDescription,
  foundId: string | undefined,
): Promise<ProbeCell> {
  const { login } = options;
  const permission = permissionFor(login, type, 'read');
  if (!canRead) return { verdict: 'not-offered', permission };
  const ownPatient = type === 'Patient' ? login.patient : undefined;
  const id = foundId ?? ownPatient ?? nobody;
  return probe(options, permission, `${type}/${encodeURIComponent(id)}`, () => ({
    kind: 'entries',
    found: true,
  }));
}

async function probe(
  options: ProbeOptions,
  permission: Permission,
  path: string,
  read: (text: string) => ProbeAnswer,
): Promise<ProbeCell> {
  const { transport, fhirBaseUrl, login, signal, now = () => performance.now() } = options;
  if (signal?.aborted) return { verdict: 'cancelled', permission };
  const startedAt = now();
  const took = (): number => Math.max(0, now() - startedAt);
  try {
    const { text } = await fhirGet(transport, {
      url: `${fhirBaseUrl}/${path}`,
      accessToken: login.accessToken,
      signal,
      timeoutMs: probeTimeoutMs,
      maxBytes: probeMaxBytes,
    });
    return { verdict: verdictOf(read(text), permission), permission, durationMs: took() };
  } catch (thrown) {
    const error = toWorkbenchError(thrown);
    const verdict = verdictOf(answerOf(error, path), permission);
    return { verdict, permission, durationMs: took(), error };
  }
}

/** A 404 for our own made-up id is what an allowed read looks like, unless the server says there is no such route. */
function answerOf(error: WorkbenchError, path: string): ProbeAnswer {
  const isNobody = isWorkbenchError(error, 'fhir/not-found') && path.endsWith(nobody);
  if (isNobody && error.details['body'] === 'empty-list') return { kind: 'no-such-record' };
  return { kind: 'refused', code: error.code };
}

/** The cells in numbers. */
export function matrixCounts(rows: readonly ProbeRow[]): { allowed: number; refused: number; asked: number } {
  const cells = rows.flatMap(({ search, read }) => [search, read]);
  const asked = cells.filter(({ durationMs }) => durationMs !== undefined);
  const allowed = asked.filter(({ verdict }) => isAllowed(verdict)).length;
  return { allowed, refused: asked.length - allowed, asked: asked.length };
}

/** Which accesses a row holds, in the order of its columns. */
export const probeAccesses: readonly FhirAccess[] = ['search', 'read'];
