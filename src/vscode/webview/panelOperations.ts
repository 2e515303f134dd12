import { WorkbenchError } from '../../core/base/errors.ts';
import type { Disposable } from '../../core/base/disposable.ts';
import type { Operation } from '../../protocol/panelMessages.ts';

const limitsMs: Record<Operation, number> = {
  discover: 90_000,
  register: 90_000,
  logIn: 660_000,
  test: 300_000,
  probe: 300_000,
  search: 300_000,
  doctor: 300_000,
  action: 660_000,
};
const quickLimitMs = 60_000;

/** The panel's long work: one at a time, cancellable, limited in time. */
export class PanelOperations implements Disposable {
  readonly #onChange: (current: Operation | undefined) => void;
  #running: { readonly operation: Operation; readonly controller: AbortController } | undefined;

  constructor(onChange: (current: Operation | undefined) => void) {
    this.#onChange = onChange;
  }

  get current(): Operation | undefined {
    return this.#running?.operation;
  }

  /** Throws WorkbenchError `operation/busy` while other long work runs, `network/timed-out`. */
  async run<T>(operation: Operation, work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    if (this.#running) throw new WorkbenchError('operation/busy');
    const controller = new AbortController();
    this.#running = { operation, controller };
    this.#onChange(operation);
    try {
      return await limited((signal) => work(signal), limitsMs[operation], controller);
    } finally {
      this.#running = undefined;
      this.#onChange(undefined);
    }
  }

  /** Throws WorkbenchError `network/timed-out`. */
  quick<T>(work: Promise<T>): Promise<T> {
    return this.quickWithSignal(() => work);
  }

  /** Throws WorkbenchError `network/timed-out`. */
  quickWithSignal<T>(work: (signal: AbortSignal) => Promise<T>): Promise<T> {
    return limited(work, quickLimitMs, new AbortController());
  }

  cancel(operation: Operation): void {
    if (this.#running?.operation === operation) this.#running.controller.abort();
  }

  /** A login has a progress of its own and outlives the panel: its answer is still on the way in the browser. */
  dispose(): void {
    if (this.#running?.operation === 'logIn' || this.#running?.operation === 'action') return;
    this.#running?.controller.abort();
  }
}

/** Settles by the limit even where the work ignores its signal. */
async function limited<T>(
  work: (signal: AbortSignal) => Promise<T>,
  limitMs: number,
  controller: AbortController,
): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const limit = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort();
      reject(new WorkbenchError('network/timed-out', { details: { seconds: limitMs / 1000 } }));
    }, limitMs);
  });
  try {
    return await Promise.race([work(controller.signal), limit]);
  } finally {
    clearTimeout(timer);
  }
}
