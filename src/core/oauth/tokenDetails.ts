import { createPublicKey, verify, type JsonWebKey } from 'node:crypto';
import * as z from 'zod/mini';
import { isWorkbenchError } from '../base/errors.ts';
import { oauthMaxBytes, oauthTimeoutMs, type GetTransport } from '../http/httpTransport.ts';
import { parseJsonResponse } from '../http/json.ts';
import { decodeJwt, type DecodedJwt } from './jwt.ts';
import { grantsAccess, readScopeFor } from './scopeAnalysis.ts';
import type { TokenSet } from './tokenSet.ts';

/** `unchecked`: the server's keys could not be read, or the algorithm is none of those that are known. */
export type SignatureState = 'valid' | 'invalid' | 'unchecked';
/** `absent`: the token does not say. */
export type Comparison = 'same' | 'other' | 'absent';

/** What a token says of itself, without the token. Times in milliseconds since the epoch. */
export interface TokenAnatomy {
  readonly header: Readonly<Record<string, unknown>>;
  readonly claims: Readonly<Record<string, unknown>>;
  readonly signature: SignatureState;
  readonly issuer: Comparison;
  readonly audience: Comparison;
  readonly issuedAt?: number;
  readonly notBefore?: number;
  readonly expiresAt?: number;
}

/** Who the login belongs to, as far as the token tells. */
export interface FhirUser {
  /** `Person/…`, `Patient/…`: type and id out of the address. */
  readonly reference: string;
  readonly type: string;
  /** The scope without which the record behind it cannot be read; absent where it was granted. */
  readonly missingScope?: string;
}

export interface TokenDetails {
  /** `undefined` where the access token is opaque. */
  readonly accessToken: TokenAnatomy | undefined;
  readonly idToken: TokenAnatomy | undefined;
  readonly expiresAt: number;
  readonly lifetimeSeconds: number;
  readonly loggedInAt: number;
  readonly grantedScopes: readonly string[];
  readonly hasRefreshToken: boolean;
  readonly hasPatientContext: boolean;
  readonly user?: FhirUser;
}

export interface TokenDetailsContext {
  readonly tokens: TokenSet;
  readonly issuer: string;
  readonly clientId: string;
  readonly supportedScopes: readonly string[] | undefined;
  /** The keys of the server's JWKS; `undefined` where they could not be read. */
  readonly keys: readonly JsonWebKey[] | undefined;
}

const keySetSchema = z.looseObject({ keys: z.array(z.looseObject({ kty: z.string() })) });

/** The server's signing keys (RFC 7517 §5). Throws WorkbenchError `discovery/invalid-metadata`, `http/*`, `network/*`. */
export async function fetchSigningKeys(
  transport: GetTransport,
  jwksUri: string,
  signal?: AbortSignal,
): Promise<JsonWebKey[]> {
  const limits = { timeoutMs: oauthTimeoutMs, maxBytes: oauthMaxBytes };
  const response = await transport.send({ method: 'GET', url: jwksUri, signal, ...limits });
  const expected = { url: jwksUri, invalidShape: 'discovery/invalid-metadata' } as const;
  return parseJsonResponse(response, keySetSchema, expected).keys;
}

/** The same, or `undefined` where the server does not give them: details are worth showing without. */
export async function signingKeysIfReadable(
  transport: GetTransport,
  jwksUri: string,
  signal?: AbortSignal,
): Promise<JsonWebKey[] | undefined> {
  try {
    return await fetchSigningKeys(transport, jwksUri, signal);
  } catch (error) {
    if (isWorkbenchError(error) && error.code !== 'operation/cancelled') return undefined;
    throw error;
  }
}

export function tokenDetails(context: TokenDetailsContext): TokenDetails {
  const { tokens } = context;
  const user = fhirUserOf(tokens, context.supportedScopes);
  return {
    accessToken: anatomy(tokens.accessToken, context),
    idToken: tokens.idToken ? anatomy(tokens.idToken, context) : undefined,
    expiresAt: tokens.expiresAt,
    lifetimeSeconds: tokens.lifetimeSeconds,
    loggedInAt: tokens.loggedInAt,
    grantedScopes: tokens.grantedScopes,
    hasRefreshToken: tokens.refreshToken !== undefined,
    hasPatientContext: tokens.patient !== undefined,
    ...(user ? { user } : {}),
  };
}

function anatomy(token: string, { issuer, clientId, keys }: TokenDetailsContext): TokenAnatomy | undefined {
  const decoded = decodeJwt(token);
  if (!decoded) return undefined;
  const { header, claims, issuedAt, notBefore, expiresAt } = decoded;
  return {
    header,
    claims,
    signature: checkSignature(token, decoded, keys),
    issuer: claims['iss'] === undefined ? 'absent' : claims['iss'] === issuer ? 'same' : 'other',
    audience: audienceOf(claims['aud'], clientId),
    ...(issuedAt === undefined ? {} : { issuedAt }),
    ...(notBefore === undefined ? {} : { notBefore }),
    ...(expiresAt === undefined ? {} : { expiresAt }),
  };
}

function audienceOf(audience: unknown, clientId: string): Comparison {
  if (audience === undefined) return 'absent';
  return [audience].flat().includes(clientId) ? 'same' : 'other';
}

const digests: Readonly<Record<string, string>> = {
  RS256: 'sha256',
  RS384: 'sha384',
  RS512: 'sha512',
  ES256: 'sha256',
};

/** RFC 7515 §5.2, with each key in turn where the header names none: OpenEMR gives its one key no `kid`. */
export function checkSignature(
  token: string,
  { header }: Pick<DecodedJwt, 'header'>,
  keys: readonly JsonWebKey[] | undefined,
): SignatureState {
  const algorithm = typeof header['alg'] === 'string' ? header['alg'] : '';
  const digest = digests[algorithm];
  if (!keys || !digest) return 'unchecked';
  const kty = algorithm.startsWith('RS') ? 'RSA' : 'EC';
  const kid = header['kid'];
  const candidates = keys.filter(
    (key) => key.kty === kty && (kid === undefined || key['kid'] === undefined || key['kid'] === kid),
  );
  if (candidates.length === 0) return 'unchecked';
  const [head = '', body = '', signature = ''] = token.split('.');
  const signed = Buffer.from(`${head}.${body}`, 'ascii');
  const bytes = Buffer.from(signature, 'base64url');
  return candidates.some((key) => verifies(digest, signed, key, bytes)) ? 'valid' : 'invalid';
}

function verifies(digest: string, signed: Buffer, jwk: JsonWebKey, signature: Buffer): boolean {
  try {
    const key = createPublicKey({ key: jwk, format: 'jwk' });
    return verify(digest, signed, { key, dsaEncoding: 'ieee-p1363' }, signature);
  } catch {
    return false;
  }
}

function fhirUserOf(
  { fhirUser, grantedScopes }: TokenSet,
  supported: readonly string[] | undefined,
): FhirUser | undefined {
  const [, type, id] = /(?:^|\/)([A-Z][A-Za-z]{1,63})\/([A-Za-z0-9.-]{1,64})$/.exec(fhirUser ?? '') ?? [];
  if (!type || !id) return undefined;
  const isReadable = (['user', 'patient'] as const).some((context) =>
    grantsAccess(grantedScopes, context, type, 'read'),
  );
  const missingScope = readScopeFor(type, 'user', supported);
  return { reference: `${type}/${id}`, type, ...(isReadable ? {} : { missingScope }) };
}
