import * as z from 'zod/mini';
import { fhirStringsSchema } from './fhirStrings.ts';

// What the panel's FHIR sections show. As everywhere, objects are strict and hold no token. What is about a person is
// masked before it gets here, unless somebody revealed it.

const text = z.string().check(z.maxLength(4_000));
const line = z.string().check(z.maxLength(2_048));
const count = z.int().check(z.nonnegative());
const resourceType = z.string().check(z.regex(/^[A-Z][A-Za-z]{0,63}$/));

export const toneSchema = z.enum(['good', 'bad', 'warning', 'neutral']);
export type Tone = z.infer<typeof toneSchema>;

const standing = z.enum(['yes', 'no', 'unknown']);
export type StandingView = z.infer<typeof standing>;

export const scopeRowViewSchema = z.strictObject({
  scope: line,
  meaning: text,
  version: z.optional(z.enum(['v1', 'v2'])),
  /** The same permission in the other notation. */
  counterpart: z.optional(line),
  supported: standing,
  registered: standing,
  requested: z.boolean(),
  granted: standing,
  problems: z.array(text),
});
export type ScopeRowView = z.infer<typeof scopeRowViewSchema>;

const scopesViewSchema = z.strictObject({
  part: z.literal('scopes'),
  rows: z.array(scopeRowViewSchema).check(z.maxLength(2_000)),
  /** What is missing for others to work, a sentence each. */
  missing: z.array(text),
  /** Chosen and not registered: what to do, and which client to delete afterwards. */
  needsRegistration: z.optional(text),
  /** Why a column says "not known". */
  notes: z.array(text),
});
export type ScopesView = z.infer<typeof scopesViewSchema>;

export const matrixCellSchema = z.strictObject({
  verdict: line,
  tone: toneSchema,
  /** A codicon. */
  icon: line,
  label: line,
  ms: z.optional(z.number()),
  diagnosis: text,
});
export type MatrixCell = z.infer<typeof matrixCellSchema>;

const matrixViewSchema = z.strictObject({
  part: z.literal('matrix'),
  state: z.enum(['none', 'running', 'done']),
  rows: z.array(
    z.strictObject({ type: resourceType, records: line, search: matrixCellSchema, read: matrixCellSchema }),
  ),
  total: count,
  summary: line,
});
export type MatrixView = z.infer<typeof matrixViewSchema>;

const timingSchema = z.strictObject({
  title: line,
  /** When each run was, oldest first. */
  runs: z.array(z.number()).check(z.maxLength(10)),
  /** One time a run in milliseconds; `null` where it was not asked then. */
  items: z.array(z.strictObject({ name: line, times: z.array(z.nullable(z.number())) })),
});
const timingViewSchema = z.strictObject({ part: z.literal('timing'), pictures: z.array(timingSchema) });
export type TimingPicture = z.infer<typeof timingSchema>;
export type TimingView = z.infer<typeof timingViewSchema>;

const claimSchema = z.strictObject({ name: line, value: text, note: text });
export type ClaimView = z.infer<typeof claimSchema>;

const tokenPartSchema = z.strictObject({
  title: line,
  checks: z.array(z.strictObject({ name: line, text: line, tone: toneSchema })),
  header: z.array(claimSchema),
  claims: z.array(claimSchema),
});
export type TokenPartView = z.infer<typeof tokenPartSchema>;

const tokenViewSchema = z.strictObject({
  part: z.literal('token'),
  /** Absent without a login. */
  expiresAt: z.optional(z.number()),
  facts: z.array(z.strictObject({ name: line, value: text })),
  tokens: z.array(tokenPartSchema),
  /** The signed-in person's record can be opened. */
  canOpenUser: z.boolean(),
});
export type TokenView = z.infer<typeof tokenViewSchema>;

const explorerRowSchema = z.strictObject({
  index: count,
  id: line,
  what: line,
  state: line,
  about: line,
  updated: line,
  isMasked: z.boolean(),
});
export type ExplorerRow = z.infer<typeof explorerRowSchema>;

const explorerViewSchema = z.strictObject({
  part: z.literal('explorer'),
  types: z.array(z.strictObject({ type: resourceType, records: line, known: line })),
  selected: z.optional(
    z.strictObject({
      type: resourceType,
      parameters: z.array(z.strictObject({ name: line, kind: line })),
    }),
  ),
  result: z.optional(
    z.strictObject({
      type: resourceType,
      from: count,
      count,
      pageSize: count,
      isRunning: z.boolean(),
      text,
      rows: z.array(explorerRowSchema).check(z.maxLength(200)),
    }),
  ),
  /** The sandbox of this window, proved: nothing in it is about a person. */
  isSandbox: z.boolean(),
  isAllRevealed: z.boolean(),
});
export type ExplorerView = z.infer<typeof explorerViewSchema>;

const stringsViewSchema = z.strictObject({ part: z.literal('strings'), strings: fhirStringsSchema });

/** One part of what the FHIR sections show; each replaces the one before. */
export const fhirViewSchema = z.discriminatedUnion('part', [
  stringsViewSchema,
  scopesViewSchema,
  matrixViewSchema,
  timingViewSchema,
  tokenViewSchema,
  explorerViewSchema,
]);
export type FhirView = z.infer<typeof fhirViewSchema>;
export type FhirPart = FhirView['part'];

export const fhirSectionSchema = z.enum(['scopes', 'token', 'explorer']);
export type FhirSection = z.infer<typeof fhirSectionSchema>;

const ask = <const K extends string, S extends z.core.$ZodLooseShape>(kind: K, shape: S) =>
  z.strictObject({ kind: z.literal(kind), ...shape });

/** What the FHIR sections ask for. Views come by `fhir.changed`; the answer says how it ended. */
export const fhirAskSchema = z.discriminatedUnion('kind', [
  ask('open', { section: fhirSectionSchema }),
  ask('probe', {}),
  ask('selectType', { type: resourceType }),
  ask('search', {
    type: resourceType,
    values: z.array(z.strictObject({ name: line, value: line })).check(z.maxLength(60)),
    /** Absent: everything, up to the explorer's cap. */
    limit: z.optional(z.int().check(z.positive(), z.maximum(50_000))),
  }),
  ask('showRows', { from: count }),
  ask('openResource', { index: count }),
  ask('reveal', { index: count }),
  ask('revealAll', {}),
  ask('mask', { index: count }),
  ask('maskAll', {}),
  ask('openUser', {}),
  ask('copyAccessToken', {}),
  ask('exportReport', { format: z.enum(['markdown', 'json', 'junit']) }),
]);
export type FhirAsk = z.infer<typeof fhirAskSchema>;
