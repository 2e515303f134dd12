/** Milliseconds after which others have their turn; a frame of a screen is 16. */
const turnMs = 8;

/**
 * Hands on what `source` gives, and lets timers and other events in between after each {@link turnMs} of work with it.
 * What lies ready in a buffer would otherwise be worked off in one go, with everything else waiting. While nobody
 * reads, the sender is held back too.
 */
export async function* paced<T>(source: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  let turnBegan = performance.now();
  for await (const item of source) {
    yield item;
    if (performance.now() - turnBegan < turnMs) continue;
    await new Promise((resolve) => setImmediate(resolve));
    turnBegan = performance.now();
  }
}
