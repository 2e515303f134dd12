import { EventEmitter, type Event } from '../core/base/event.ts';
import { presentBinding } from '../core/connection/binding.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { FhirService } from '../core/fhir/fhirService.ts';

export interface FhirRevealsDependencies {
  readonly fhir: Pick<FhirService, 'report'>;
  /** Whether the sandbox that this window started is behind a connection, proved now. */
  readonly isOwnSandbox: (connection: Connection) => Promise<boolean>;
}

/** What a person chose to see. Lives as long as the window; nothing stored can stand in for it. */
export class FhirReveals {
  readonly #dependencies: FhirRevealsDependencies;
  readonly #revealed = new Set<string>();
  readonly #all = new Set<string>();
  readonly #changed = new EventEmitter<void>();
  readonly onDidChange: Event<void> = this.#changed.event;

  constructor(dependencies: FhirRevealsDependencies) {
    this.#dependencies = dependencies;
  }

  isSandbox(connection: Connection): Promise<boolean> {
    return this.#dependencies.isOwnSandbox(connection);
  }

  isAllRevealed(connection: Connection): boolean {
    return this.#all.has(ownerOf(connection));
  }

  /** Whether somebody chose to see this record, or all of the connection's; the sandbox is asked for apart. */
  isRevealed(connection: Connection, type: string, resourceId: string): boolean {
    return this.isAllRevealed(connection) || this.#revealed.has(keyOf(connection, type, resourceId));
  }

  reveal(connection: Connection, type: string, resourceId: string): void {
    const key = keyOf(connection, type, resourceId);
    if (this.#revealed.has(key)) return;
    this.#revealed.add(key);
    this.#dependencies.fhir.report({ action: 'revealed', connectionId: connection.id, resourceType: type });
    this.#changed.fire();
  }

  /** After the question was answered. */
  revealAll(connection: Connection): void {
    if (this.isAllRevealed(connection)) return;
    this.#all.add(ownerOf(connection));
    this.#dependencies.fhir.report({ action: 'revealed', connectionId: connection.id });
    this.#changed.fire();
  }

  /** This record alone; while all are revealed it stays so. */
  mask(connection: Connection, type: string, resourceId: string): void {
    if (!this.#revealed.delete(keyOf(connection, type, resourceId))) return;
    this.#maskedAgain(connection);
  }

  maskAll(connection: Connection): void {
    const owner = ownerOf(connection);
    this.#all.delete(owner);
    for (const key of this.#revealed) if (key.startsWith(`${owner} `)) this.#revealed.delete(key);
    this.#maskedAgain(connection);
  }

  #maskedAgain({ id }: Connection): void {
    this.#dependencies.fhir.report({ action: 'masked-again', connectionId: id });
    this.#changed.fire();
  }
}

/** What was agreed to for one server does not hold for another that the connection is pointed at. */
function ownerOf(connection: Connection): string {
  return `${connection.id} ${presentBinding(connection)}`;
}

function keyOf(connection: Connection, type: string, resourceId: string): string {
  return `${ownerOf(connection)} ${type}/${resourceId}`;
}
