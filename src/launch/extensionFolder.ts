import { cp, mkdir, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { projectRoot } from './paths.ts';

const shippedFolders = ['dist', 'media', 'l10n'];
const shippedFiles = /^(package(\.nls.*)?\.json|README\.md|CHANGELOG\.md|LICENSE)$/;

interface Manifest {
  readonly publisher: string;
  readonly name: string;
  readonly version: string;
}

/** The record VS Code keeps of an extensions folder: without it the folder's content is ignored. */
function extensionsRecord(manifest: Manifest, folder: string, folderName: string): string {
  const { pathname } = pathToFileURL(folder);
  return JSON.stringify([
    {
      identifier: { id: `${manifest.publisher}.${manifest.name}` },
      version: manifest.version,
      location: { $mid: 1, path: decodeURIComponent(pathname), scheme: 'file' },
      relativeLocation: folderName,
      metadata: { source: 'vsix', installedTimestamp: 0 },
    },
  ]);
}

/** Puts the built extension, as it would be packed, into an extensions folder of its own. Replaces what is there. */
export async function installExtension(extensionsFolder: string): Promise<void> {
  const manifest = JSON.parse(await readFile(join(projectRoot, 'package.json'), 'utf8')) as Manifest;
  const folderName = `${manifest.publisher}.${manifest.name}-${manifest.version}`;
  const target = join(extensionsFolder, folderName);
  await rm(extensionsFolder, { recursive: true, force: true });
  await mkdir(target, { recursive: true });
  const present = await readdir(projectRoot);
  const shipped = present.filter((name) => shippedFolders.includes(name) || shippedFiles.test(name));
  await Promise.all(
    shipped.map((name) => cp(join(projectRoot, name), join(target, name), { recursive: true })),
  );
  await writeFile(join(extensionsFolder, 'extensions.json'), extensionsRecord(manifest, target, folderName));
}
