import type { FhirActivity } from '../fhir/fhirActivity.ts';
import type { AuditEvent, AuditRecorder } from './auditEvent.ts';

/** Writes down what people did with records and tokens, in the audit log's own words. */
export function recordFhirActivity(recorder: AuditRecorder, activity: FhirActivity): void {
  const event = eventOf(activity);
  if (event) recorder.record(event);
}

/**
 * `undefined` for what needs no entry: masking again shows nobody anything, and the matrix keeps nothing of what it
 * reads, so that there is no record that anybody saw.
 */
function eventOf(activity: FhirActivity): AuditEvent | undefined {
  const common = { connection: activity.connectionId, outcome: 'success' } as const;
  switch (activity.action) {
    case 'read': {
      const { resourceType, count } = activity;
      return { ...common, action: 'fhir.read', detail: { resourceType, count } };
    }
    case 'revealed': {
      const { resourceType } = activity;
      const detail = resourceType
        ? ({ extent: 'record', resourceType } as const)
        : ({ extent: 'session' } as const);
      return { ...common, action: 'fhir.revealed', detail };
    }
    case 'access-token-copied':
      return { ...common, action: 'secret.copied', detail: { what: 'accessToken' } };
    case 'report-exported':
      return { ...common, action: 'exported', detail: { what: 'testReport', format: activity.format } };
    case 'masked-again':
    case 'probed':
      return undefined;
  }
}
