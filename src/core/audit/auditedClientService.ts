import { ClientService, type ClientServiceDependencies } from '../connection/clientService.ts';
import type { Connection } from '../connection/connection.ts';
import { failureOf } from './auditedAction.ts';
import type { AuditRecorder } from './auditEvent.ts';

/** Client registrations with an entry in the audit log. */
export class AuditedClientService extends ClientService {
  readonly #audit: AuditRecorder;

  constructor(dependencies: ClientServiceDependencies, audit: AuditRecorder) {
    super(dependencies);
    this.#audit = audit;
  }

  override async register(
    ...[connection, ...rest]: Parameters<ClientService['register']>
  ): Promise<Connection> {
    const registration = { action: 'client.registered', connection: connection.id, detail: {} } as const;
    try {
      const registered = await super.register(connection, ...rest);
      this.#audit.record({ ...registration, outcome: 'success' });
      return registered;
    } catch (error) {
      this.#audit.record({ ...registration, ...failureOf(error) });
      throw error;
    }
  }
}
