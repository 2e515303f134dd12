import assert from 'node:assert/strict';
import { askToTrustCertificate } from '../../src/vscode/certificateQuestion.ts';
import { host } from '../fakes/vscode.ts';

const certificate = {
  host: 'emr.test:9300',
  subject: 'CN=localhost',
  issuer: 'CN=localhost',
  validFrom: '2025-03-01T12:00:00.000Z',
  validTo: '2027-03-01T12:00:00.000Z',
  sha256: 'AB:CD:EF',
};

describe('The certificate question', () => {
  beforeEach(() => host.reset());

  it('shows who is certified by whom, for how long, and the fingerprint, in a modal', () => {
    void askToTrustCertificate(certificate);
    const { text, options } = host.lastMessage;
    assert.match(text, /emr\.test:9300/);
    assert.equal(options.modal, true);
    for (const fact of ['CN=localhost', 'March 1, 2025', 'March 1, 2027', 'AB:CD:EF']) {
      assert.ok(options.detail?.includes(fact), fact);
    }
  });

  it('is answered yes by the button alone', async () => {
    host.scriptedButtons.push('Trust this certificate', undefined);
    assert.equal(await askToTrustCertificate(certificate), true);
    assert.equal(await askToTrustCertificate(certificate), false);
  });

  it('shows a time that it cannot read as it is, and no links of the certificate', () => {
    void askToTrustCertificate({ ...certificate, validTo: 'some day', subject: '[x](command:evil)' });
    assert.match(host.lastMessage.options.detail!, /some day/);
    assert.doesNotMatch(host.lastMessage.options.detail!, /\]\(command:/);
  });
});
