import { readdir, readFile, stat } from 'node:fs/promises';
import { extname, join } from 'node:path';
import { buildWhenStale } from '../../src/launch/build.ts';
import { projectRoot } from '../../src/launch/paths.ts';

interface BundleMetadata {
  readonly outputs: Readonly<
    Record<
      string,
      {
        readonly inputs: Readonly<Record<string, unknown>>;
        readonly imports: readonly { readonly path: string; readonly kind: string }[];
      }
    >
  >;
}

export interface BundleSizes {
  /** Bytes of extension.js with everything that it imports statically: what a window's start has to read. */
  readonly startUp: number;
  /** Source files that are in there. */
  readonly startUpSources: readonly string[];
  /** Bytes of all JavaScript of the extension, whenever it is loaded. */
  readonly extension: number;
  /** Bytes of all JavaScript of the panel's page. */
  readonly webview: number;
  /** Bytes of everything that the panel's page may load. */
  readonly page: number;
}

/** A kilobyte is 1000 bytes. */
export const sizeLimits = { startUp: 60_000, webview: 140_000 } as const;

async function bytesOf(files: readonly string[]): Promise<number> {
  const found = await Promise.all(files.map((file) => stat(join(projectRoot, file))));
  return found.reduce((total, { size }) => total + size, 0);
}

function withStaticImports(entry: string, { outputs }: BundleMetadata): string[] {
  const reached = new Set([entry]);
  for (const file of reached) {
    for (const { path, kind } of outputs[file]?.imports ?? []) {
      // A module of Node's or of the editor is no output.
      if (kind !== 'dynamic-import' && path in outputs) reached.add(path);
    }
  }
  return [...reached];
}

/** Measures what is built; builds before where that is out of date. */
export async function measureBundles(): Promise<BundleSizes> {
  await buildWhenStale();
  const text = await readFile(join(projectRoot, '.cache', 'bundle-meta.json'), 'utf8');
  const metadata = JSON.parse(text) as BundleMetadata;
  const startUpFiles = withStaticImports('dist/extension.js', metadata);
  const pages = await readdir(join(projectRoot, 'dist', 'webview'), { recursive: true });
  const pageFiles = pages.filter((file) => extname(file)).map((file) => join('dist/webview', file));
  return {
    startUp: await bytesOf(startUpFiles),
    startUpSources: startUpFiles.flatMap((file) => Object.keys(metadata.outputs[file]?.inputs ?? {})),
    extension: await bytesOf(Object.keys(metadata.outputs)),
    webview: await bytesOf(pageFiles.filter((file) => file.endsWith('.js'))),
    page: await bytesOf(pageFiles),
  };
}
