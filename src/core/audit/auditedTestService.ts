import { TestService, type TestServiceDependencies } from '../connection/testService.ts';
import type { ConnectionTestResult } from '../fhir/connectionTest.ts';
import type { ConnectionTestRow } from '../fhir/connectionTestRow.ts';
import { newCorrelation } from './auditedAction.ts';
import type { AuditRecorder } from './auditEvent.ts';

/** Connection tests with entries in the audit log: the test itself, and what it read over FHIR. */
export class AuditedTestService extends TestService {
  readonly #audit: AuditRecorder;

  constructor(dependencies: TestServiceDependencies, audit: AuditRecorder) {
    super(dependencies);
    this.#audit = audit;
  }

  override async test(
    connectionId: string,
    onRow: (row: ConnectionTestRow) => void,
    signal: AbortSignal,
  ): Promise<ConnectionTestResult> {
    const result = await super.test(connectionId, onRow, signal);
    const { passed, failed, rows, patientCount } = result;
    const common = { connection: connectionId, correlation: newCorrelation() } as const;
    const outcome = signal.aborted ? 'cancelled' : failed > 0 ? 'failure' : 'success';
    this.#audit.record({ ...common, action: 'connection.tested', outcome, detail: { passed, failed } });
    if (rows.some(({ id, status }) => id === 'patientRead' && status === 'pass')) {
      const detail = { resourceType: 'Patient', count: patientCount?.count ?? 1 };
      this.#audit.record({ ...common, action: 'fhir.read', outcome: 'success', detail });
    }
    return result;
  }
}
