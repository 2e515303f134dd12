import { strict as assert } from 'node:assert';
import { isWorkbenchError } from '../../../src/core/base/errors.ts';
import { parseBaseUrl } from '../../../src/core/connection/address.ts';

const understood: [string, string, string?][] = [
  ['https://emr.example.org', 'https://emr.example.org'],
  ['emr.example.org', 'https://emr.example.org'],
  ['  emr.example.org/openemr/ \n', 'https://emr.example.org/openemr'],
  ['HTTPS://EMR.Example.ORG//openemr//', 'https://emr.example.org/openemr'],
  ['//emr.example.org', 'https://emr.example.org'],
  ['emr.example.org:8443/openemr', 'https://emr.example.org:8443/openemr'],
  ['https://emr.example.org:443', 'https://emr.example.org'],
  [
    'https://emr.example.org/openemr/interface/login/login.php?site=clinic-b',
    'https://emr.example.org/openemr',
    'clinic-b',
  ],
  ['https://emr.example.org/interface', 'https://emr.example.org'],
  ['https://emr.example.org/openemr/index.php', 'https://emr.example.org/openemr'],
  ['https://emr.example.org/openemr/index.php/', 'https://emr.example.org/openemr'],
  ['https://emr.example.org/openemr/portal/index.php', 'https://emr.example.org/openemr'],
  ['https://emr.example.org/apis/default/fhir/metadata', 'https://emr.example.org', 'default'],
  ['https://emr.example.org/oauth2/clinic-b/authorize?x=1#y', 'https://emr.example.org', 'clinic-b'],
  ['https://emr.example.org?site=not/a/site', 'https://emr.example.org'],
  ['https://emr.example.org?site=..', 'https://emr.example.org'],
  ['https://emr.example.org/apis/%2e%2e/fhir', 'https://emr.example.org/fhir'],
  ['https://münchen.example/emr', 'https://xn--mnchen-3ya.example/emr'],
  ['https://emr.example.org/prüfung', 'https://emr.example.org/pr%C3%BCfung'],
  ['localhost:8080/openemr', 'http://localhost:8080/openemr'],
  ['127.0.0.1', 'http://127.0.0.1'],
  ['[::1]:8080', 'http://[::1]:8080'],
  ['http://localhost', 'http://localhost'],
];

const refused: [string, string][] = [
  ['', 'address/invalid'],
  ['   ', 'address/invalid'],
  ['https://', 'address/invalid'],
  ['my clinic', 'address/invalid'],
  ['https://emr.example.org/open emr', 'address/invalid'],
  ['emr.example.org:99999', 'address/invalid'],
  ['javascript:alert(1)', 'address/invalid'],
  ['javascript://emr.example.org/%0aalert(1)', 'address/invalid'],
  ['data:text/html,x', 'address/invalid'],
  ['ftp://emr.example.org', 'address/invalid'],
  ['file:///etc/passwd', 'address/invalid'],
  ['http://emr.example.org', 'address/insecure-http'],
  ['http://192.168.1.10/openemr', 'address/insecure-http'],
  ['http://127.0.0.1.evil.example', 'address/insecure-http'],
  ['https://admin:pass@emr.example.org', 'address/has-credentials'],
  ['admin:pass@emr.example.org', 'address/has-credentials'],
  ['admin@emr.example.org', 'address/has-credentials'],
  ['http://localhost@evil.example', 'address/has-credentials'],
];

describe('address', () => {
  for (const [text, baseUrl, site] of understood) {
    it(`understands ${JSON.stringify(text)}`, () => {
      assert.deepEqual(parseBaseUrl(text), { baseUrl, ...(site ? { site } : {}) });
      assert.equal(parseBaseUrl(baseUrl).baseUrl, baseUrl, 'the plain form stays as it is');
    });
  }
  for (const [text, code] of refused) {
    it(`refuses ${JSON.stringify(text)}: ${code}`, () => {
      assert.throws(
        () => parseBaseUrl(text),
        (error) =>
          isWorkbenchError(error) && error.code === code && !JSON.stringify(error.details).includes('pass'),
      );
    });
  }
});
