import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { projectRoot } from '../../src/launch/paths.ts';
import { zipEntries } from '../../src/launch/zipEntries.ts';
import { zip } from '../fakes/zip.ts';
import { secretsIn, type Finding } from '../host/secretScan.ts';

export interface PackageScan {
  readonly files: number;
  readonly hits: number;
  /** One secret was put into the package as its last file: it was found, and nothing else. */
  readonly plantedFound: boolean;
}

const nothingSeen = { values: new Set<string>(), challenges: new Set<string>() };

/** Looks into every file of a VSIX, unpacked. */
export function secretsInPackage(archive: Buffer): Finding[] {
  return zipEntries(archive).flatMap(({ path, read }) =>
    secretsIn(read().toString('latin1'), nothingSeen)
      // In a program's text the name of a credential stands before the name of a variable, not before a value.
      .filter((kind) => kind !== 'named credential' || !path.endsWith('.js'))
      .map((kind) => ({ where: path, kind })),
  );
}

/** The same package with a token in one more file, packed as the others are. */
export function withPlantedSecret(archive: Buffer): Buffer {
  const part = Buffer.alloc(30, 7).toString('base64url');
  const planted = `const leftOver = "eyJ${part}.${part}.${part}";`;
  const files = zipEntries(archive).map(({ path, read }) => [path, read(), 8] as const);
  return zip([...files, ['extension/dist/chunks/planted.js', planted, 8]]);
}

/** Packs the extension as `npm run package` does, and looks for secrets in what would be shipped. */
export async function scanPackage(): Promise<PackageScan> {
  const { status, output } = await runToEnd(process.execPath, ['src/launch/package.ts'], {
    cwd: projectRoot,
  });
  const name = /^(\S+\.vsix):/m.exec(output)?.[1];
  if (status !== 0 || name === undefined) throw new Error(`The extension could not be packed:\n${output}`);
  const archive = await readFile(join(projectRoot, name));
  const found = secretsInPackage(archive);
  for (const { where, kind } of found) console.log(`  ${kind} in ${where}`);
  const planted = secretsInPackage(withPlantedSecret(archive)).filter(
    ({ where }) => !found.some((finding) => finding.where === where),
  );
  return { files: zipEntries(archive).length, hits: found.length, plantedFound: planted.length === 1 };
}
