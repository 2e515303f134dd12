import assert from 'node:assert/strict';
import { zip } from '../../fakes/zip.ts';
import { secretsInPackage, withPlantedSecret } from '../../security/packageScan.ts';

const program = [
  'extension/dist/extension.js',
  'const options = { clientSecret: connectionClientSecret };',
  8,
] as const;

describe('The scan of the VSIX for secrets', () => {
  it('takes a program that names credentials for what it is', () => {
    assert.deepEqual(secretsInPackage(zip([program])), []);
  });

  it('finds a token in a packed file, and only there', () => {
    assert.deepEqual(secretsInPackage(withPlantedSecret(zip([program]))), [
      { where: 'extension/dist/chunks/planted.js', kind: 'JSON Web Token' },
    ]);
  });

  it('finds a client secret in a text that ships', () => {
    const secret = '{"client_secret":"0123456789abcdefghij"}';
    assert.deepEqual(secretsInPackage(zip([program, ['extension/readme.md', secret, 0]])), [
      { where: 'extension/readme.md', kind: 'named credential' },
    ]);
  });
});
