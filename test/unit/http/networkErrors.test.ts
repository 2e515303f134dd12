import assert from 'node:assert/strict';
import type { ErrorCode } from '../../../src/core/base/errors.ts';
import { WorkbenchError } from '../../../src/core/base/errors.ts';
import { toNetworkError } from '../../../src/core/http/networkErrors.ts';

const facts = { url: 'https://emr.test:9300/oauth2/default/token?code=secret' };

function systemError(code: string, message = code): Error {
  return Object.assign(new Error(message), { code });
}

function fetchFailed(code: string): Error {
  return new TypeError('fetch failed', { cause: systemError(code) });
}

describe('toNetworkError', () => {
  const cases: readonly [string, ErrorCode][] = [
    ['ENOTFOUND', 'network/dns'],
    ['EAI_AGAIN', 'network/dns'],
    ['ECONNREFUSED', 'network/refused'],
    ['ECONNRESET', 'network/reset'],
    ['UND_ERR_SOCKET', 'network/reset'],
    ['HPE_INVALID_CONSTANT', 'network/reset'],
    ['Z_DATA_ERROR', 'network/reset'],
    ['ETIMEDOUT', 'network/timed-out'],
    ['UND_ERR_CONNECT_TIMEOUT', 'network/timed-out'],
    ['UND_ERR_HEADERS_TIMEOUT', 'network/timed-out'],
    ['UND_ERR_BODY_TIMEOUT', 'network/timed-out'],
    ['EHOSTUNREACH', 'network/unreachable'],
    ['ENETUNREACH', 'network/unreachable'],
    ['UND_ERR_PRX_TLS', 'network/proxy'],
    ['UND_ERR_SOCKS5_AUTH', 'network/proxy'],
    ['UND_ERR_HEADERS_OVERFLOW', 'http/too-large'],
    ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls/untrusted'],
    ['SELF_SIGNED_CERT_IN_CHAIN', 'tls/untrusted'],
    ['UNABLE_TO_VERIFY_LEAF_SIGNATURE', 'tls/untrusted'],
    ['UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'tls/untrusted'],
    ['CERT_HAS_EXPIRED', 'tls/certificate-expired'],
    ['CERT_NOT_YET_VALID', 'tls/certificate-expired'],
    ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls/name-mismatch'],
    ['ERR_SSL_WRONG_VERSION_NUMBER', 'tls/failed'],
    ['CERT_REVOKED', 'tls/failed'],
    ['EPROTO', 'tls/failed'],
  ];
  for (const [systemCode, code] of cases) {
    it(`reads ${systemCode} as ${code}`, () => {
      const thrown = fetchFailed(systemCode);
      const error = toNetworkError(thrown, facts);
      assert.equal(error.code, code);
      assert.deepEqual(error.details, { host: 'emr.test:9300', systemCode });
      assert.equal(error.cause, thrown);
    });
  }

  it('reads the first of several connection attempts', () => {
    const attempts = new AggregateError([systemError('ECONNREFUSED'), systemError('ENETUNREACH')]);
    assert.equal(
      toNetworkError(new TypeError('fetch failed', { cause: attempts }), facts).code,
      'network/refused',
    );
  });

  it('looks past codes that say nothing', () => {
    const thrown = new Error('outer', {
      cause: Object.assign(systemError('UND_ERR'), { cause: systemError('ECONNRESET') }),
    });
    assert.equal(toNetworkError(thrown, facts).code, 'network/reset');
  });

  it('takes an unexplained end of a transfer for a reset', () => {
    assert.equal(toNetworkError(new TypeError('terminated'), facts).code, 'network/reset');
    assert.equal(toNetworkError(new TypeError('fetch failed'), facts).code, 'network/reset');
  });

  it('takes a proxy that refuses the tunnel, or wants a password, for what it is', () => {
    const refused = systemError('UND_ERR_ABORTED', 'Proxy response (502) !== 200 when HTTP Tunneling');
    const password = systemError('UND_ERR_INVALID_ARG', 'Proxy Authentication Required (407)');
    for (const cause of [refused, password]) {
      const error = toNetworkError(new TypeError('fetch failed', { cause }), {
        ...facts,
        proxyHost: 'proxy.test:3128',
      });
      assert.equal(error.code, 'network/proxy');
      assert.equal(error.details['proxyHost'], 'proxy.test:3128');
    }
  });

  it('blames the proxy for what can only be the proxy', () => {
    const viaProxy = { ...facts, proxyHost: 'proxy.test:3128' };
    for (const systemCode of ['ENOTFOUND', 'ECONNREFUSED', 'EHOSTUNREACH']) {
      assert.equal(toNetworkError(fetchFailed(systemCode), viaProxy).code, 'network/proxy');
    }
    assert.equal(toNetworkError(fetchFailed('CERT_HAS_EXPIRED'), viaProxy).code, 'tls/certificate-expired');
  });

  it('takes another certificate than the pinned one for a change', () => {
    const error = toNetworkError(fetchFailed('DEPTH_ZERO_SELF_SIGNED_CERT'), { ...facts, isPinned: true });
    assert.equal(error.code, 'tls/certificate-changed');
  });

  it('finds our own error below theirs', () => {
    const own = new WorkbenchError('tls/certificate-changed');
    assert.equal(toNetworkError(new TypeError('fetch failed', { cause: own }), facts), own);
  });

  it('takes an abort for a cancellation and a TimeoutError for a time-out', () => {
    assert.equal(toNetworkError(new DOMException('stop', 'AbortError'), facts).code, 'operation/cancelled');
    assert.equal(toNetworkError(new DOMException('late', 'TimeoutError'), facts).code, 'network/timed-out');
  });

  it('keeps an invalid address out of the error', () => {
    const error = toNetworkError(fetchFailed('ERR_INVALID_URL'), { url: 'nonsense?code=secret' });
    assert.equal(error.code, 'address/invalid');
    assert.equal(error.cause, undefined);
    assert.ok(!JSON.stringify(error).includes('secret'));
  });

  it('calls a port that fetch refuses an invalid address', () => {
    const blocked = new TypeError('fetch failed', { cause: new Error('bad port') });
    assert.equal(toNetworkError(blocked, facts).code, 'address/invalid');
  });

  it('calls everything else a defect', () => {
    for (const thrown of [new RangeError('odd'), 'text', undefined, systemError('ERR_ASSERTION')]) {
      assert.equal(toNetworkError(thrown, facts).code, 'internal/unexpected');
    }
  });

  it('survives causes that go round in circles', () => {
    const first = new Error('first');
    first.cause = new Error('second', { cause: first });
    assert.equal(toNetworkError(first, facts).code, 'internal/unexpected');
  });

  it('tells the host but never the query', () => {
    assert.ok(!JSON.stringify(toNetworkError(fetchFailed('ECONNRESET'), facts)).includes('secret'));
  });
});
