import * as z from 'zod/mini';

/** What SecretStorage holds for a signed-in connection. Never PHI: the launch context keeps only an opaque id. */
export const tokenSetSchema = z.object({
  /** Counts every new pair; fences late writers and tells a window that it is behind. */
  generation: z.int().check(z.positive()),
  /** Hash of issuer, client id and base URL: an edited address never receives an old token. */
  boundTo: z.string(),
  accessToken: z.string().check(z.minLength(1)),
  refreshToken: z.optional(z.string().check(z.minLength(1))),
  idToken: z.optional(z.string()),
  /** The id_token of the last interactive login: the only one that OpenEMR's logout accepts. */
  loginIdToken: z.optional(z.string()),
  /** Milliseconds since the epoch, by our clock: time of the answer plus `expires_in`. */
  expiresAt: z.number(),
  /** Seconds that the access token lives in all. */
  lifetimeSeconds: z.number(),
  /** What the login asked for; sent with every refresh (OpenEMR 8.2 fails without). */
  requestedScope: z.string(),
  /** From the access token's `scopes` claim; the answer's `scope` drops every scope with a colon. */
  grantedScopes: z.array(z.string()),
  /** `patient` of the answer (SMART launch context): an opaque id. */
  patient: z.optional(z.string()),
  /** `fhirUser` of the id_token: a FHIR reference. */
  fhirUser: z.optional(z.string()),
  loggedInAt: z.number(),
});

export type TokenSet = z.infer<typeof tokenSetSchema>;

/** What a token endpoint answer says, before it is bound to a connection and stored. */
export type TokenGrant = Pick<
  TokenSet,
  | 'accessToken'
  | 'refreshToken'
  | 'idToken'
  | 'expiresAt'
  | 'lifetimeSeconds'
  | 'grantedScopes'
  | 'patient'
  | 'fhirUser'
>;

/** The states of design: a closed union. Times in milliseconds since the epoch. */
export type TokenState =
  | { readonly kind: 'none' }
  | { readonly kind: 'authorizing' }
  | { readonly kind: 'valid'; readonly expiresAt: number }
  | { readonly kind: 'expiring'; readonly expiresAt: number }
  | { readonly kind: 'refreshing'; readonly expiresAt: number }
  | { readonly kind: 'expired'; readonly expiresAt: number }
  | {
      readonly kind: 'refreshFailed';
      readonly expiresAt: number;
      readonly retryAt: number;
      readonly reason: string;
    }
  | { readonly kind: 'reauthenticationRequired'; readonly reason: string };

export type TokenStateKind = TokenState['kind'];

const expiringShare = 0.2;
const expiringAtMostMs = 5 * 60_000;

/** The state that the clock alone tells. */
export function timedState(tokens: Pick<TokenSet, 'expiresAt' | 'lifetimeSeconds'>, now: number): TokenState {
  const { expiresAt, lifetimeSeconds } = tokens;
  if (now >= expiresAt) return { kind: 'expired', expiresAt };
  const isExpiring = expiresAt - now <= Math.min(expiringAtMostMs, lifetimeSeconds * 1000 * expiringShare);
  return { kind: isExpiring ? 'expiring' : 'valid', expiresAt };
}
