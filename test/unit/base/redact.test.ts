import assert from 'node:assert/strict';
import fc from 'fast-check';
import { redact, redactUrl } from '../../../src/core/base/redact.ts';

const parameters = [
  'code',
  'state',
  'nonce',
  'id_token_hint',
  'code_verifier',
  'code_challenge',
  'client_secret',
  'access_token',
  'refresh_token',
  'id_token',
  'registration_access_token',
  'password',
  'username',
  'token',
  'launch',
];

/** Long enough not to occur in the surroundings by chance; starts with a mark that nothing else has. */
const secret = fc.stringMatching(/^[A-Za-z0-9_-]{16,64}$/).map((text) => `zQ9${text}`);
const parameter = fc.constantFrom(...parameters);
const words = fc.stringMatching(/^[a-z ]{0,20}$/);

describe('redact', () => {
  it('removes a sensitive parameter wherever it stands in an address or form', () => {
    fc.assert(
      fc.property(parameter, secret, fc.constantFrom('?', '&', '#', '; ', ' '), (name, value, before) => {
        const text = redact(`GET https://emr.test/path${before}${name}=${value}&scope=openid`);
        assert.ok(!text.includes(value), text);
        assert.ok(text.includes('scope=openid'), text);
      }),
    );
  });

  it('removes it where an address is a parameter of another address', () => {
    fc.assert(
      fc.property(parameter, secret, (name, value) => {
        const inner = `http://127.0.0.1:5000/callback?${name}=${value}&iss=x`;
        const text = redact(`https://emr.test/?target=${encodeURIComponent(inner)}&scope=openid`);
        assert.ok(!text.includes(value), text);
        assert.ok(text.endsWith('&scope=openid'), text);
      }),
    );
  });

  it('removes a form that begins with a sensitive parameter', () => {
    fc.assert(
      fc.property(parameter, secret, (name, value) => {
        assert.equal(redact(`${name}=${value}`), `${name}=<redacted>`);
      }),
    );
  });

  it('removes a sensitive member of JSON, whatever characters it has', () => {
    fc.assert(
      fc.property(parameter, fc.string({ minLength: 1, maxLength: 40 }), (name, value) => {
        const marked = `zQ9-mark-${value}`;
        const text = redact(JSON.stringify({ scope: 'openid', [name]: marked, token_type: 'Bearer' }));
        assert.ok(!text.includes('zQ9-mark-'), text);
        assert.equal((JSON.parse(text) as { scope: string }).scope, 'openid');
      }),
    );
  });

  it('removes credentials of an Authorization header', () => {
    fc.assert(
      fc.property(
        fc.constantFrom('Bearer', 'bearer', 'Basic', 'BASIC'),
        secret,
        words,
        (scheme, value, after) => {
          const text = redact(`Authorization: ${scheme} ${value} ${after}`);
          assert.ok(!text.includes(value), text);
          assert.ok(text.endsWith(` ${after}`));
        },
      ),
    );
  });

  it('removes JWTs and the encrypted codes of OpenEMR from running text', () => {
    fc.assert(
      fc.property(
        words,
        secret,
        secret,
        secret,
        fc.stringMatching(/^[0-9a-f]{20,80}$/),
        (text, a, b, c, hex) => {
          const redacted = redact(`${text} eyJ${a}.eyJ${b}.${c} ${text} def50200${hex} ${text}`);
          for (const part of [a, b, c, hex]) assert.ok(!redacted.includes(part), redacted);
          assert.ok(redacted.startsWith(text));
        },
      ),
    );
  });

  it('removes user information from an address', () => {
    fc.assert(
      fc.property(secret, secret, (user, password) => {
        const text = redact(`https://${user}:${password}@emr.test/path`);
        assert.equal(text, 'https://<redacted>@emr.test/path');
      }),
    );
  });

  it('changes nothing more the second time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 200 }), parameter, secret, (text, name, value) => {
        const once = redact(`${text} ${name}=${value} Bearer ${value} "${name}": "${value}"`);
        assert.equal(redact(once), once);
      }),
    );
  });

  it('leaves ordinary text alone', () => {
    const text =
      'Discovered https://emr.test/oauth2/default in 120 ms: 3 scopes, status code 200, state: valid';
    assert.equal(redact(text), text);
  });

  it('stays quick on long hostile text', () => {
    const started = performance.now();
    for (const part of ['//', 'basic ', '"code":"', 'eyJ.', '?code=', 'def50200', '\\"']) {
      redact(part.repeat(50_000));
    }
    assert.ok(performance.now() - started < 2000);
  });
});

describe('redactUrl', () => {
  it('keeps scheme, host, port and path only', () => {
    assert.equal(
      redactUrl('https://admin:pass@emr.test:9300/oauth2/default/token?code=abc#access_token=def'),
      'https://emr.test:9300/oauth2/default/token',
    );
  });

  it('works for addresses without a host and for what is no address', () => {
    assert.equal(redactUrl('urn:openemr:thing?code=abc'), 'urn:openemr:thing');
    assert.equal(redactUrl('/callback?code=abc#x'), '/callback');
    assert.equal(
      redactUrl('vscode://emr-workbench.openemr-workbench/callback?code=a'),
      'vscode://emr-workbench.openemr-workbench/callback',
    );
  });

  it('lets no query through', () => {
    fc.assert(
      fc.property(fc.webUrl(), secret, (url, value) => {
        assert.ok(!redactUrl(`${url}?any=${value}`).includes(value));
        assert.ok(!redactUrl(`${url}#${value}`).includes(value));
      }),
      { numRuns: 30 },
    );
  });
});
