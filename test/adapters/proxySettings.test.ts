import assert from 'node:assert/strict';
import { proxyFor } from '../../src/vscode/proxySettings.ts';
import { host } from '../fakes/vscode.ts';

const target = 'https://emr.example.org/openemr';
const proxy = 'http://proxy.example.org:3128';

describe('The proxy for an address', () => {
  beforeEach(() => host.reset());

  it('is none where nothing names one', () => assert.equal(proxyFor(target, {}), undefined));

  it('is that of the setting before that of the environment', () => {
    assert.equal(proxyFor(target, { HTTPS_PROXY: proxy }), proxy);
    host.settings.set('http.proxy', 'http://settings.example.org:80');
    assert.equal(proxyFor(target, { HTTPS_PROXY: proxy }), 'http://settings.example.org:80');
  });

  it('follows the scheme, the usual fall-backs and a missing scheme', () => {
    assert.equal(proxyFor(target, { http_proxy: proxy }), proxy);
    assert.equal(proxyFor('http://emr.example.org/', { https_proxy: proxy }), undefined);
    assert.equal(proxyFor(target, { all_proxy: 'proxy.example.org:3128' }), proxy);
  });

  it('is none where proxies are switched off', () => {
    host.settings.set('http.proxySupport', 'off');
    assert.equal(proxyFor(target, { https_proxy: proxy }), undefined);
  });

  it('is none for this computer and for what is no address', () => {
    for (const url of ['http://localhost:9300/', 'http://127.0.0.1:1/', 'https://[::1]/', 'nonsense']) {
      assert.equal(proxyFor(url, { http_proxy: proxy, https_proxy: proxy }), undefined);
    }
  });

  const exceptions: [string, boolean][] = [
    ['*', true],
    ['example.org', true],
    ['.example.org', true],
    ['*.example.org', true],
    ['EMR.example.org', true],
    ['emr.example.org:443', true],
    ['emr.example.org:8443', false],
    ['ample.org', false],
    ['other.test', false],
    ['', false],
  ];
  for (const [exception, isDirect] of exceptions) {
    it(`is ${isDirect ? 'none' : 'kept'} with the exception "${exception}"`, () => {
      const expected = isDirect ? undefined : proxy;
      assert.equal(proxyFor(target, { https_proxy: proxy, NO_PROXY: `intranet, ${exception}` }), expected);
      host.settings.set('http.noProxy', [exception]);
      assert.equal(proxyFor(target, { https_proxy: proxy }), expected);
    });
  }
});
