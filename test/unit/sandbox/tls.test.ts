import assert from 'node:assert/strict';
import { get } from 'node:https';
import { startSandbox } from '../../../src/sandbox/sandboxServer.ts';
import { makeCertificate } from '../../fakes/certificates.ts';

describe('The sandbox over TLS', () => {
  it('serves and tells https addresses', async () => {
    const { key, cert } = await makeCertificate();
    const sandbox = await startSandbox({ tls: { key, cert }, hostName: 'localhost' });
    try {
      assert.match(sandbox.baseUrl, /^https:\/\/localhost:\d+$/);
      const document = await read(`${sandbox.baseUrl}/oauth2/default/.well-known/openid-configuration`, cert);
      assert.equal((JSON.parse(document) as { issuer: string }).issuer, `${sandbox.baseUrl}/oauth2/default`);
    } finally {
      await sandbox.stop();
    }
  });
});

async function read(url: string, ca: string): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url.replace('localhost', '127.0.0.1'), { ca, servername: 'localhost', agent: false }, (answer) => {
      let text = '';
      answer.setEncoding('utf8').on('data', (piece: string) => (text += piece));
      answer.on('end', () => resolve(text));
    }).on('error', reject);
  });
}
