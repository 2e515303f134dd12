import { toDisposable, type Disposable } from './disposable.ts';

/** Subscribes a listener; disposing the answer ends the subscription. */
export type Event<T> = (listener: (value: T) => void) => Disposable;

/** A source of events for core code, which must not depend on an editor's own. */
export class EventEmitter<T> implements Disposable {
  readonly #listeners = new Set<(value: T) => void>();

  readonly event: Event<T> = (listener) => {
    this.#listeners.add(listener);
    return toDisposable(() => this.#listeners.delete(listener));
  };

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}
