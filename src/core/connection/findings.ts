import { presentBinding } from './binding.ts';
import type { Connection } from './connection.ts';

type Subject = Pick<Connection, 'id' | 'baseUrl' | 'site' | 'clientId'>;

/** What was found out about connections in this window. It counts as long as address and client are what they were. */
export class Findings<T> {
  readonly #found = new Map<string, { readonly boundTo: string; readonly finding: T }>();

  of(connection: Subject | undefined): T | undefined {
    const found = connection && this.#found.get(connection.id);
    return found && found.boundTo === presentBinding(connection) ? found.finding : undefined;
  }

  keep(connection: Subject, finding: T): void {
    this.#found.set(connection.id, { boundTo: presentBinding(connection), finding });
  }
}
