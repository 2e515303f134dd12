import { redactUrl } from '../base/redact.ts';
import type { HttpTransport } from '../http/httpTransport.ts';
import { countBundle, type BundleCount } from './bundleCounter.ts';
import { fhirStream } from './fhirClient.ts';

export interface PatientCount {
  readonly count: number;
  /** There are at least that many: the count stopped at its cap. */
  readonly isAtLeast: boolean;
}

export interface PatientCountOptions {
  /** Entries asked for in the first page; the next ones are three times as large each. */
  readonly pageSize?: number;
  /** Where counting stops. */
  readonly cap?: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with the entries of the first page, as soon as it is there: the proof that patients can be read. */
  readonly onFirstPage?: (entries: number) => void;
}

const pageGrowth = 3;

/**
 * Counts the patients that a token may see, by pages. OpenEMR has no other way: `total` is the number in the answer,
 * there is no `next` link, and `_summary=count` gives nothing. A request takes OpenEMR 30–280 ms and about 1 ms a
 * patient, so pages grow: a practice with fewer patients than the first page holds costs one request.
 *
 * Throws what fhirStream and countBundle throw.
 */
export async function countPatients(
  transport: HttpTransport,
  fhirBaseUrl: string,
  accessToken: string,
  options: PatientCountOptions = {},
): Promise<PatientCount> {
  const { pageSize = 200, cap = 2000, signal, onFirstPage } = options;
  const readPage = async (size: number, offset: number): Promise<BundleCount> => {
    const page = offset === 0 ? `_count=${size}` : `_count=${size}&_offset=${offset}`;
    const url = `${fhirBaseUrl}/Patient?${page}`;
    const { chunks } = await fhirStream(transport, { url, accessToken, signal });
    return countBundle(chunks, { url: redactUrl(url), resource: 'Patient' });
  };

  // One more than the cap tells "exactly that many" from "more".
  let size = Math.min(pageSize, cap + 1);
  const first = await readPage(size, 0);
  onFirstPage?.(first.entries);
  let count = first.entries;
  let isFull = first.entries === size;
  while (isFull && count <= cap) {
    size = Math.min(size * pageGrowth, cap + 1 - count);
    const page = await readPage(size, count);
    if (page.fingerprint === first.fingerprint) return { count: first.entries, isAtLeast: false };
    if (page.firstEntry !== undefined && page.firstEntry === first.firstEntry) {
      // The server starts from the beginning each time, so the longer page holds the shorter one.
      return counted(Math.max(page.entries, count), cap, page.entries === size);
    }
    count += page.entries;
    isFull = page.entries === size;
  }
  return counted(count, cap, isFull);
}

function counted(count: number, cap: number, isCutOff: boolean): PatientCount {
  return { count: isCutOff ? Math.min(count, cap) : count, isAtLeast: isCutOff };
}
