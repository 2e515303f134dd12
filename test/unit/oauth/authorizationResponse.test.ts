import { strict as assert } from 'node:assert';
import fc from 'fast-check';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import {
  errorFromResponse,
  parseAuthorizationResponse,
} from '../../../src/core/oauth/authorizationResponse.ts';

const callback = 'http://127.0.0.1:19500/callback';

function refusalOf(url: string): WorkbenchError {
  try {
    parseAuthorizationResponse(url);
  } catch (error) {
    assert.ok(error instanceof WorkbenchError);
    assert.equal(error.code, 'authorization/invalid-response');
    return error;
  }
  throw new Error('It was accepted.');
}

describe('authorization response', () => {
  it('is a code with its state', () => {
    assert.deepEqual(parseAuthorizationResponse(`${callback}?code=def50200&state=s-1`), {
      kind: 'code',
      code: 'def50200',
      state: 's-1',
    });
  });

  it('keeps the issuer (RFC 9207) and passes over what hosts add', () => {
    const url =
      'vscode://emr-workbench.openemr-workbench/callback?windowId=1&code=c&state=s&iss=https%3A%2F%2Fa';
    assert.deepEqual(parseAuthorizationResponse(url), {
      kind: 'code',
      code: 'c',
      state: 's',
      issuer: 'https://a',
    });
  });

  it('is an error, which OpenEMR sends without state', () => {
    const url = `${callback}?error=invalid_scope&error_description=No&hint=Check+the+%60user%2FBogus.read%60+scope&message=No`;
    const response = parseAuthorizationResponse(url);
    assert.deepEqual(response, {
      kind: 'error',
      error: 'invalid_scope',
      description: 'No',
      hint: 'Check the `user/Bogus.read` scope',
    });
    assert.ok(response.kind === 'error');
    assert.deepEqual(errorFromResponse(response).details, { scope: 'user/Bogus.read' });
  });

  it('keeps the state of an error that has one', () => {
    const response = parseAuthorizationResponse(`${callback}?error=access_denied&state=s&message=m`);
    assert.deepEqual(response, { kind: 'error', error: 'access_denied', state: 's', description: 'm' });
  });

  const refused: [string, string, string][] = [
    ['no address', 'nonsense', 'no-address'],
    ['nothing', callback, 'no-code'],
    ['an empty code', `${callback}?code=&state=s`, 'no-code'],
    ['a code without state', `${callback}?code=c`, 'no-state'],
    ['two codes', `${callback}?code=a&code=b&state=s`, 'doubled-parameter'],
    ['two states', `${callback}?code=a&state=s&state=t`, 'doubled-parameter'],
    ['two errors', `${callback}?error=a&error=b`, 'doubled-parameter'],
    ['two issuers', `${callback}?code=a&state=s&iss=a&iss=b`, 'doubled-parameter'],
    ['code and error', `${callback}?code=a&state=s&error=e`, 'code-and-error'],
    ['parameters in the fragment', `${callback}#code=a&state=s`, 'no-code'],
    ['more than 16 kB', `${callback}?code=${'a'.repeat(16 * 1024)}&state=s`, 'too-long'],
  ];
  for (const [what, url, reason] of refused) {
    it(`refuses ${what}`, () => {
      assert.equal(refusalOf(url).details['reason'], reason);
    });
  }

  const errors: [string, string][] = [
    ['access_denied', 'authorization/denied'],
    ['invalid_client', 'authorization/client-unknown'],
    ['invalid_request', 'authorization/request-refused'],
    ['unauthorized_client', 'authorization/request-refused'],
    ['unsupported_response_type', 'authorization/request-refused'],
    ['server_error', 'authorization/server-error'],
    ['temporarily_unavailable', 'authorization/server-error'],
    ['<script>', 'authorization/server-error'],
  ];
  for (const [error, code] of errors) {
    it(`means ${code} by ${error}`, () => {
      assert.equal(errorFromResponse({ kind: 'error', error }).code, code);
    });
  }

  it('lets no free text of an unknown error through', () => {
    assert.deepEqual(errorFromResponse({ kind: 'error', error: 'Call 555-0100 now!' }).details, {});
    assert.deepEqual(errorFromResponse({ kind: 'error', error: 'invalid_scope', hint: 'x' }).details, {});
    assert.deepEqual(errorFromResponse({ kind: 'error', error: 'invalid_request', hint: 'x' }).details, {
      error: 'invalid_request',
      hint: 'x',
    });
  });

  it('never fails in another way, whatever comes', () => {
    const names = fc.constantFrom('code', 'state', 'error', 'iss', 'hint', 'x');
    const query = fc.array(fc.tuple(names, fc.string()).map(([name, value]) => `${name}=${value}`));
    const callbacks = query.map((parameters) => `${callback}?${parameters.join('&')}`);
    fc.assert(
      fc.property(fc.oneof(callbacks, fc.string()), (text) => {
        try {
          return ['code', 'error'].includes(parseAuthorizationResponse(text).kind);
        } catch (error) {
          return error instanceof WorkbenchError && error.code === 'authorization/invalid-response';
        }
      }),
    );
  });
});
