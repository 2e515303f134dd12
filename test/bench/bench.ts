// npm run bench [-- PART…] [-- --json FILE]: each figure as a ratio against its baseline, both measured in this run.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildWhenStale } from '../../src/launch/build.ts';
import { say } from '../../src/launch/progress.ts';
import { measureBundles, sizeLimits } from './bundleSizes.ts';
import { measureDoctor } from './doctor.ts';
import { measureExchanges } from './exchanges.ts';
import { measureFhir } from './fhir.ts';
import { figure, tableOf, type Figure } from './figure.ts';
import { measurePanel } from './panel.ts';
import { measureRefresh } from './refresh.ts';
import { measureStartUp } from './startUp.ts';

async function measureSizes(): Promise<Figure[]> {
  const { startUp, webview, extension, page } = await measureBundles();
  return [
    figure(
      'Read at the start',
      'bytes',
      startUp,
      { name: 'all of the extension', value: extension },
      sizeLimits.startUp,
    ),
    figure(
      'JavaScript of the panel',
      'bytes',
      webview,
      { name: 'all files of the panel', value: page },
      sizeLimits.webview,
    ),
  ];
}

const parts: Readonly<Record<string, () => Promise<Figure[]>>> = {
  startUp: measureStartUp,
  exchanges: measureExchanges,
  refresh: measureRefresh,
  fhir: measureFhir,
  doctor: measureDoctor,
  panel: measurePanel,
  sizes: measureSizes,
};

const { values, positionals } = parseArgs({
  options: { json: { type: 'string' } },
  allowPositionals: true,
});
const unknown = positionals.filter((name) => !Object.hasOwn(parts, name));
if (unknown.length > 0)
  throw new Error(`There is no part "${unknown.join('", "')}": ${Object.keys(parts).join(', ')}.`);
await buildWhenStale();
say('Measuring. All parts together take about four minutes.');
const figures: Figure[] = [];
for (const [name, measure] of Object.entries(parts)) {
  if (positionals.length === 0 || positionals.includes(name)) figures.push(...(await measure()));
}
const isWithinLimits = figures.every(({ isWithinLimit }) => isWithinLimit);
console.log(tableOf(figures));
if (values.json) {
  await writeFile(
    values.json,
    `${JSON.stringify({ ok: isWithinLimits, node: process.version, figures }, undefined, 2)}\n`,
  );
}
if (!isWithinLimits) say('A limit is missed.');
process.exitCode = isWithinLimits ? 0 : 1;
// What a browser or a server has left open must not keep the process.
process.exit();
