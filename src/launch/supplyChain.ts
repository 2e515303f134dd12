import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { projectRoot } from './paths.ts';

interface LockEntry {
  readonly version: string;
  readonly integrity?: string;
  readonly license?: string;
  readonly hasInstallScript?: boolean;
  readonly dependencies?: Readonly<Record<string, string>>;
}

interface LockFile {
  readonly packages: Readonly<Record<string, LockEntry>>;
}

export interface ShippedPackage {
  readonly name: string;
  readonly version: string;
  readonly license: string;
  readonly integrity: string;
  readonly hasInstallScript: boolean;
  /** Its folder under the project. */
  readonly folder: string;
}

/** Bundled into the panel's pages, though npm knows them as needed for development only. */
const bundledForPages = ['lit', '@vscode-elements/elements', '@vscode/codicons'];

export async function readLockFile(root: string = projectRoot): Promise<LockFile> {
  return JSON.parse(await readFile(join(root, 'package-lock.json'), 'utf8')) as LockFile;
}

/** The packages whose code is in the bundles: the dependencies, what the pages are made of, and what those need. */
export function shippedPackages(lock: LockFile): ShippedPackage[] {
  const roots = [...Object.keys(lock.packages['']?.dependencies ?? {}), ...bundledForPages];
  const found = new Map<string, ShippedPackage>();
  const visit = (name: string, from: string): void => {
    const folder = resolveFolder(lock, name, from);
    const entry = lock.packages[folder];
    if (!entry || found.has(folder)) return;
    const { version, license = '', integrity = '', hasInstallScript = false } = entry;
    found.set(folder, { name, version, license, integrity, hasInstallScript, folder });
    for (const dependency of Object.keys(entry.dependencies ?? {})) visit(dependency, folder);
  };
  for (const name of roots) visit(name, '');
  return [...found.values()].sort((a, b) => a.folder.localeCompare(b.folder, 'en'));
}

/** As Node looks for it: beside the package that asks, then further up. */
function resolveFolder({ packages }: LockFile, name: string, from: string): string {
  for (let base = from; base; base = base.slice(0, Math.max(base.lastIndexOf('/node_modules/'), 0))) {
    const nested = `${base}/node_modules/${name}`;
    if (packages[nested]) return nested;
  }
  return `node_modules/${name}`;
}

/** A software bill of materials (CycloneDX 1.6, JSON). */
export function cycloneDx(
  application: { name: string; version: string },
  shipped: readonly ShippedPackage[],
) {
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    version: 1,
    metadata: { component: { type: 'application', 'bom-ref': application.name, ...application } },
    components: shipped.map(({ name, version, license, integrity }) => ({
      type: 'library',
      'bom-ref': packageUrl(name, version),
      name,
      version,
      purl: packageUrl(name, version),
      licenses: [{ license: { id: license } }],
      hashes: hashesOf(integrity),
    })),
  };
}

function packageUrl(name: string, version: string): string {
  return `pkg:npm/${name.replace('@', '%40')}@${version}`;
}

/** `sha512-<base64>` as CycloneDX wants it. */
function hashesOf(integrity: string): { alg: string; content: string }[] {
  const [algorithm, value = ''] = integrity.split('-', 2);
  if (algorithm !== 'sha512') return [];
  return [{ alg: 'SHA-512', content: Buffer.from(value, 'base64').toString('hex') }];
}

/** The licence texts of everything that is in the bundles. */
async function licenceTexts(shipped: readonly ShippedPackage[], root: string): Promise<string> {
  const parts = await Promise.all(
    shipped.map(async ({ name, version, license, folder }) => {
      const names = await readdir(join(root, folder)).catch(() => []);
      const file = names.find((candidate) => /^licen[cs]e(\.\w+)?$/i.test(candidate));
      const text = file
        ? await readFile(join(root, folder, file), 'utf8')
        : 'No licence text in the package.';
      return `${name} ${version} (${license})\n\n${text.trim()}\n`;
    }),
  );
  return parts.join(`\n${'-'.repeat(80)}\n\n`);
}

/** Writes `dist/sbom.cdx.json` and `dist/third-party-licences.txt`, to be packed along. */
export async function writeSupplyChain(application: { name: string; version: string }): Promise<void> {
  const shipped = shippedPackages(await readLockFile());
  const { name, version } = application;
  const bom = `${JSON.stringify(cycloneDx({ name, version }, shipped), null, 2)}\n`;
  await writeFile(join(projectRoot, 'dist', 'sbom.cdx.json'), bom);
  const licences = await licenceTexts(shipped, projectRoot);
  await writeFile(join(projectRoot, 'dist', 'third-party-licences.txt'), licences);
}
