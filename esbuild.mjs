// Builds three bundles: the extension (ESM, split so that heavy modules load on first use), the sandbox, the webview pages.
// Options: --watch, --no-minify.
import { context, build } from 'esbuild';
import { cp, mkdir, rm, writeFile } from 'node:fs/promises';
import { iconRules } from './src/launch/iconRules.ts';

const watch = process.argv.includes('--watch');
const shared = {
  bundle: true,
  format: 'esm',
  minify: !watch && !process.argv.includes('--no-minify'),
  sourcemap: watch ? 'inline' : false,
  logLevel: 'warning',
};
// Some CommonJS dependencies call require() for Node's own modules; ESM output has none of its own.
const requireBanner = {
  js: "import { createRequire as createRequireForBundle } from 'node:module'; const require = createRequireForBundle(import.meta.url);",
};
const node = {
  ...shared,
  platform: 'node',
  target: 'node22',
  mainFields: ['module', 'main'],
  banner: requireBanner,
};

const builds = [
  {
    ...node,
    entryPoints: { extension: 'src/extension.ts' },
    outdir: 'dist',
    splitting: true,
    external: ['vscode'],
    chunkNames: 'chunks/[name]-[hash]',
    metafile: true,
  },
  { ...node, entryPoints: { sandbox: 'src/sandbox/main.ts' }, outdir: 'dist' },
  {
    ...shared,
    platform: 'browser',
    target: 'es2022',
    // In one piece each: every further file costs the page a round trip to the extension host.
    entryPoints: { connectionPanel: 'webview-ui/connectionPanel.ts', styles: 'webview-ui/styles.css' },
    outdir: 'dist/webview',
    tsconfig: 'webview-ui/tsconfig.json',
    plugins: [iconRules],
  },
];

async function copyWebviewAssets() {
  await mkdir('dist/webview', { recursive: true });
  await cp('node_modules/@vscode/codicons/dist/codicon.ttf', 'dist/webview/codicon.ttf');
}

await rm('dist', { recursive: true, force: true });
await copyWebviewAssets();
if (watch) {
  for (const options of builds) await (await context(options)).watch();
  console.error('Watching for changes.');
} else {
  const [extension] = await Promise.all(builds.map((options) => build(options)));
  await mkdir('.cache', { recursive: true });
  await writeFile('.cache/bundle-meta.json', JSON.stringify(extension.metafile));
}
