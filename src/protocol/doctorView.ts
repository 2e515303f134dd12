import * as z from 'zod/mini';
import { panelActionSchema, presentedErrorSchema } from './viewModels.ts';

// The doctor and the transcript as the panel shows them. Strict, as everything that crosses; redacted by the host.

const text = z.string().check(z.maxLength(4_000));
const line = z.string().check(z.maxLength(2_048));
const count = z.int().check(z.nonnegative());

export const doctorRowSchema = z.strictObject({
  id: line,
  check: line,
  result: z.enum(['running', 'pass', 'fail', 'warning', 'skipped']),
  ms: z.optional(z.number()),
  /** Of a passed or skipped check: what that means. Of another: what happened. */
  meaning: text,
  /** Most likely why, and what to do. */
  why: z.optional(text),
  remedy: z.optional(text),
  /** The screen or setting in OpenEMR. */
  screen: z.optional(line),
  action: z.optional(panelActionSchema),
  /** Where the documentation says more. */
  documentation: z.optional(line),
  asked: z.array(text),
  came: z.array(text),
});
export type DoctorRow = z.infer<typeof doctorRowSchema>;

export const doctorViewSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('none') }),
  z.strictObject({ state: z.literal('running'), rows: z.array(doctorRowSchema) }),
  z.strictObject({
    state: z.literal('done'),
    rows: z.array(doctorRowSchema),
    startedAt: z.number(),
    durationMs: z.number(),
    /** The id of the row to begin with; absent where all is well. */
    first: z.optional(line),
    wasCancelled: z.boolean(),
  }),
  z.strictObject({ state: z.literal('failed'), error: presentedErrorSchema }),
]);
export type DoctorView = z.infer<typeof doctorViewSchema>;

export const flowKindSchema = z.enum(['login', 'registration', 'refresh', 'test']);

export const exchangeViewSchema = z.strictObject({
  method: line,
  /** Without its query. */
  address: line,
  answer: line,
  isRefused: z.boolean(),
  ms: z.number(),
  /** The request and the answer, line by line. */
  request: z.array(text),
  response: z.array(text),
});
export type ExchangeView = z.infer<typeof exchangeViewSchema>;

export const flowViewSchema = z.strictObject({
  kind: flowKindSchema,
  title: line,
  startedAt: z.number(),
  durationMs: z.number(),
  /** In words; absent where it went well. */
  failure: z.optional(text),
  exchanges: z.array(exchangeViewSchema).check(z.maxLength(250)),
});
export type FlowView = z.infer<typeof flowViewSchema>;

export const doctorPageSchema = z.strictObject({
  doctor: doctorViewSchema,
  flows: z.array(flowViewSchema),
});
export type DoctorPage = z.infer<typeof doctorPageSchema>;

export const transcriptCopySchema = z.strictObject({
  flow: flowKindSchema,
  /** One exchange as curl; absent: the whole flow as Markdown. */
  exchange: z.optional(count),
});
