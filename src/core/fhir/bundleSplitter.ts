import * as z from 'zod/mini';
import { WorkbenchError } from '../base/errors.ts';

const quote = 0x22;
const backslash = 0x5c;
const comma = 0x2c;
const openBrace = 0x7b;
const closeBrace = 0x7d;
const openBracket = 0x5b;
const closeBracket = 0x5d;

/** Depth inside the root object's `entry` array. */
const entryListDepth = 2;
const maxEntryBytes = 16 * 1024 * 1024;
const maxSkeletonBytes = 1024 * 1024;

const bundleSchema = z.looseObject({ resourceType: z.literal('Bundle') });

/**
 * Cuts a Bundle (https://hl7.org/fhir/R4/bundle.html) that arrives in pieces into its entries, one at a time, so
 * that memory does not grow with the answer. It looks at bytes for strings and depth only; what it cuts out is read
 * by JSON.parse, as is the rest of the Bundle with its entries left out.
 *
 * Methods throw WorkbenchError `http/not-json`, `fhir/invalid-response`, `http/too-large`.
 */
export class BundleSplitter {
  readonly #onEntry: (entry: unknown) => void;
  readonly #skeleton = new BoundedBytes(maxSkeletonBytes);
  readonly #entry = new BoundedBytes(maxEntryBytes);
  readonly #memberName = new BoundedBytes(maxSkeletonBytes);
  #depth = 0;
  #hasStarted = false;
  #isInString = false;
  #isEscaped = false;
  #isInEntryList = false;
  /** Between two entries there must be exactly one comma. */
  #needsComma = false;

  constructor(onEntry: (entry: unknown) => void) {
    this.#onEntry = onEntry;
  }

  push(chunk: Uint8Array): void {
    let start = 0;
    let index = 0;
    while (index < chunk.length) {
      if (this.#isInString) {
        index = this.#skipString(chunk, index);
        continue;
      }
      const byte = chunk[index] as number;
      index += 1;
      if (isWhitespace(byte)) continue;
      if (!this.#hasStarted) this.#begin(byte);
      if (this.#isInEntryList && this.#depth === entryListDepth) {
        start = this.#betweenEntries(byte, start, index);
        continue;
      }
      if (byte === quote) {
        this.#isInString = true;
        if (this.#depth === 1) this.#startMemberName();
      } else if (byte === openBrace || byte === openBracket) {
        this.#depth += 1;
        if (byte === openBracket && this.#depth === entryListDepth && this.#isEntryMember()) {
          this.#skeleton.add(chunk.subarray(start, index));
          start = index;
          this.#isInEntryList = true;
          this.#needsComma = false;
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#isInEntryList && this.#depth === entryListDepth) {
          this.#entry.add(chunk.subarray(start, index));
          start = index;
          this.#finishEntry();
        }
      }
    }
    this.#keepRest(chunk.subarray(start));
  }

  finish(): void {
    const text = this.#skeleton.take();
    if (!this.#hasStarted) throw new WorkbenchError('http/not-json');
    if (this.#depth !== 0 || !bundleSchema.safeParse(parse(text)).success) throw invalid();
  }

  #begin(byte: number): void {
    // A byte order mark is the decoder's business.
    if (byte === 0xef || byte === 0xbb || byte === 0xbf) return;
    if (byte !== openBrace && byte !== openBracket) throw new WorkbenchError('http/not-json');
    this.#hasStarted = true;
  }

  /** Handles one byte between entries; gives where the part not yet kept begins. */
  #betweenEntries(byte: number, start: number, index: number): number {
    if (byte === openBrace && !this.#needsComma) {
      this.#depth += 1;
      return index - 1;
    }
    if (byte === comma && this.#needsComma) {
      this.#needsComma = false;
      this.#isAfterComma = true;
      return index;
    }
    if (byte === closeBracket && !this.#isAfterComma) {
      this.#depth -= 1;
      this.#isInEntryList = false;
      return index - 1;
    }
    throw invalid();
  }
}
