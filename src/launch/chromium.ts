import { access, constants } from 'node:fs/promises';
import { MissingRequirement } from './progress.ts';
import { findProgram, installSystemPackages } from './systemPackages.ts';

const programNames = [
  'chromium',
  'chromium-browser',
  'google-chrome',
  'google-chrome-stable',
  'chrome',
  'msedge',
];
const knownPlaces = [
  '/usr/bin/chromium',
  '/snap/bin/chromium',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  '/Applications/Chromium.app/Contents/MacOS/Chromium',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe',
  'C:\\Program Files (x86)\\Microsoft\\Edge\\Application\\msedge.exe',
];

async function isExecutable(file: string): Promise<boolean> {
  return access(file, constants.X_OK).then(
    () => true,
    () => false,
  );
}

/** The browser named by OPENEMR_WORKBENCH_CHROMIUM, on PATH or in a usual place; undefined where there is none. */
export async function findChromium(): Promise<string | undefined> {
  const named = process.env['OPENEMR_WORKBENCH_CHROMIUM'];
  if (named) return named;
  for (const name of programNames) {
    const found = await findProgram(name);
    if (found) return found;
  }
  for (const place of knownPlaces) {
    if (await isExecutable(place)) return place;
  }
  return undefined;
}

/**
 * Like findChromium, but installs Debian's package where that is possible.
 * @throws MissingRequirement where there is no browser and none can be installed.
 */
export async function chromiumExecutable(): Promise<string> {
  const present = await findChromium();
  if (present) return present;
  await installSystemPackages(['chromium'], 'driving VS Code in a browser');
  const installed = await findChromium();
  if (installed) return installed;
  throw new MissingRequirement('Chromium is missing: install it or name it in OPENEMR_WORKBENCH_CHROMIUM.');
}
