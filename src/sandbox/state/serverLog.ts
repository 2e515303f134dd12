/** Never holds a token, a code, a secret or a query value. */
export type LogEntry =
  | {
      readonly kind: 'request';
      readonly at: string;
      readonly method: string;
      readonly path: string;
      readonly status: number;
    }
  | {
      readonly kind: 'token';
      readonly at: string;
      readonly grantType: string;
      readonly clientId: string | undefined;
      readonly status: number;
      readonly error: string | undefined;
      readonly hint: string | undefined;
    }
  | { readonly kind: 'refresh-replay'; readonly at: string; readonly clientId: string };

const capacity = 2000;

export class ServerLog {
  readonly #entries: LogEntry[] = [];

  add(entry: LogEntry): void {
    this.#entries.push(entry);
    if (this.#entries.length > capacity) this.#entries.shift();
  }

  entries(): readonly LogEntry[] {
    return this.#entries;
  }

  clear(): void {
    this.#entries.length = 0;
  }
}
