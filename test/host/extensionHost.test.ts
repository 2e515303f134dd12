import { runInsideExtensionHost } from './extensionHost.ts';

// The tests run before these are defined, so that each of them counts and fails by its own name.
const tests = await runInsideExtensionHost();

describe('in the extension host', () => {
  it('runs tests at all', () => {
    if (tests.length === 0) throw new Error('The extension host reported no test.');
  });
  for (const { title, failure } of tests) {
    it(title, () => {
      if (failure !== undefined) throw new Error(failure);
    });
  }
});
