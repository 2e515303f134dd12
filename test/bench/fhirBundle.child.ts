// node fhirBundle.child.ts serve | json URL | explore URL: a Bundle of 50,000 patients, and one reading of it, in a process of its own.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SearchResult } from '../../src/core/fhir/fhirExplorer.ts';
import { summaryOf } from '../../src/core/fhir/resourceSummary.ts';
import { createFetchTransport } from '../../src/platform/fetchTransport.ts';
import { eraNamed } from '../../src/sandbox/era.ts';
import { generatedDataset } from '../../src/sandbox/fhir/generatedData.ts';
import { patientResource } from '../../src/sandbox/fhir/patientResource.ts';
import { peakMemoryKb } from './peakMemory.ts';

export interface BundleReading {
  readonly firstRowsMs: number;
  readonly totalMs: number;
  readonly longestBlockMs: number;
  /** The longest time that one turn kept its own thread at work: without the waiting for a busy machine's core. */
  readonly longestOwnMs: number;
  /** Bytes. */
  readonly peakMemory: number;
  readonly count: number;
}

const entries = 50_000;
const probeEveryMs = 2;

function bundle(): Buffer {
  const { patients } = generatedDataset();
  const era = eraNamed('8.2');
  const parts: string[] = [];
  for (let index = 0; index < entries; index++) {
    const patient = patients[index % patients.length];
    if (!patient) throw new Error('No patients were generated.');
    const uuid = `${index.toString(16).padStart(8, '0')}${patient.uuid.slice(8)}`;
    const resource = patientResource(era, { ...patient, uuid });
    parts.push(JSON.stringify({ fullUrl: `http://127.0.0.1/apis/default/fhir/Patient/${uuid}`, resource }));
  }
  const head = `{"resourceType":"Bundle","type":"collection","total":${entries},"entry":[`;
  return Buffer.from(`${head}${parts.join(',')}]}`);
}

function serve(): void {
  const body = bundle();
  const server = createServer((request, response) => {
    if (request.url === '/empty') {
      response.end();
      return;
    }
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': body.length });
    response.end(body);
  });
  server.listen(0, '127.0.0.1', () => {
    const { port } = server.address() as AddressInfo;
    process.stdout.write(`http://127.0.0.1:${port} ${body.length}\n`);
  });
  process.stdin.once('end', () => process.exit()).resume();
}

type Read = (url: string, onFirstRows: () => void) => Promise<number>;

const readWhole: Read = async (url, onFirstRows) => {
  const answer = (await (await fetch(`${url}/Patient`)).json()) as { entry: unknown[] };
  onFirstRows();
  return answer.entry.length;
};

const explore: Read = async (url, onFirstRows) => {
  let isFirst = true;
  const result = await SearchResult.run({
    transport: createFetchTransport(),
    fhirBaseUrl: url,
    type: 'Patient',
    query: new URLSearchParams(),
    reading: (read) => read('none'),
    onProgress: ({ page }) => {
      if (!isFirst) return;
      isFirst = false;
      for (const resource of page) summaryOf(resource, false);
      onFirstRows();
    },
  });
  return result.count;
};

async function measure(read: Read, url: string): Promise<BundleReading> {
  // What the first fetch of a process loads is no part of the reading.
  await (await fetch(`${url}/empty`)).text();
  let [longestBlockMs, longestOwnMs] = [0, 0];
  let [last, lastOwn] = [performance.now(), ownMs()];
  const watch = setInterval(() => {
    const [now, own] = [performance.now(), ownMs()];
    longestBlockMs = Math.max(longestBlockMs, now - last - probeEveryMs);
    longestOwnMs = Math.max(longestOwnMs, own - lastOwn);
    [last, lastOwn] = [now, own];
  }, probeEveryMs);
  const start = performance.now();
  let firstRowsMs = 0;
  const count = await read(url, () => (firstRowsMs = performance.now() - start));
  const totalMs = performance.now() - start;
  // One more turn, so that a block at the very end is seen too.
  await new Promise((resolve) => setTimeout(resolve, 2 * probeEveryMs));
  clearInterval(watch);
  const peakMemory = peakMemoryKb() * 1024;
  return { firstRowsMs, totalMs, longestBlockMs, longestOwnMs, peakMemory, count };
}

/** Milliseconds that this thread has been at work. */
function ownMs(): number {
  const { user, system } = process.threadCpuUsage();
  return (user + system) / 1000;
}

const [mode, url = ''] = process.argv.slice(2);
if (mode === 'serve') serve();
else process.stdout.write(JSON.stringify(await measure(mode === 'json' ? readWhole : explore, url)));
