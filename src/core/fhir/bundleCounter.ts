import { createHash } from 'node:crypto';
import * as z from 'zod/mini';
import { WorkbenchError, type ErrorDetails } from '../base/errors.ts';
import { BundleSplitter } from './bundleSplitter.ts';

/** What is left of a Bundle: nothing of its resources. */
export interface BundleCount {
  readonly entries: number;
  /** The same for the same set of resources, in whatever order; says nothing about them. */
  readonly fingerprint: string;
  /** Digest of the first entry's identity; absent where there is no entry. */
  readonly firstEntry?: string;
}

const entrySchema = z.looseObject({
  fullUrl: z.optional(z.string()),
  resource: z.optional(z.looseObject({ id: z.optional(z.string()) })),
});

/**
 * Counts the entries of a Bundle while it arrives; memory does not grow with their number.
 *
 * Throws WorkbenchError `http/not-json`, `fhir/invalid-response`, `http/too-large`, and what the stream throws.
 */
export async function countBundle(
  chunks: AsyncIterable<Uint8Array>,
  details: ErrorDetails = {},
): Promise<BundleCount> {
  let entries = 0;
  let firstEntry: Buffer | undefined;
  const fingerprint = Buffer.alloc(32);
  const splitter = new BundleSplitter((entry) => {
    const digest = createHash('sha256').update(identityOf(entry, details)).digest();
    for (let index = 0; index < fingerprint.length; index++) {
      fingerprint[index] = (fingerprint[index] ?? 0) ^ (digest[index] ?? 0);
    }
    firstEntry ??= digest;
    entries += 1;
  }, details);
  for await (const chunk of chunks) splitter.push(chunk);
  splitter.finish();
  return {
    entries,
    fingerprint: `${entries}:${fingerprint.toString('base64url')}`,
    ...(firstEntry ? { firstEntry: firstEntry.toString('base64url') } : {}),
  };
}

function identityOf(entry: unknown, details: ErrorDetails): string {
  const parsed = entrySchema.safeParse(entry);
  const identity = parsed.data?.resource?.id ?? parsed.data?.fullUrl;
  if (identity === undefined) throw new WorkbenchError('fhir/invalid-response', { details });
  return identity;
}
