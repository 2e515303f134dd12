// npm run bench [-- --json FILE]: each figure as a ratio against its baseline, both measured in this run.
import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { buildWhenStale } from '../../src/launch/build.ts';
import { say } from '../../src/launch/progress.ts';
import { measureBundles, sizeLimits } from './bundleSizes.ts';
import { measureExchanges } from './exchanges.ts';
import { measureFhir } from './fhir.ts';
import { figure, tableOf, type Figure } from './figure.ts';
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

const { values } = parseArgs({ options: { json: { type: 'string' } } });
await buildWhenStale();
say('Measuring. This takes about a minute and a half.');
const figures = [
  ...(await measureStartUp()),
  ...(await measureExchanges()),
  ...(await measureRefresh()),
  ...(await measureFhir()),
  ...(await measureSizes()),
];
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
