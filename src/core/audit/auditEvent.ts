import * as z from 'zod/mini';

// What the audit log may hold. Everything is closed: patterns, lists and counts, no free text. A token, secret, address
// with a query or a patient's value finds no field that it fits into.

const connectionId = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));
const errorCode = z.string().check(z.regex(/^[a-z]+(-[a-z]+)*\/[a-z]+(-[a-z]+)*$/), z.maxLength(64));
const count = z.int().check(z.nonnegative());
const resourceType = z.string().check(z.regex(/^[A-Z][A-Za-z]{2,39}$/));

export const auditOutcomes = ['started', 'success', 'failure', 'cancelled'] as const;

/** What of a connection can change; the values themselves are not written down. */
export const connectionFields = [
  'name',
  'baseUrl',
  'site',
  'clientType',
  'clientId',
  'scopes',
  'callback',
  'pinnedCertificate',
  'caFile',
  'environment',
  'other',
] as const;

export const callbackRefusals = ['unsolicited', 'malformed', 'too-many', 'no-state'] as const;

export const weakenings = [
  'caFile',
  'plainHttp',
  'proxyStrictSSL',
  'auditRetention',
  'idleSignOut',
  'maximumSession',
] as const;

const common = {
  /** ISO 8601, UTC, with milliseconds. */
  time: z.string().check(z.regex(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z$/)),
  /** Which window wrote it: a random id of eight digits. */
  window: z.string().check(z.regex(/^[0-9a-f]{8}$/)),
  actor: z.strictObject({
    /** HMAC of the operating system's user name under the installation's salt. */
    os: z.string().check(z.regex(/^[0-9a-f]{16}$/)),
    /** Who is signed in at OpenEMR: a FHIR reference, no name. */
    fhirUser: z.optional(
      z.string().check(z.regex(/^(Practitioner|Person|Patient|RelatedPerson)\/[A-Za-z0-9.-]{1,64}$/)),
    ),
  }),
  connection: z.optional(connectionId),
  outcome: z.enum(auditOutcomes),
  /** Why it failed. */
  code: z.optional(errorCode),
  /** The same in all entries of one action. */
  correlation: z.optional(z.string().check(z.regex(/^[0-9a-f]{8}$/))),
};

const entry = <const A extends string, D extends z.core.$ZodLooseShape>(action: A, detail: D) =>
  z.strictObject({ ...common, action: z.literal(action), detail: z.strictObject(detail) });

/** One entry without its place in the chain. */
export const auditEntrySchema = z.discriminatedUnion('action', [
  entry('connection.changed', {
    change: z.enum(['created', 'edited', 'removed']),
    fields: z.array(z.enum(connectionFields)),
  }),
  entry('client.registered', {}),
  entry('login', {}),
  /** Several of a kind within a minute are one entry. */
  entry('callback.refused', { reason: z.enum(callbackRefusals), count }),
  entry('token.refreshed', {}),
  entry('logout', { endedOnServer: z.boolean() }),
  entry('connection.tested', { passed: count, failed: count }),
  entry('doctor.run', { passed: count, failed: count }),
  entry('fhir.read', { resourceType, count }),
  /** Somebody took the mask off: of one record, or of all until the window closes. */
  entry('fhir.revealed', {
    extent: z.enum(['record', 'session']),
    resourceType: z.optional(resourceType),
  }),
  /** No secret is ever shown; one can be copied. */
  entry('secret.copied', { what: z.enum(['accessToken']) }),
  entry('exported', {
    what: z.enum(['auditLog', 'supportReport', 'testReport', 'connections']),
    format: z.enum(['csv', 'jsonl', 'json', 'text', 'markdown', 'junit']),
  }),
  entry('secrets.reset', { removed: count }),
  entry('certificate.trusted', { sha256: z.string().check(z.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/)) }),
  entry('setting.weakened', { setting: z.enum(weakenings) }),
  entry('log.segmentStarted', {
    reason: z.enum(['first', 'key-unavailable', 'unreadable', 'truncated']),
  }),
  /** An unfinished line at the end was taken off before this entry: a crash, or somebody's edit. */
  entry('log.repaired', { bytes: count }),
  /** Entries that could not be written. */
  entry('log.gap', { entries: count, reason: z.enum(['not-writable', 'invalid']) }),
  /** Written before the files are removed; verification expects the log to begin after `throughSequence`. */
  entry('log.retention', { files: count, throughSequence: count }),
]);

export type AuditEntry = z.infer<typeof auditEntrySchema>;
export type AuditAction = AuditEntry['action'];
export type AuditOutcome = AuditEntry['outcome'];
export type CallbackRefusal = (typeof callbackRefusals)[number];
export type Weakening = (typeof weakenings)[number];

export const auditActions = auditEntrySchema.def.options.map(
  (option) => [...option.def.shape.action.def.values][0],
) as AuditAction[];

/** What happened, as those tell it who did it: time, window and actor are added by the trail. */
export type AuditEvent = AuditEntry extends infer Entry
  ? Entry extends AuditEntry
    ? Omit<Entry, 'time' | 'window' | 'actor'> & {
        /** The `fhirUser` claim, absolute or not. */
        readonly fhirUser?: string | undefined;
      }
    : never
  : never;

/** Where events go. Recording never throws and never delays an action. */
export interface AuditRecorder {
  record(event: AuditEvent): void;
}

/** `https://…/fhir/Person/1` as `Person/1`; undefined for anything else. */
export function fhirReference(fhirUser: string | undefined): string | undefined {
  return /(?:^|\/)((?:Practitioner|Person|Patient|RelatedPerson)\/[A-Za-z0-9.-]{1,64})$/.exec(
    fhirUser ?? '',
  )?.[1];
}
