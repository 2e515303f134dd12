import assert from 'node:assert/strict';
import { cycloneDx, readLockFile, shippedPackages } from '../../../src/launch/supplyChain.ts';

const permissive =
  /^(MIT|ISC|BSD-[23]-Clause|0BSD|Apache-2\.0|BlueOak-1\.0\.0|CC-BY-4\.0|MIT OR Apache-2\.0)$/;

describe('The supply chain', () => {
  it('is locked: every package has an integrity hash', async () => {
    const { packages } = await readLockFile();
    const open = Object.entries(packages).filter(
      ([path, { integrity }]) => path !== '' && !/^sha(512|1)-/.test(integrity ?? ''),
    );
    assert.deepEqual(
      open.map(([path]) => path),
      [],
    );
  });

  it('ships few packages, none with an install script, each hashed by SHA-512 and under a permissive licence', async () => {
    const shipped = shippedPackages(await readLockFile());
    assert.ok(shipped.length > 6 && shipped.length <= 25, String(shipped.length));
    for (const { name, license, integrity, hasInstallScript } of shipped) {
      assert.equal(hasInstallScript, false, name);
      assert.match(integrity, /^sha512-/, name);
      assert.match(license, permissive, name);
    }
  });

  it('is told in a bill of materials', async () => {
    const shipped = shippedPackages(await readLockFile());
    const bom = cycloneDx({ name: 'x', version: '1.0.0' }, shipped);
    assert.deepEqual(
      [bom.bomFormat, bom.specVersion, bom.components.length],
      ['CycloneDX', '1.6', shipped.length],
    );
    const undici = bom.components.find(({ name }) => name === 'undici');
    assert.match(undici?.purl ?? '', /^pkg:npm\/undici@\d/);
    assert.match(undici?.hashes[0]?.content ?? '', /^[0-9a-f]{128}$/);
    assert.ok(bom.components.some(({ purl }) => purl.startsWith('pkg:npm/%40vscode-elements/elements@')));
  });
});
