import * as z from 'zod/mini';
import { auditFilterSchema, auditPageSchema, auditVerificationViewSchema } from './auditView.ts';
import { fhirAskSchema, fhirViewSchema } from './fhirViews.ts';
import {
  actionOutcomeSchema,
  clientCheckOutcomeSchema,
  discoverOutcomeSchema,
  registerOutcomeSchema,
  saveOutcomeSchema,
  validateOutcomeSchema,
} from './outcomes.ts';
import { doctorPageSchema, doctorViewSchema, transcriptCopySchema } from './doctorView.ts';
import { panelSectionSchema } from './panelState.ts';
import { panelStringsSchema } from './panelStrings.ts';
import {
  connectionDraftSchema,
  draftFieldSchema,
  fingerprintSchema,
  panelViewModelSchema,
  presentedErrorSchema,
  testViewSchema,
} from './viewModels.ts';

// Two closed unions. The panel asks with an id of its own; the host answers `<request>.result` or `request.failed`
// with the same id, and tells of changes by messages without one. Which connection a request is about is the host's
// knowledge: a page cannot name another.

const requestId = z.int().check(z.positive());
const draft = connectionDraftSchema;
const clientSecret = z.optional(z.string().check(z.minLength(1), z.maxLength(4_096)));
const confirmed = z.boolean();

/** Work that takes long enough to be cancelled. One of each at a time. */
export const operationSchema = z.enum([
  'probe',
  'search',
  'discover',
  'register',
  'logIn',
  'test',
  'doctor',
  'action',
]);
export type Operation = z.infer<typeof operationSchema>;

const request = <const T extends string, S extends z.core.$ZodLooseShape>(type: T, shape: S) =>
  z.strictObject({ type: z.literal(type), id: requestId, ...shape });

export const panelRequestSchema = z.discriminatedUnion('type', [
  request('panel.ready', {}),
  request('connection.validate', { draft }),
  request('connection.discover', { draft }),
  request('connection.trustCertificate', { draft, sha256: fingerprintSchema }),
  request('connection.save', { draft, clientSecret, confirmed }),
  request('connection.test', {}),
  request('client.register', { draft, confirmed }),
  request('client.check', {}),
  request('client.openApiClients', {}),
  request('session.logIn', {}),
  request('session.refresh', {}),
  request('session.logOut', {}),
  request('action.run', { actionId: z.string().check(z.maxLength(256)) }),
  request('audit.page', { filter: auditFilterSchema, before: z.optional(z.int().check(z.positive())) }),
  request('audit.verify', {}),
  request('audit.export', { format: z.enum(['csv', 'jsonl']) }),
  request('audit.removeExpired', {}),
  request('doctor.open', {}),
  request('doctor.run', {}),
  request('doctor.report', {}),
  request('transcript.copy', transcriptCopySchema.shape),
  request('certificate.forget', {}),
  request('fhir.ask', { ask: fhirAskSchema }),
  request('operation.cancel', { operation: operationSchema }),
]);
export type PanelRequest = z.infer<typeof panelRequestSchema>;
export type PanelRequestType = PanelRequest['type'];

export const readyResultSchema = z.strictObject({
  strings: panelStringsSchema,
  /** BCP 47, for dates and numbers. */
  language: z.string(),
  viewModel: panelViewModelSchema,
  test: testViewSchema,
  /** What is under way: a page that was hidden finds it again. */
  operation: z.optional(operationSchema),
});
export type ReadyResult = z.infer<typeof readyResultSchema>;

const emptyResultSchema = z.strictObject({});

const result = <const T extends PanelRequestType, S extends z.core.$ZodType>(type: T, schema: S) =>
  z.strictObject({ type: z.literal(`${type}.result` as const), id: requestId, result: schema });

const resultSchemas = [
  result('panel.ready', readyResultSchema),
  result('connection.validate', validateOutcomeSchema),
  result('connection.discover', discoverOutcomeSchema),
  result('connection.trustCertificate', actionOutcomeSchema),
  result('connection.save', saveOutcomeSchema),
  result('connection.test', emptyResultSchema),
  result('client.register', registerOutcomeSchema),
  result('client.check', clientCheckOutcomeSchema),
  result('client.openApiClients', actionOutcomeSchema),
  result('session.logIn', actionOutcomeSchema),
  result('session.refresh', actionOutcomeSchema),
  result('session.logOut', actionOutcomeSchema),
  result('action.run', actionOutcomeSchema),
  result('audit.page', auditPageSchema),
  result('audit.verify', auditVerificationViewSchema),
  result('audit.export', actionOutcomeSchema),
  result('audit.removeExpired', actionOutcomeSchema),
  result('doctor.open', doctorPageSchema),
  result('doctor.run', emptyResultSchema),
  result('doctor.report', actionOutcomeSchema),
  result('transcript.copy', actionOutcomeSchema),
  result('certificate.forget', actionOutcomeSchema),
  result('fhir.ask', actionOutcomeSchema),
  result('operation.cancel', emptyResultSchema),
] as const;

export const hostMessageSchema = z.discriminatedUnion('type', [
  ...resultSchemas,
  z.strictObject({ type: z.literal('request.failed'), id: requestId, error: presentedErrorSchema }),
  z.strictObject({ type: z.literal('panel.changed'), viewModel: panelViewModelSchema }),
  z.strictObject({ type: z.literal('test.changed'), test: testViewSchema }),
  z.strictObject({ type: z.literal('doctor.changed'), doctor: doctorViewSchema }),
  z.strictObject({ type: z.literal('transcript.changed') }),
  z.strictObject({ type: z.literal('fhir.changed'), view: fhirViewSchema }),
  z.strictObject({ type: z.literal('operation.changed'), operation: z.optional(operationSchema) }),
  z.strictObject({ type: z.literal('audit.progress'), share: z.number() }),
  z.strictObject({ type: z.literal('audit.changed') }),
  z.strictObject({
    type: z.literal('panel.show'),
    section: panelSectionSchema,
    /** What gets the focus: a field, or the button that leads on. */
    field: z.optional(z.union([draftFieldSchema, z.literal('next')])),
    /** Ask the server at once: what was just entered elsewhere is to be looked at here. */
    discover: z.optional(z.boolean()),
  }),
]);
export type HostMessage = z.infer<typeof hostMessageSchema>;

type Results = {
  [
    Message in Extract<HostMessage, { result: unknown }> as Message['type'] extends `${infer T}.result`
      ? T
      : never
  ]: Message['result'];
};
/** What the host answers to a request of this type. */
export type ResultOf<T extends PanelRequestType> = Results[T];

/** What a request of this type says besides its type and id. */
export type RequestContent<T extends PanelRequestType> = Omit<
  Extract<PanelRequest, { type: T }>,
  'type' | 'id'
>;
