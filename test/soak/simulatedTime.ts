interface Entry {
  readonly at: number;
  readonly order: number;
  readonly callback: () => void;
  cancelled: boolean;
}

const isBefore = (a: Entry, b: Entry) => a.at < b.at || (a.at === b.at && a.order < b.order);

/** The one time of a simulation: jumps from event to event once all that an event set in motion has settled. */
export class SimulatedTime {
  #now: number;
  #order = 0;
  #busy = 0;
  readonly #heap: Entry[] = [];

  constructor(start: number) {
    this.#now = start;
  }

  readonly now = (): number => this.#now;

  /** Runs `callback` at a time, unless the answer is called before. */
  at(time: number, callback: () => void): () => void {
    const entry = { at: Math.max(time, this.#now), order: this.#order++, callback, cancelled: false };
    this.#push(entry);
    return () => {
      entry.cancelled = true;
    };
  }

  after(ms: number, callback: () => void): () => void {
    return this.at(this.#now + ms, callback);
  }

  delay(ms: number): Promise<void> {
    return new Promise((resolve) => this.after(ms, resolve));
  }

  /** Work that takes real time and no simulated time, such as cryptography. */
  async whileStandingStill<T>(work: () => Promise<T>): Promise<T> {
    this.#busy++;
    try {
      return await work();
    } finally {
      this.#busy--;
    }
  }

  /** Within {@link whileStandingStill}: a part that takes simulated time. */
  async whileMoving<T>(work: () => Promise<T>): Promise<T> {
    this.#busy--;
    try {
      return await work();
    } finally {
      this.#busy++;
    }
  }

  async runUntil(end: number): Promise<void> {
    await this.#settle();
    for (let next = this.#heap[0]; next && next.at <= end; next = this.#heap[0]) {
      this.#pop();
      if (next.cancelled) continue;
      this.#now = next.at;
      next.callback();
      await this.#settle();
    }
    this.#now = end;
  }

  async #settle(): Promise<void> {
    do await new Promise<void>((resolve) => setImmediate(resolve));
    while (this.#busy > 0);
  }

  #push(entry: Entry): void {
    const heap = this.#heap;
    let index = heap.push(entry) - 1;
    while (index > 0) {
      const parent = (index - 1) >> 1;
      if (!isBefore(entry, heap[parent]!)) break;
      heap[index] = heap[parent]!;
      index = parent;
    }
    heap[index] = entry;
  }

  #pop(): void {
    const heap = this.#heap;
    const last = heap.pop();
    if (!last || heap.length === 0) return;
    let index = 0;
    for (;;) {
      let child = 2 * index + 1;
      if (child >= heap.length) break;
      if (child + 1 < heap.length && isBefore(heap[child + 1]!, heap[child]!)) child++;
      if (!isBefore(heap[child]!, last)) break;
      heap[index] = heap[child]!;
      index = child;
    }
    heap[index] = last;
  }
}
