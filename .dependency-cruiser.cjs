/** Who may import whom (docs/architecture.md). test/unit/importRules.test.ts proves that a violation fails. */
const vscodeModule = '(^vscode$|node_modules/@types/vscode)';
const npm = '^node_modules/';
const rule = (name, from, to, comment) => ({ name, severity: 'error', from, to, comment });

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    rule('no-cycles', {}, { circular: true }, 'A cycle hides who depends on whom.'),
    rule('core-stays-pure', { path: '^src/core' }, { path: `^src/(?!core)|${vscodeModule}` }),
    rule(
      'core-packages',
      { path: '^src/core' },
      { path: npm, pathNot: '^node_modules/(zod|openid-client|oauth4webapi|jose|p-retry|@types/node)/' },
    ),
    rule(
      'core-node-modules',
      { path: '^src/core' },
      { dependencyTypes: ['core'], pathNot: '^(node:)?crypto$' },
      'The core reaches files, sockets and servers through ports only.',
    ),
    rule(
      'openid-client-in-one-file',
      { path: '^src', pathNot: '^src/core/oauth/openIdClient\\.ts$' },
      { path: '^node_modules/openid-client/' },
    ),
    rule(
      'p-retry-in-core-http',
      { path: '^src', pathNot: '^src/core/http/' },
      { path: '^node_modules/p-retry/' },
    ),
    rule('platform-imports', { path: '^src/platform' }, { path: `^src/(?!core|platform)|${vscodeModule}` }),
    rule(
      'undici-in-platform',
      { path: '^src', pathNot: '^src/platform/' },
      { path: '^node_modules/undici/' },
    ),
    rule('vscode-imports', { path: '^src/vscode' }, { path: '^src/(?!core|protocol|vscode)' }),
    rule(
      'vscode-only-at-the-edge',
      { path: '^src', pathNot: '^src/(vscode/|extension\\.ts|compositionRoot\\.ts|composition/)' },
      { path: vscodeModule },
    ),
    rule('protocol-imports', { path: '^src/protocol' }, { path: '^src/(?!protocol)' }),
    rule('protocol-packages', { path: '^src/protocol' }, { path: npm, pathNot: '^node_modules/zod/' }),
    rule('webview-imports', { path: '^webview-ui' }, { path: `^src/(?!protocol)|${vscodeModule}` }),
    rule(
      'webview-takes-types-only-from-protocol',
      { path: '^webview-ui' },
      { path: '^src/protocol', dependencyTypesNot: ['type-only'] },
    ),
    rule(
      'webview-packages',
      { path: '^webview-ui' },
      { pathNot: '^(webview-ui/|src/|node_modules/(lit|lit-html|lit-element|@lit|@vscode-elements)/)' },
      'Pages are small, and run where there is no Node.',
    ),
    rule(
      'zod-mini-only',
      { path: '^(src|webview-ui)' },
      { path: '^node_modules/zod/', pathNot: '^node_modules/zod/(v4/)?mini/' },
      'The whole of zod is several times as large.',
    ),
    rule('sandbox-is-independent', { path: '^src/sandbox' }, { path: `^src/(?!sandbox)|${vscodeModule}` }),
    rule('launch-imports', { path: '^src/launch' }, { path: `^src/(?!launch|sandbox)|${vscodeModule}` }),
    rule('nothing-imports-launch', { path: '^src/(?!launch)' }, { path: '^src/launch' }),
    rule(
      'everything-resolves',
      { path: '^(src|webview-ui)' },
      { couldNotResolve: true, pathNot: vscodeModule },
      'What cannot be found is judged by no other rule.',
    ),
    rule('nothing-ships-tests', { path: '^(src|webview-ui)' }, { path: '^test' }),
  ],
  options: {
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    doNotFollow: { path: 'node_modules' },
    // The build's own script, which the package `esbuild` is taken for.
    exclude: { path: '^esbuild\\.mjs$' },
    enhancedResolveOptions: {
      extensions: ['.ts', '.mjs', '.js', '.json'],
      exportsFields: ['exports'],
      conditionNames: ['import', 'types', 'node', 'default'],
    },
  },
};
