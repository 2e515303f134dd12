import * as z from 'zod/mini';

// What the panel shows. Every object is strict, so that a token or secret which strays into one fails to parse
// instead of crossing over. Times are milliseconds since the epoch.

const text = z.string().check(z.maxLength(4_000));
const line = z.string().check(z.maxLength(2_048));
/** What people type or paste before anybody has looked at it: validation says in words what is too long. */
const typed = z.string().check(z.maxLength(32_000));
const identifier = z.string().check(z.regex(/^[A-Za-z0-9_-]{1,64}$/));
const scope = z.string().check(z.minLength(1), z.maxLength(256));
const sha256 = z.string().check(z.regex(/^([0-9A-F]{2}:){31}[0-9A-F]{2}$/));
const count = z.int().check(z.nonnegative());

export const connectionIdSchema = identifier;
export const fingerprintSchema = sha256;
export const scopeSchema = scope;
/** What a server is for; production holds real patients. */
export const environmentSchema = z.enum(['production', 'test', 'training']);
export type EnvironmentName = z.infer<typeof environmentSchema>;
export const clientTypeSchema = z.enum(['confidential', 'public']);
export const callbackSchema = z.enum(['automatic', 'vscode-uri', 'loopback', 'paste']);

/** A button that an error or a test row offers. The host knows what the id means. */
export const panelActionSchema = z.strictObject({ id: line, label: line });
export type PanelAction = z.infer<typeof panelActionSchema>;

/** A failure in three sentences and a button; `details` are lines for the curious, already redacted. */
export const presentedErrorSchema = z.strictObject({
  code: line,
  happened: text,
  why: text,
  remedy: text,
  action: z.optional(panelActionSchema),
  details: z.optional(z.array(text)),
});
export type PresentedError = z.infer<typeof presentedErrorSchema>;

/** The form as it stands, valid or not. The client secret is never part of it. */
export const connectionDraftSchema = z.strictObject({
  name: typed,
  baseUrl: typed,
  site: typed,
  clientType: clientTypeSchema,
  clientId: typed,
  scopes: z.array(scope).check(z.maxLength(2_000)),
  callback: callbackSchema,
});
export type ConnectionDraft = z.infer<typeof connectionDraftSchema>;

export const draftFieldSchema = z.enum([
  'name',
  'baseUrl',
  'site',
  'clientType',
  'clientId',
  'clientSecret',
  'scopes',
  'callback',
]);
export type DraftField = z.infer<typeof draftFieldSchema>;

/** `error` keeps the draft from being saved; `hint` says what will happen ("Will be saved as https://…"). */
export const fieldProblemSchema = z.strictObject({
  field: draftFieldSchema,
  severity: z.enum(['error', 'hint']),
  message: text,
});
export type FieldProblem = z.infer<typeof fieldProblemSchema>;

/** A permission with what it allows in plain words and the client types that OpenEMR gives it to. */
export const scopeChoiceSchema = z.strictObject({
  scope,
  explanation: text,
  allowedFor: z.array(clientTypeSchema),
});
export type ScopeChoice = z.infer<typeof scopeChoiceSchema>;

/** The next thing to do; every step before it is done. `done`: all five are. */
export const pathStepSchema = z.enum(['connect', 'register', 'enable', 'logIn', 'verify', 'done']);
export type PathStep = z.infer<typeof pathStepSchema>;

export const sessionViewSchema = z.strictObject({
  /** Where the login stands: the token states of the core. */
  state: z.enum([
    'none',
    'authorizing',
    'valid',
    'expiring',
    'refreshing',
    'expired',
    'refreshFailed',
    'reauthenticationRequired',
  ]),
  /** The state in words: "Signed in", "Signed out", "Offline, retrying", "Log in again". */
  label: line,
  tone: z.enum(['good', 'busy', 'warning', 'bad', 'neutral']),
  expiresAt: z.optional(z.number()),
  loggedInAt: z.optional(z.number()),
  /** Whether a refresh token is there, so that Refresh token can work. */
  canRefresh: z.boolean(),
  scopesGranted: z.array(scope),
  /** Asked for and not granted. */
  scopesMissing: z.array(scope),
  /** Who is signed in or whose data it is, in words without patient names. */
  user: z.optional(line),
  lastFailure: z.optional(presentedErrorSchema),
  /** How the login is kept alive: whether by itself, failures, last success, next attempt; a sentence each. */
  keptAlive: z.optional(z.array(line)),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

export const discoveryDocumentSchema = z.strictObject({
  /** "OpenID configuration", "SMART configuration", "Capability statement". */
  name: line,
  url: line,
  state: z.enum(['read', 'missing', 'invalid']),
  /** What it says, a sentence a line. */
  says: z.array(text),
});
export type DiscoveryDocument = z.infer<typeof discoveryDocumentSchema>;

export const discoveryViewSchema = z.strictObject({
  /** The address and site in their plain form; the panel fills them in. */
  baseUrl: line,
  site: line,
  openEmrVersion: z.optional(line),
  fhirVersion: z.optional(line),
  documents: z.array(discoveryDocumentSchema),
  /** Where the documents contradict each other or what was entered, and what the workbench does about it. */
  contradictions: z.array(text),
  scopeChoices: z.array(scopeChoiceSchema),
});
export type DiscoveryView = z.infer<typeof discoveryViewSchema>;

export const certificateViewSchema = z.strictObject({
  subject: line,
  issuer: line,
  validFrom: z.number(),
  validTo: z.number(),
  sha256,
  selfSigned: z.boolean(),
});
export type CertificateView = z.infer<typeof certificateViewSchema>;

/** A client that this workbench registered at the connection's site. */
export const registeredClientSchema = z.strictObject({
  clientId: line,
  name: line,
  registeredAt: z.number(),
  isCurrent: z.boolean(),
});

export const clientStateSchema = z.enum(['none', 'unknown', 'disabled', 'enabled']);

export const patientCountSchema = z.strictObject({ count, atLeast: z.boolean() });

/** One check of the connection test. A row with a known id replaces the earlier one. */
export const testRowSchema = z.strictObject({
  id: identifier,
  check: line,
  result: z.enum(['running', 'pass', 'fail', 'warning', 'skipped']),
  ms: z.optional(z.number()),
  meaning: text,
  /** What was asked and what came back, redacted, a line each. */
  details: z.optional(z.array(text)),
  action: z.optional(panelActionSchema),
  /** On the row that counted patients. */
  patientCount: z.optional(patientCountSchema),
});
export type TestRow = z.infer<typeof testRowSchema>;

export const testReportSchema = z.strictObject({
  rows: z.array(testRowSchema),
  startedAt: z.number(),
  durationMs: z.number(),
  openEmrVersion: z.optional(line),
  fhirVersion: z.optional(line),
  scopesGranted: z.array(scope),
  /** `patient`: everything was seen in one patient's context. */
  context: z.enum(['user', 'patient']),
  wasCancelled: z.boolean(),
});
export type TestReport = z.infer<typeof testReportSchema>;

/** The test as the panel shows it; kept by the host, so that a hidden page finds it again. */
export const testViewSchema = z.discriminatedUnion('state', [
  z.strictObject({ state: z.literal('none') }),
  z.strictObject({ state: z.literal('running'), rows: z.array(testRowSchema) }),
  z.strictObject({ state: z.literal('done'), report: testReportSchema }),
  z.strictObject({ state: z.literal('failed'), error: presentedErrorSchema }),
]);
export type TestView = z.infer<typeof testViewSchema>;

export const panelViewModelSchema = z.strictObject({
  /** Absent for a connection that was never saved. */
  connectionId: z.optional(connectionIdSchema),
  /** What is saved; for a new connection what the form starts with. */
  saved: connectionDraftSchema,
  hasClientSecret: z.boolean(),
  environment: z.optional(environmentSchema),
  step: pathStepSchema,
  clientState: clientStateSchema,
  session: sessionViewSchema,
  /** What can be ticked: defaults of both types, what is saved, what the server offered last. */
  scopeChoices: z.array(scopeChoiceSchema),
  defaultScopes: z.strictObject({ confidential: z.array(scope), public: z.array(scope) }),
  clients: z.array(registeredClientSchema),
  /** What the last Discover of this connection found. */
  discovery: z.optional(discoveryViewSchema),
  pinnedCertificate: z.optional(z.strictObject({ sha256 })),
  lastTest: z.optional(testReportSchema),
  /** Something about the connection as a whole: lost keychain entry, another window is ahead. */
  notice: z.optional(presentedErrorSchema),
});
export type PanelViewModel = z.infer<typeof panelViewModelSchema>;
