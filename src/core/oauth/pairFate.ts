import { isWorkbenchError } from '../base/errors.ts';
import { fhirGet } from '../fhir/fhirClient.ts';
import { oauthMaxBytes, oauthTimeoutMs, type HttpTransport } from '../http/httpTransport.ts';
import type { AuthorizationServerMetadata } from './authorizationServerMetadata.ts';
import { introspect, type ClientCredentials } from './introspection.ts';
import type { TokenSet } from './tokenSet.ts';

/** Whether a pair still works after a refresh whose answer never came. */
export type PairFate = 'alive' | 'spent' | 'unknown';

export interface PairFateQuestion {
  readonly transport: HttpTransport;
  readonly metadata: AuthorizationServerMetadata;
  readonly client: ClientCredentials;
  readonly fhirBaseUrl: string;
  readonly tokens: Pick<TokenSet, 'accessToken' | 'refreshToken' | 'expiresAt'>;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly signal?: AbortSignal | undefined;
}

/** No patient has it, so that nothing about a patient comes back. */
const noPatient = '00000000-0000-0000-0000-000000000000';

/**
 * Asks the server what became of a pair: introspection of the refresh token (RFC 7662) where it tells, else FHIR,
 * which refuses an access token as soon as its pair was rotated. Spends nothing.
 *
 * Throws WorkbenchError `fhir/signed-out`, `http/*` and the errors of the transport: then nothing is known yet.
 */
export async function fateOfPair(question: PairFateQuestion): Promise<PairFate> {
  const { transport, metadata, client, tokens, signal } = question;
  const { refreshToken } = tokens;
  if (refreshToken !== undefined) {
    const { active, status } = await introspect(
      transport,
      metadata,
      client,
      refreshToken,
      'refresh_token',
      signal,
    );
    if (active) return 'alive';
    // A bare "inactive" is also what 8.2 says to a client that it does not trust.
    if (active === false && status !== undefined) return 'spent';
  }
  return fateByFhir(question);
}

async function fateByFhir({
  transport,
  fhirBaseUrl,
  tokens,
  now,
  signal,
}: PairFateQuestion): Promise<PairFate> {
  if (tokens.expiresAt <= now) return 'unknown';
  try {
    await fhirGet(transport, {
      url: `${fhirBaseUrl}/Patient/${noPatient}`,
      accessToken: tokens.accessToken,
      timeoutMs: oauthTimeoutMs,
      maxBytes: oauthMaxBytes,
      signal,
    });
    return 'alive';
  } catch (error) {
    if (isWorkbenchError(error, 'fhir/not-found')) return 'alive';
    if (isWorkbenchError(error, 'fhir/token-refused')) return 'spent';
    // 7.0 answers a missing scope and a token that its database has forgotten alike.
    if (isWorkbenchError(error, 'fhir/access-refused', 'fhir/api-disabled')) return 'unknown';
    throw error;
  }
}
