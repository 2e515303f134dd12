import assert from 'node:assert/strict';
import type { HttpRequest, HttpTransport } from '../../../src/core/http/httpTransport.ts';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { fateOfPair } from '../../../src/core/oauth/pairFate.ts';
import type { AuthorizationServerMetadata } from '../../../src/core/oauth/authorizationServerMetadata.ts';
import { fault82, unauthorised70 } from '../fhir/recordings.ts';

const now = 1_000_000;
const metadata = {
  introspectionEndpoint: 'https://emr.example.org/introspect',
} as AuthorizationServerMetadata;

type Answer = { status: number; body: unknown } | WorkbenchError;

/** Answers to introspection and to FHIR; what was asked is kept. */
function server(introspection: Answer, fhir: Answer = { status: 599, body: '' }) {
  const asked: HttpRequest[] = [];
  const send: HttpTransport['send'] = (request) => {
    asked.push(request);
    const answer = request.url.includes('/introspect') ? introspection : fhir;
    if (answer instanceof WorkbenchError) return Promise.reject(answer);
    const text = typeof answer.body === 'string' ? answer.body : JSON.stringify(answer.body);
    return Promise.resolve({ status: answer.status, headers: new Headers(), text, durationMs: 1 });
  };
  const transport: HttpTransport = { send, stream: () => Promise.reject(new Error('not streamed')) };
  return {
    asked,
    fate: (expiresAt = now + 1000) =>
      fateOfPair({
        ...{ transport, metadata, now },
        client: { clientId: 'c', clientSecret: 's' },
        fhirBaseUrl: 'https://emr.example.org/apis/default/fhir',
        tokens: { accessToken: 'a', refreshToken: 'r', expiresAt },
      }),
  };
}

describe('The fate of a pair whose refresh got no answer', () => {
  it('is what introspection says of the refresh token', async () => {
    const alive = server({ status: 200, body: { active: true, status: 'active' } });
    assert.equal(await alive.fate(), 'alive');
    assert.equal(alive.asked.length, 1);
    const spent = server({ status: 200, body: { active: false, status: 'revoked' } });
    assert.equal(await spent.fate(), 'spent');
    assert.equal(spent.asked.length, 1);
  });

  const fhirCases: [string, Answer, string][] = [
    ['8.2 does not know such a patient', { status: 404, body: [] }, 'alive'],
    [
      '7.0 says that the token was revoked',
      { status: 401, body: unauthorised70('Access token has been revoked') },
      'spent',
    ],
    [
      '8.2 says that the token was revoked',
      { status: 401, body: fault82('The resource owner or authorization server denied the request.', 9) },
      'spent',
    ],
    ['7.0 says nothing (401, empty)', { status: 401, body: '' }, 'unknown'],
    ['8.2 speaks of a permission', { status: 401, body: fault82('Unauthorized') }, 'unknown'],
  ];
  for (const [name, answer, fate] of fhirCases) {
    it(`is ${fate} where introspection is bare and ${name}`, async () => {
      assert.equal(await server({ status: 200, body: { active: false } }, answer).fate(), fate);
    });
  }

  it('is unknown where the access token has ended by itself, without asking FHIR', async () => {
    const { fate, asked } = server({ status: 401, body: { error: 'x' } }, { status: 404, body: [] });
    assert.equal(await fate(now), 'unknown');
    assert.equal(asked.length, 1);
  });

  it('is left open where nobody answers', async () => {
    await assert.rejects(server(new WorkbenchError('network/refused')).fate(), { code: 'network/refused' });
    await assert.rejects(server({ status: 503, body: '' }).fate(), { code: 'http/server-error' });
  });

  it('is told as the end of the session where OpenEMR says so', async () => {
    const answer = { status: 400, body: fault82('Refresh Token revoked or logged out') };
    await assert.rejects(server({ status: 200, body: { active: false } }, answer).fate(), {
      code: 'fhir/signed-out',
    });
  });
});
