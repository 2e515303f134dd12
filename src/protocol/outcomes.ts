import * as z from 'zod/mini';
import {
  certificateViewSchema,
  connectionIdSchema,
  discoveryViewSchema,
  draftFieldSchema,
  fieldProblemSchema,
  presentedErrorSchema,
  scopeSchema,
} from './viewModels.ts';
import { panelSectionSchema } from './panelState.ts';

// How each request of the panel can end. Expected refusals are outcomes with a face of their own.

const failed = z.strictObject({ kind: z.literal('failed'), error: presentedErrorSchema });
const cancelled = z.strictObject({ kind: z.literal('cancelled') });
const invalid = z.strictObject({ kind: z.literal('invalid'), problems: z.array(fieldProblemSchema) });
/** Going on ends the login; the panel asks and sends the request again with `confirmed`. */
const signsOut = z.strictObject({ kind: z.literal('signsOut'), message: z.string() });

/** What the probes found out about a client without logging in. */
const clientChecked = z.strictObject({
  kind: z.literal('checked'),
  client: z.enum(['enabled', 'disabled', 'unregistered', 'unclear']),
  redirect: z.enum(['accepted', 'refused', 'unclear']),
  secret: z.enum(['accepted', 'refused', 'unclear']),
});

export const discoverOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('found'), discovery: discoveryViewSchema }),
  /** The server's certificate is vouched for by nobody, or is not the pinned one: the panel asks. */
  z.strictObject({
    kind: z.literal('certificate'),
    certificate: certificateViewSchema,
    error: presentedErrorSchema,
  }),
  invalid,
  failed,
  cancelled,
]);
export type DiscoverOutcome = z.infer<typeof discoverOutcomeSchema>;

export const saveOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('saved'),
    connectionId: connectionIdSchema,
    /** Present where the client was entered by hand and could be looked at. */
    check: z.optional(clientChecked),
  }),
  invalid,
  signsOut,
  failed,
]);
export type SaveOutcome = z.infer<typeof saveOutcomeSchema>;

/** Registering saves the form first, so a connection id comes back. */
export const registerOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('registered'),
    connectionId: connectionIdSchema,
    clientId: z.string(),
    /** What the probe after the registration found. */
    client: z.enum(['enabled', 'disabled', 'unclear']),
  }),
  /** Nothing was registered; each refused scope can be left out with a click. */
  z.strictObject({
    kind: z.literal('scopesRefused'),
    scopes: z.array(scopeSchema).check(z.minLength(1)),
    error: presentedErrorSchema,
  }),
  invalid,
  signsOut,
  failed,
  cancelled,
]);
export type RegisterOutcome = z.infer<typeof registerOutcomeSchema>;

export const clientCheckOutcomeSchema = z.discriminatedUnion('kind', [clientChecked, failed]);
export type ClientCheckOutcome = z.infer<typeof clientCheckOutcomeSchema>;
export type ClientChecked = z.infer<typeof clientChecked>;

/** Log in, refresh, log out, trust a certificate, open API Clients: done with a sentence, failed, or cancelled. */
export const actionOutcomeSchema = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('done'),
    message: z.string(),
    /** Where the panel should take the user now. */
    show: z.optional(z.strictObject({ section: panelSectionSchema, field: z.optional(draftFieldSchema) })),
  }),
  failed,
  cancelled,
]);
export type ActionOutcome = z.infer<typeof actionOutcomeSchema>;

export const validateOutcomeSchema = z.strictObject({
  /** Base URL and site as they would be saved, where the address can be read. */
  address: z.optional(z.strictObject({ baseUrl: z.string(), site: z.string() })),
  problems: z.array(fieldProblemSchema),
});
