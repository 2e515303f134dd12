import * as z from 'zod/mini';
import { redactUrl } from '../base/redact.ts';
import { searchMaxBytes, type GetTransport } from '../http/httpTransport.ts';
import { BundleSlicer, parseEntry } from './bundleSlicer.ts';
import { fhirStream } from './fhirClient.ts';

/** A resource as it came: `resourceType` and `id` are checked, the rest is the server's. */
export interface FhirResource {
  readonly resourceType: string;
  readonly id: string;
  readonly [element: string]: unknown;
}

export interface SearchOptions {
  readonly transport: GetTransport;
  readonly fhirBaseUrl: string;
  readonly type: string;
  readonly query: URLSearchParams;
  /** Asked for each request: a person may look at a result for longer than a token lives. */
  readonly reading: <T>(read: (accessToken: string) => Promise<T>, signal?: AbortSignal) => Promise<T>;
  readonly signal?: AbortSignal | undefined;
  /** Entries after which the transfer is ended. */
  readonly cap?: number;
  /** Called once the first rows are there, and then as the answer grows, at most every `progressEveryMs`. */
  readonly onProgress?: (result: SearchResult) => void;
}

export const resultCap = 50_000;
export const rowsPerPage = 50;
const progressEveryMs = 250;
/** A search of a whole practice: OpenEMR takes about 1 ms a patient. */
const searchTimeoutMs = 180_000;

const entrySchema = z.looseObject({
  resource: z.looseObject({
    resourceType: z.string().check(z.regex(/^[A-Z][A-Za-z]{0,63}$/)),
    id: z.string().check(z.regex(/^[A-Za-z0-9.-]{1,64}$/)),
  }),
});

/**
 * The answer of a search: of all its entries only the place in the answer, and of one page the resources. OpenEMR
 * gives whole result sets at once and pages of Patient only, so another page is read anew from the server.
 */
export class SearchResult {
  readonly #options: SearchOptions;
  readonly #places: EntryPlaces;
  #page: readonly FhirResource[] = [];
  #from = 0;
  #isComplete = false;
  #isCapped = false;

  private constructor(options: SearchOptions) {
    this.#options = options;
    this.#places = new EntryPlaces();
  }

  /**
   * Runs a search to its end or cap. Throws WorkbenchError `fhir/*`, `http/*`, `network/*`, `operation/cancelled`.
   */
  static async run(options: SearchOptions): Promise<SearchResult> {
    const result = new SearchResult(options);
    await result.#stream();
    return result;
  }

  get type(): string {
    return this.#options.type;
  }

  /** Entries so far. */
  get count(): number {
    return this.#places.count;
  }

  /** The server had more than the cap. */
  get isCapped(): boolean {
    return this.#isCapped;
  }

  get isComplete(): boolean {
    return this.#isComplete;
  }

  /** The index of the first resource of the page at hand. */
  get from(): number {
    return this.#from;
  }

  get page(): readonly FhirResource[] {
    return this.#page;
  }

  /** Makes the page that begins at `from` the one at hand. Throws as {@link run}. */
  async show(from: number, signal?: AbortSignal): Promise<void> {
    const start = Math.min(Math.max(0, Math.trunc(from)), Math.max(0, this.count - 1));
    const length = Math.min(rowsPerPage, this.count - start);
    const page =
      this.type === 'Patient'
        ? await this.#patientPage(start, length, signal)
        : await this.#cutPage(start, length, signal);
    this.#from = start;
    this.#page = page;
  }

  async #stream(): Promise<void> {
    const { cap = resultCap, onProgress } = this.#options;
    const first: FhirResource[] = [];
    let toldAt = 0;
    const slicer = new BundleSlicer((bytes, offset) => {
      if (this.#places.count >= cap) {
        this.#isCapped = true;
        return;
      }
      if (first.length < rowsPerPage) first.push(resourceIn(bytes, this.type));
      this.#places.add(offset, bytes.length);
      this.#page = first;
    }, this.#details);
    for await (const chunk of await this.#chunks(this.#options.query, this.#options.signal)) {
      slicer.push(chunk);
      if (this.#isCapped) break;
      if (first.length === rowsPerPage && performance.now() - toldAt > progressEveryMs) {
        toldAt = performance.now();
        onProgress?.(this);
      }
    }
    if (!this.#isCapped) slicer.finish();
    this.#isComplete = true;
  }

  /** `_offset` works for Patient alone, and only beside `_count`. */
  async #patientPage(from: number, length: number, signal?: AbortSignal): Promise<FhirResource[]> {
    const query = new URLSearchParams(this.#options.query);
    query.set('_count', String(length));
    query.set('_offset', String(from));
    const page: FhirResource[] = [];
    const slicer = new BundleSlicer((bytes) => page.push(resourceIn(bytes, this.type)), this.#details);
    for await (const chunk of await this.#chunks(query, signal)) slicer.push(chunk);
    slicer.finish();
    return page.slice(0, length);
  }

  /** Reads the whole answer again up to the page, and looks only at the page's own bytes. */
  async #cutPage(from: number, length: number, signal?: AbortSignal): Promise<FhirResource[]> {
    if (length <= 0) return [];
    const start = this.#places.offset(from);
    const end = this.#places.end(from + length - 1);
    const bytes = new Uint8Array(end - start);
    let received = 0;
    for await (const chunk of await this.#chunks(this.#options.query, signal)) {
      const skipped = Math.max(0, start - received);
      const part = chunk.subarray(Math.min(skipped, chunk.length), Math.max(0, end - received));
      if (part.length > 0) bytes.set(part, received + skipped - start);
      received += chunk.length;
      if (received >= end) break;
    }
    return Array.from({ length }, (_, index) => {
      const offset = this.#places.offset(from + index) - start;
      return resourceIn(bytes.subarray(offset, this.#places.end(from + index) - start), this.type);
    });
  }

  async #chunks(query: URLSearchParams, signal: AbortSignal | undefined): Promise<AsyncIterable<Uint8Array>> {
    const { transport, reading } = this.#options;
    const text = query.toString();
    const url = text ? `${this.#address}?${text}` : this.#address;
    const limits = { timeoutMs: searchTimeoutMs, maxBytes: searchMaxBytes };
    const read = (accessToken: string) => fhirStream(transport, { url, accessToken, signal, ...limits });
    return (await reading(read, signal)).chunks;
  }

  get #address(): string {
    return `${this.#options.fhirBaseUrl}/${this.type}`;
  }

  get #details(): { url: string; resource: string } {
    return { url: redactUrl(this.#address), resource: this.type };
  }
}

function resourceIn(bytes: Uint8Array, type: string): FhirResource {
  const entry = entrySchema.safeParse(parseEntry(bytes, { resource: type }));
  // Included resources of another type, and OperationDefinition's entries, have no such shape.
  return entry.success ? entry.data.resource : { resourceType: type, id: '' };
}

/** Where each entry lies in the answer: sixteen bytes an entry. */
class EntryPlaces {
  #offsets = new Float64Array(1024);
  #lengths = new Float64Array(1024);
  count = 0;

  add(offset: number, length: number): void {
    if (this.count === this.#offsets.length) {
      this.#offsets = grown(this.#offsets);
      this.#lengths = grown(this.#lengths);
    }
    this.#offsets[this.count] = offset;
    this.#lengths[this.count] = length;
    this.count += 1;
  }

  offset(index: number): number {
    return this.#offsets[index] ?? 0;
  }

  end(index: number): number {
    return this.offset(index) + (this.#lengths[index] ?? 0);
  }
}

function grown(places: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
  const larger = new Float64Array(places.length * 2);
  larger.set(places);
  return larger;
}
