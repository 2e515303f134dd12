import * as z from 'zod/mini';
import type { SharedDocument } from '../ports.ts';

const sessionSchema = z.object({
  generation: z.int(),
  boundTo: z.string(),
  /** When this pair was stored: the last success of login or refresh. */
  savedAt: z.number(),
  /** What a schedule needs to know of the tokens, so that an idle window reads no secret. */
  expiresAt: z.optional(z.number()),
  lifetimeSeconds: z.optional(z.number()),
  loggedInAt: z.optional(z.number()),
  canRefresh: z.optional(z.boolean()),
  /** Present while a refresh is on its way; one that is found by somebody else means that its outcome is unknown. */
  refreshMarker: z.optional(z.object({ generation: z.int(), startedAt: z.number() })),
  /** Present where only a new login helps: the code of the error that says why. */
  reauthenticationReason: z.optional(z.string()),
  /** Whether a person was told of that reason, in whichever window. */
  reauthenticationTold: z.optional(z.boolean()),
  /** Present while refreshes fail; `retryAt` holds for all windows. */
  failing: z.optional(
    z.object({
      count: z.int(),
      reason: z.string(),
      failedAt: z.number(),
      retryAt: z.number(),
      /** Whether a person was alerted. */
      told: z.optional(z.boolean()),
    }),
  ),
});

const pendingLoginEntrySchema = z.object({
  connectionId: z.string(),
  /** Hash of issuer and client id: OpenEMR keeps one unredeemed code per user and client. */
  clientKey: z.string(),
  createdAt: z.number(),
  window: z.string(),
  /** Port of the loopback listener, to be opened again after a reload. */
  port: z.optional(z.int()),
  /** Whether its answer was taken and is being redeemed: from then on nobody else may. */
  redeeming: z.optional(z.boolean()),
});

const indexSchema = z.object({
  version: z.literal(1),
  /** Writes to secret storage so far, by all windows. */
  secretWrites: z.int(),
  /** The last write of each of the two windows that wrote last. */
  lastWriters: z.array(z.object({ window: z.string(), at: z.number() })),
  sessions: z.record(z.string(), sessionSchema),
  pendingLogins: z.record(z.string(), pendingLoginEntrySchema),
  /** When somebody last worked in any window; kept only where the idle sign-out is on. */
  lastActivityAt: z.optional(z.number()),
});

export type SessionIndexDocument = z.infer<typeof indexSchema>;
export type SessionEntry = z.infer<typeof sessionSchema>;
export type PendingLoginEntry = z.infer<typeof pendingLoginEntrySchema>;

function emptyIndex(): SessionIndexDocument {
  return { version: 1, secretWrites: 0, lastWriters: [], sessions: {}, pendingLogins: {} };
}

/**
 * What all windows may know about each other's secrets, without a secret in it: tells "never logged in" from "the
 * keychain lost it", and tells a window that its view of secret storage is out of date.
 */
export class SessionIndex {
  readonly #document: SharedDocument;
  #last: { readonly value: unknown; readonly index: SessionIndexDocument } | undefined;

  constructor(document: SharedDocument) {
    this.#document = document;
  }

  /** For looking only: the same document may be given to several. */
  async read(): Promise<SessionIndexDocument> {
    const value = await this.#document.read();
    if (this.#last?.value !== value || value === undefined) this.#last = { value, index: parse(value) };
    return this.#last?.index ?? emptyIndex();
  }

  async session(connectionId: string): Promise<SessionEntry | undefined> {
    return (await this.read()).sessions[connectionId];
  }

  /** Changes the index as one step, safe against other windows. */
  async update(change: (index: SessionIndexDocument) => void): Promise<void> {
    await this.#document.update((current) => {
      const index = parse(current);
      change(index);
      return index;
    });
  }

  async updateSession(connectionId: string, change: (session: SessionEntry) => void): Promise<void> {
    await this.update((index) => {
      const session = index.sessions[connectionId];
      if (session) change(session);
    });
  }
}

function parse(value: unknown): SessionIndexDocument {
  const parsed = indexSchema.safeParse(value);
  return parsed.success ? parsed.data : emptyIndex();
}
