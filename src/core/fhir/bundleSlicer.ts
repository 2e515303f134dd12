import * as z from 'zod/mini';
import { WorkbenchError, type ErrorCode, type ErrorDetails } from '../base/errors.ts';

const quote = 0x22;
const comma = 0x2c;
const backslash = 0x5c;
const openBracket = 0x5b;
const closeBracket = 0x5d;
const openBrace = 0x7b;
const closeBrace = 0x7d;

/** Depth inside of the `entry` list: root object, list. */
const listDepth = 2;
const maxEntryBytes = 16 * 1024 * 1024;
const maxSkeletonBytes = 1024 * 1024;
const endsWithEntryList = /(?<!\\)"entry"\s*:\s*\[$/;

const decoder = new TextDecoder('utf-8', { fatal: true });

/** Reads what was cut out. Throws WorkbenchError `fhir/invalid-response`. */
export function parseEntry(bytes: Uint8Array, details: ErrorDetails = {}): unknown {
  try {
    return JSON.parse(decoder.decode(bytes)) as unknown;
  } catch {
    // Without a cause: the parser's message quotes what it read, which may be about a patient.
    throw new WorkbenchError('fhir/invalid-response', { details });
  }
}

const bundleSchema = z.looseObject({ resourceType: z.literal('Bundle') });

/** The bytes of an entry, good until the listener returns, and where they begin in the whole answer. */
export type OnEntryBytes = (bytes: Uint8Array, offset: number) => void;

/**
 * Cuts a Bundle (https://hl7.org/fhir/R4/bundle.html) that arrives in pieces into the bytes of its entries, one at a
 * time, so that memory does not grow with the answer. It follows strings and depth only; at the end JSON.parse reads
 * the skeleton: the Bundle with its entries cut out.
 *
 * Its methods throw WorkbenchError `http/not-json`, `fhir/invalid-response`, `http/too-large`.
 */
export class BundleSlicer {
  readonly #onEntry: OnEntryBytes;
  readonly #details: ErrorDetails;
  readonly #skeleton = new ByteCollector(maxSkeletonBytes);
  readonly #entry = new ByteCollector(maxEntryBytes);
  #place: 'skeleton' | 'list' | 'entry' = 'skeleton';
  #depth = 0;
  #hasStarted = false;
  #isInString = false;
  #isEscaped = false;
  #listExpects: 'entry or end' | 'entry' | 'comma or end' = 'entry or end';
  /** Bytes of the chunks before the one at hand. */
  #received = 0;
  #entryOffset = 0;

  /** `details`: what errors are to say about where the Bundle came from. */
  constructor(onEntry: OnEntryBytes, details: ErrorDetails = {}) {
    this.#onEntry = onEntry;
    this.#details = details;
  }

  push(chunk: Uint8Array): void {
    /** Where the part that is not kept yet begins. */
    let start = 0;
    for (let index = 0; index < chunk.length; index++) {
      if (this.#isInString) {
        index = this.#skipString(chunk, index);
        continue;
      }
      const byte = chunk[index] as number;
      if (this.#place === 'list') {
        if (this.#readBetweenEntries(byte)) {
          start = index;
          this.#entryOffset = this.#received + index;
        }
      } else if (byte === quote) {
        this.#isInString = true;
        if (!this.#hasStarted) throw this.#error('http/not-json');
      } else if (byte === openBrace || byte === openBracket) {
        this.#hasStarted = true;
        this.#depth += 1;
        if (byte === openBracket && this.#depth === listDepth && this.#place === 'skeleton') {
          this.#keep(this.#skeleton, chunk.subarray(start, index + 1));
          start = index + 1;
          this.#enterListIfEntries();
        }
      } else if (byte === closeBrace || byte === closeBracket) {
        this.#depth -= 1;
        if (this.#place === 'entry' && this.#depth === listDepth) {
          this.#finishEntry(chunk.subarray(start, index + 1));
        }
      } else if (!this.#hasStarted && !isBeforeJson(byte)) {
        throw this.#error('http/not-json');
      }
    }
    if (this.#place === 'entry') this.#keep(this.#entry, chunk.subarray(start));
    else if (this.#place === 'skeleton') this.#keep(this.#skeleton, chunk.subarray(start));
    this.#received += chunk.length;
  }

  /** Says that no more will come; fails where what came is not a whole Bundle. */
  finish(): void {
    if (!this.#hasStarted) throw this.#error('http/not-json');
    const bundle = bundleSchema.safeParse(parseEntry(this.#skeleton.take(), this.#details));
    if (!bundle.success) throw this.#error('fhir/invalid-response');
  }

  /** Gives the index of the last byte that belongs to the string in this chunk. */
  #skipString(chunk: Uint8Array, from: number): number {
    for (let index = from; index < chunk.length; index++) {
      const byte = chunk[index] as number;
      if (this.#isEscaped) this.#isEscaped = false;
      else if (byte === backslash) this.#isEscaped = true;
      else if (byte === quote) {
        this.#isInString = false;
        return index;
      }
    }
    return chunk.length;
  }

  #enterListIfEntries(): void {
    if (!endsWithEntryList.test(this.#skeleton.ending())) return;
    this.#place = 'list';
    this.#listExpects = 'entry or end';
  }

  /** Whether this byte begins something that is to be kept: an entry, or the rest of the skeleton. */
  #readBetweenEntries(byte: number): boolean {
    if (isWhitespace(byte)) return false;
    if (byte === openBrace && this.#listExpects !== 'comma or end') {
      this.#place = 'entry';
      this.#depth += 1;
      return true;
    }
    if (byte === comma && this.#listExpects === 'comma or end') {
      this.#listExpects = 'entry';
      return false;
    }
    if (byte === closeBracket && this.#listExpects !== 'entry') {
      this.#place = 'skeleton';
      this.#depth -= 1;
      return true;
    }
    throw this.#error('fhir/invalid-response');
  }

  #finishEntry(lastPart: Uint8Array): void {
    this.#keep(this.#entry, lastPart);
    this.#place = 'list';
    this.#listExpects = 'comma or end';
    this.#onEntry(this.#entry.take(), this.#entryOffset);
  }

  #keep(collector: ByteCollector, bytes: Uint8Array): void {
    if (!collector.add(bytes)) throw this.#error('http/too-large');
  }

  #error(code: ErrorCode): WorkbenchError {
    return new WorkbenchError(code, { details: this.#details });
  }
}

class ByteCollector {
  readonly #maxBytes: number;
  #parts: Uint8Array[] = [];
  #size = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  /** False where it would grow too large. */
  add(bytes: Uint8Array): boolean {
    this.#size += bytes.length;
    if (bytes.length > 0) this.#parts.push(bytes);
    return this.#size <= this.#maxBytes;
  }

  ending(): string {
    return Buffer.concat(this.#parts.map((part) => part.subarray(-64)))
      .subarray(-64)
      .toString('latin1');
  }

  take(): Uint8Array {
    const [first, ...others] = this.#parts;
    const all = first && others.length === 0 ? first : Buffer.concat(this.#parts);
    this.#parts = [];
    this.#size = 0;
    return all;
  }
}

function isWhitespace(byte: number): boolean {
  return byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;
}

/** White space, or a byte of the UTF-8 byte order mark. */
function isBeforeJson(byte: number): boolean {
  return isWhitespace(byte) || byte === 0xef || byte === 0xbb || byte === 0xbf;
}
