/** Something that holds a resource until it is disposed of. */
export interface Disposable {
  dispose(): void;
}

/** A disposable that runs `onDispose` at most once. */
export function toDisposable(onDispose: () => unknown): Disposable {
  let isDisposed = false;
  return {
    dispose() {
      if (isDisposed) return;
      isDisposed = true;
      onDispose();
    },
  };
}

/** Disposes of its members together, last added first; what is added afterwards is disposed of at once. */
export class DisposableStore implements Disposable {
  readonly #members: Disposable[] = [];
  #isDisposed = false;

  add<T extends Disposable>(member: T): T {
    if (this.#isDisposed) member.dispose();
    else this.#members.push(member);
    return member;
  }

  dispose(): void {
    this.#isDisposed = true;
    for (const member of this.#members.splice(0).reverse()) member.dispose();
  }
}
