import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { concurrencyLimit } from '../../src/core/fhir/concurrencyLimit.ts';
import { probeResources, probesAtATime } from '../../src/core/fhir/resourceProbe.ts';
import { fetchResourceDescriptions } from '../../src/core/fhir/searchParameters.ts';
import { runToEnd } from '../../src/launch/childProcess.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { eraNamed } from '../../src/sandbox/era.ts';
import { startSandbox } from '../../src/sandbox/sandboxServer.ts';
import { logInToSandbox } from '../fhir/sandboxLogin.ts';
import type { BundleReading } from './fhirBundle.child.ts';
import { figure, median, medianOfEach, timed, type Figure } from './figure.ts';

const rounds = 3;
const bundleRounds = 5;
const types = 30;
const latencyMs = 100;
const child = fileURLToPath(new URL('fhirBundle.child.ts', import.meta.url));

/** The matrix beside bare fetches of the same addresses, as many at a time, on a sandbox that takes 100 ms. */
async function measureMatrix(): Promise<Figure> {
  const sandbox = await startSandbox({ era: '8.2' });
  try {
    const { scopes } = eraNamed('8.2');
    const login = await logInToSandbox(sandbox, [
      'openid',
      ...scopes.filter((scope) => /^user\/[A-Z]\w+\.read$/.test(scope)),
    ]);
    const transport = createFetchTransport();
    const { baseUrl, fhirBaseUrl } = sandbox;
    const all = await fetchResourceDescriptions(transport, { baseUrl, site: 'default' });
    const resources = all.slice(0, types);
    const sent: string[] = [];
    const noting = {
      ...transport,
      send: (request: Parameters<typeof transport.send>[0]) => {
        sent.push(request.url);
        return transport.send(request);
      },
    };
    const run = (withTransport: typeof transport) =>
      probeResources({
        transport: withTransport,
        fhirBaseUrl,
        resources,
        login,
        limit: concurrencyLimit(probesAtATime),
      });
    await run(noting);
    await fetch(`${baseUrl}/sandbox/faults/slow`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ milliseconds: latencyMs }),
    });
    const headers = { authorization: `Bearer ${login.accessToken}`, accept: 'application/fhir+json' };
    const bare = async () => {
      const waiting = [...sent];
      const worker = async () => {
        for (let url = waiting.shift(); url; url = waiting.shift())
          await (await fetch(url, { headers })).text();
      };
      await Promise.all(Array.from({ length: probesAtATime }, worker));
    };
    const [matrix, fetches] = await medianOfEach(
      rounds,
      () => timed(() => run(transport)),
      () => timed(bare),
    );
    const name = `${sent.length} bare fetches, ${probesAtATime} at a time`;
    return figure(`Probe matrix of ${types} types`, 'ms', matrix, { name, value: fetches }, 1.25 * fetches);
  } finally {
    await sandbox.stop();
  }
}

async function readBundle(mode: 'json' | 'explore', url: string): Promise<BundleReading> {
  const { status, output } = await runToEnd(process.execPath, [child, mode, url]);
  if (status !== 0) throw new Error(`Reading the Bundle failed:\n${output}`);
  return JSON.parse(output) as BundleReading;
}

/** The explorer's reading of 50,000 patients beside `response.json()`, each in a fresh process, taking turns. */
async function measureBundle(): Promise<Figure[]> {
  const server = spawn(process.execPath, [child, 'serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
  try {
    const [line] = (await once(createInterface({ input: server.stdout }), 'line')) as [string];
    const [url = ''] = line.split(' ');
    const readings = { json: [] as BundleReading[], explore: [] as BundleReading[] };
    for (let round = 0; round < bundleRounds; round++) {
      for (const mode of round % 2 === 0 ? (['json', 'explore'] as const) : (['explore', 'json'] as const)) {
        readings[mode].push(await readBundle(mode, url));
      }
    }
    const of = (mode: 'json' | 'explore', key: keyof BundleReading) =>
      median(readings[mode].map((reading) => reading[key]));
    const compared = (
      name: string,
      unit: 'ms' | 'bytes',
      key: keyof BundleReading,
      limit: (baseline: number) => number | undefined,
    ) => {
      const value = of('json', key);
      const baseline = { name: 'response.json()', value };
      return figure(`50,000 patients: ${name}`, unit, of('explore', key), baseline, limit(value));
    };
    return [
      compared('first rows', 'ms', 'firstRowsMs', (whole) => 0.1 * whole),
      compared('all', 'ms', 'totalMs', (whole) => 1.2 * whole),
      compared('peak memory', 'bytes', 'peakMemory', (whole) => 0.3 * whole),
      compared('longest block', 'ms', 'longestOwnMs', () => 50),
      compared('the same by the clock', 'ms', 'longestBlockMs', () => undefined),
    ];
  } finally {
    server.kill();
  }
}

/** Reading FHIR: many types at once, and more patients than fit on any screen. */
export async function measureFhir(): Promise<Figure[]> {
  return [await measureMatrix(), ...(await measureBundle())];
}
