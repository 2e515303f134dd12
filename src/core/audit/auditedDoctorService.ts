import type { DoctorEvents, DoctorReport } from '../doctor/doctor.ts';
import { DoctorService, type DoctorServiceDependencies } from '../doctor/doctorService.ts';
import type { AuditRecorder } from './auditEvent.ts';

/** Examinations with an entry in the audit log. */
export class AuditedDoctorService extends DoctorService {
  readonly #audit: AuditRecorder;

  constructor(dependencies: DoctorServiceDependencies, audit: AuditRecorder) {
    super(dependencies);
    this.#audit = audit;
  }

  override async examine(
    connectionId: string,
    events: DoctorEvents,
    signal: AbortSignal,
  ): Promise<DoctorReport> {
    const report = await super.examine(connectionId, events, signal);
    const count = (wanted: string) => report.results.filter(({ status }) => status === wanted).length;
    const [passed, failed] = [count('pass'), count('fail')];
    const outcome = report.wasCancelled ? 'cancelled' : failed > 0 ? 'failure' : 'success';
    this.#audit.record({
      ...{ action: 'doctor.run', connection: connectionId, outcome, detail: { passed, failed } },
    });
    return report;
  }
}
