// Lets plain Node load modules that import `vscode`: the import resolves to the fake beside this file.
import { registerHooks } from 'node:module';

registerHooks({
  resolve(specifier, context, nextResolve) {
    return specifier === 'vscode'
      ? { url: new URL('./vscode.ts', import.meta.url).href, shortCircuit: true }
      : nextResolve(specifier, context);
  },
});
