import type { ErrorDetails } from '../base/errors.ts';
import { BundleSlicer, parseEntry } from './bundleSlicer.ts';

/**
 * Hands out the entries of a Bundle that arrives in pieces, one at a time: memory does not grow with the answer.
 *
 * Its methods throw WorkbenchError `http/not-json`, `fhir/invalid-response`, `http/too-large`.
 */
export class BundleSplitter {
  readonly #slicer: BundleSlicer;

  /** `details`: what errors are to say about where the Bundle came from. */
  constructor(onEntry: (entry: unknown) => void, details: ErrorDetails = {}) {
    this.#slicer = new BundleSlicer((bytes) => onEntry(parseEntry(bytes, details)), details);
  }

  push(chunk: Uint8Array): void {
    this.#slicer.push(chunk);
  }

  /** Says that no more will come; fails where what came is not a whole Bundle. */
  finish(): void {
    this.#slicer.finish();
  }
}
