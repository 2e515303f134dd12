import * as fc from 'fast-check';
import { WorkbenchError } from '../../src/core/base/errors.ts';
import { parseJson } from '../../src/core/http/json.ts';
import { fhirGet } from '../../src/core/fhir/fhirClient.ts';
import { fetchCapabilityStatement } from '../../src/core/fhir/capabilityStatement.ts';
import type { HttpResponse, HttpTransport } from '../../src/core/http/httpTransport.ts';
import {
  fetchAuthorizationServerMetadata,
  type AuthorizationServerMetadata,
} from '../../src/core/oauth/authorizationServerMetadata.ts';
import { registerClient } from '../../src/core/oauth/clientRegistration.ts';
import { introspect } from '../../src/core/oauth/introspection.ts';
import { siteEndpoints } from '../../src/core/oauth/issuer.ts';
import { exchangeAuthorizationCode, fetchJwks, refreshTokens } from '../../src/core/oauth/openIdClient.ts';
import { fetchSmartConfiguration } from '../../src/core/oauth/smartConfiguration.ts';
import type { TokenGrant } from '../../src/core/oauth/tokenSet.ts';
import { present } from '../../src/vscode/errorPresenter.ts';

export interface AnswerFuzz {
  readonly serverAnswers: number;
  readonly accepted: number;
  readonly crashes: number;
  readonly secretHits: number;
  readonly firstCrash?: string;
}

const connection = { baseUrl: 'https://emr.example.org/openemr', site: 'default' };
const { issuer } = siteEndpoints(connection);
const metadata: AuthorizationServerMetadata = {
  issuer,
  authorizationEndpoint: `${issuer}/authorize`,
  tokenEndpoint: `${issuer}/token`,
  jwksUri: `${issuer}/jwk`,
  registrationEndpoint: `${issuer}/registration`,
  introspectionEndpoint: `${issuer}/introspect`,
  scopesSupported: [],
};
const client = { clientId: 'client', clientSecret: 'client-secret-000000000000000000000000' };
const code = 'def50200c0dec0dec0dec0dec0dec0dec0dec0dec0dec0de';
const jwt = `eyJhbGciOiJub25lIn0.${Buffer.from(
  JSON.stringify({ iss: issuer, aud: 'client', sub: 'x', nonce: 'n', exp: 4e9, iat: 1, scopes: ['openid'] }),
).toString('base64url')}.`;
const secrets = [code, jwt, client.clientSecret, 'verifier-verifier-verifier-verifier-verifier-000'];

const names = [
  ...[
    'access_token',
    'refresh_token',
    'id_token',
    'token_type',
    'expires_in',
    'scope',
    'issuer',
    'keys',
    'error',
  ],
  ...[
    'token_endpoint',
    'authorization_endpoint',
    'jwks_uri',
    'registration_endpoint',
    'client_id',
    'client_secret',
  ],
  ...[
    'resourceType',
    'entry',
    'total',
    'active',
    'error_description',
    'hint',
    'capabilities',
    'rest',
    'patient',
  ],
];
const value = fc.oneof(
  fc.constantFrom<unknown>(jwt, code, 'Bearer', 'bearer', 3600, -1, 1e308, null, '', true, [], {}, issuer),
  fc.constantFrom<unknown>(
    'http://evil.example/token',
    'https://u:p@evil.example/',
    'openid',
    'Bundle',
    'CapabilityStatement',
  ),
  fc.jsonValue({ maxDepth: 2 }),
);
const json = fc.dictionary(fc.constantFrom(...names), value, { maxKeys: 10 });
const body = fc.oneof(
  { weight: 6, arbitrary: json.map((object) => JSON.stringify(object)) },
  {
    weight: 2,
    arbitrary: fc.tuple(json, fc.nat(200)).map(([object, cut]) => JSON.stringify(object).slice(0, cut)),
  },
  fc.constantFrom(
    '',
    '[]',
    'null',
    '"x"',
    '<html><body>Unauthorized</body></html>',
    `{"access_token":"${jwt}"`,
    '{"__proto__":{"x":1}}',
    `code=${code}`,
  ),
  fc.string({ unit: 'binary', maxLength: 100 }),
);
const answer = fc.record({
  status: fc.oneof(
    fc.constantFrom(200, 200, 200, 201, 302, 307, 400, 401, 403, 404, 429, 500, 503),
    fc.integer({ min: 200, max: 599 }),
  ),
  text: body,
  location: fc.constantFrom('', 'https://evil.example/', '/login', `https://evil.example/?code=${code}`),
  contentType: fc.constantFrom('application/json', 'text/html', ''),
});
type Answer = typeof answer extends fc.Arbitrary<infer A> ? A : never;

class OneAnswer implements HttpTransport {
  current: Answer | undefined;

  send(): Promise<HttpResponse> {
    const { status, text, location, contentType } = this.current ?? {
      status: 200,
      text: '',
      location: '',
      contentType: '',
    };
    const headers = new Headers();
    if (location) headers.set('location', location);
    if (contentType) headers.set('content-type', contentType);
    return Promise.resolve({ status, headers, text, durationMs: 1 });
  }

  stream(): never {
    throw new Error('Nothing is streamed here.');
  }
}

const transport = new OneAnswer();
const now = () => Date.now();
const endpoints: Readonly<Record<string, () => Promise<unknown>>> = {
  'openid-configuration': () => fetchAuthorizationServerMetadata(transport, connection),
  'smart-configuration': () => fetchSmartConfiguration(transport, connection),
  metadata: () => fetchCapabilityStatement(transport, connection),
  jwks: () => fetchJwks(transport, metadata),
  registration: () =>
    registerClient(transport, metadata, {
      ...{ clientName: 'n', clientType: 'confidential', redirectUris: [], scopes: [] },
      postLogoutRedirectUri: 'http://127.0.0.1/callback',
    }),
  'token, for a code': () =>
    exchangeAuthorizationCode({
      ...{ transport, metadata, client, now, state: 'state', nonce: 'n', jwks: { keys: [] } },
      callbackUrl: `http://127.0.0.1:5000/callback?code=${code}&state=state`,
      redirectUri: 'http://127.0.0.1:5000/callback',
      codeVerifier: secrets[3] ?? '',
    }),
  'token, for a refresh': () =>
    refreshTokens({ ...{ transport, metadata, client, now, refreshToken: code, scope: 'openid' } }),
  introspect: () => introspect(transport, metadata, client, jwt, 'access_token'),
  fhir: async () =>
    parseJson(
      (await fhirGet(transport, { url: `${connection.baseUrl}/apis/default/fhir/Patient`, accessToken: jwt }))
        .text,
    ),
};

/** Answers of hostile servers: all end as a result or as a WorkbenchError, none as a login that nobody proved. */
export async function fuzzServerAnswers(runsEach: number, seed: number): Promise<AnswerFuzz> {
  const result = { serverAnswers: 0, accepted: 0, crashes: 0, secretHits: 0 };
  let firstCrash: string | undefined;
  for (const [endpoint, ask] of Object.entries(endpoints)) {
    for (const current of fc.sample(answer, { numRuns: runsEach, seed })) {
      transport.current = current;
      result.serverAnswers += 1;
      try {
        const outcome = await ask();
        if (endpoint.startsWith('token') && isUnproved(outcome as TokenGrant)) result.accepted += 1;
        if (endpoint === 'openid-configuration' && !isSafe(outcome as AuthorizationServerMetadata))
          result.accepted += 1;
      } catch (error) {
        if (!(error instanceof WorkbenchError) || error.code === 'internal/unexpected') {
          result.crashes += 1;
          firstCrash ??= `${endpoint}: ${String(error)} ${JSON.stringify(current)}`;
        } else if (tellsSecret(error)) result.secretHits += 1;
      }
    }
  }
  return { ...result, ...(firstCrash ? { firstCrash } : {}) };
}

/** No key is known here: an id_token in a grant was believed without proof. */
function isUnproved(grant: TokenGrant): boolean {
  return grant.idToken !== undefined;
}

function isSafe({
  issuer: found,
  tokenEndpoint,
  authorizationEndpoint,
  jwksUri,
}: AuthorizationServerMetadata): boolean {
  return (
    found === issuer &&
    [tokenEndpoint, authorizationEndpoint, jwksUri].every((url) => url.startsWith('https://'))
  );
}

function tellsSecret(error: WorkbenchError): boolean {
  const told = JSON.stringify(present(error));
  return secrets.some((secret) => told.includes(secret));
}
