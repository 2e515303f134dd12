import * as z from 'zod/mini';
import type { KeyValueStore } from '../ports.ts';

/** One run's times in milliseconds: by check of the connection test, or by resource type of the matrix. */
const runSchema = z.object({
  /** Milliseconds since the epoch. */
  at: z.number(),
  kind: z.enum(['test', 'matrix']),
  times: z.record(z.string().check(z.maxLength(80)), z.number()),
});
const historySchema = z.catch(z.array(runSchema), []);

export type LatencyRun = z.infer<typeof runSchema>;
export type LatencyKind = LatencyRun['kind'];

/** How many runs of each kind are kept. */
export const keptRuns = 10;

/** How long steps and types took in the last runs of each connection. Times only, so it may lie in the clear. */
export class LatencyHistory {
  readonly #store: KeyValueStore;

  constructor(store: KeyValueStore) {
    this.#store = store;
  }

  /** Oldest first. */
  runs(connectionId: string, kind: LatencyKind): LatencyRun[] {
    return this.#read(connectionId).filter((run) => run.kind === kind);
  }

  /** The times of the last run; empty before the first. */
  last(connectionId: string, kind: LatencyKind): Readonly<Record<string, number>> {
    return this.runs(connectionId, kind).at(-1)?.times ?? {};
  }

  async add(connectionId: string, run: LatencyRun): Promise<void> {
    const all = [...this.#read(connectionId), run];
    const kept = (['test', 'matrix'] as const).flatMap((kind) =>
      all.filter((candidate) => candidate.kind === kind).slice(-keptRuns),
    );
    await this.#store.update(keyOf(connectionId), kept);
  }

  #read(connectionId: string): LatencyRun[] {
    return historySchema.parse(this.#store.get(keyOf(connectionId)));
  }
}

function keyOf(connectionId: string): string {
  return `openemr.latency.${connectionId}`;
}
