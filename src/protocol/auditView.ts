import * as z from 'zod/mini';

// The audit log as the panel shows it. Strict, as everything that crosses.

const text = z.string().check(z.maxLength(4_000));
const line = z.string().check(z.maxLength(2_048));
const count = z.int().check(z.nonnegative());

export const auditFilterSchema = z.strictObject({
  action: z.optional(z.string().check(z.regex(/^[a-z]+(\.[A-Za-z]+)?$/), z.maxLength(64))),
  outcome: z.optional(z.enum(['started', 'success', 'failure', 'cancelled'])),
});
export type AuditFilterView = z.infer<typeof auditFilterSchema>;

export const auditRowSchema = z.strictObject({
  seq: count,
  /** Milliseconds since the epoch. */
  time: z.number(),
  action: line,
  outcome: z.enum(['started', 'success', 'failure', 'cancelled']),
  outcomeText: line,
  /** The connection's name, or its id where it is gone. */
  connection: line,
  who: line,
  detail: text,
});
export type AuditRow = z.infer<typeof auditRowSchema>;

export const auditPageSchema = z.strictObject({
  rows: z.array(auditRowSchema).check(z.maxLength(500)),
  /** Entries before this one come with the next page; absent at the log's beginning. */
  before: z.optional(count),
  /** What can be filtered by. */
  actions: z.array(z.strictObject({ id: line, label: line })),
  /** Sentences about the log or secret storage that people should know. */
  notices: z.array(text),
  /** Files past the retention time, which can be removed. */
  expiredFiles: count,
});
export type AuditPageView = z.infer<typeof auditPageSchema>;

export const auditVerificationViewSchema = z.strictObject({
  tone: z.enum(['good', 'warning', 'bad']),
  headline: text,
  /** A fact or a problem each. */
  lines: z.array(text).check(z.maxLength(200)),
});
export type AuditVerificationView = z.infer<typeof auditVerificationViewSchema>;
