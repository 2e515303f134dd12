import assert from 'node:assert/strict';
import { isWorkbenchError } from '../../../src/core/base/errors.ts';
import { loadUndici } from '../../../src/platform/undiciLoader.ts';

describe('loading undici', () => {
  for (const version of ['18.20.0', '20.19.5', '22.18.0', '22.9.9']) {
    it(`is refused on Node ${version} with a sentence that says why`, async () => {
      await assert.rejects(loadUndici(version), (error) => {
        assert.ok(isWorkbenchError(error, 'internal/unexpected'));
        assert.match(String(error.cause), new RegExp(`22\\.19.*${version}`));
        return true;
      });
    });
  }

  for (const version of ['22.19.0', '22.22.1', '24.0.0', '26.1.0']) {
    it(`works on Node ${version}, once for all`, async () => {
      const undici = await loadUndici(version);
      assert.equal(typeof undici.fetch, 'function');
      assert.equal(await loadUndici(version), undici);
    });
  }
});
