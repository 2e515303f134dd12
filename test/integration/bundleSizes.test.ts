import assert from 'node:assert/strict';
import { measureBundles, sizeLimits, type BundleSizes } from '../bench/bundleSizes.ts';

describe('What is built', () => {
  let sizes: BundleSizes;

  before(async () => {
    sizes = await measureBundles();
  });

  it('is small where every start of the editor reads it', () => {
    assert.ok(sizes.startUp > 1000);
    assert.ok(sizes.startUp <= sizeLimits.startUp, `${sizes.startUp} bytes`);
  });

  it('loads no package and nothing of the panel at the start', () => {
    const { startUpSources } = sizes;
    assert.ok(startUpSources.includes('src/extension.ts'));
    assert.deepEqual(
      startUpSources.filter((file) => /node_modules|webview|compositionRoot|^src\/platform/.test(file)),
      [],
    );
  });

  it('is small where a panel opens', () => {
    assert.ok(sizes.webview > 10_000);
    assert.ok(sizes.webview <= sizeLimits.webview, `${sizes.webview} bytes`);
  });
});
