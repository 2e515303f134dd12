import type { Connection } from '../../core/connection/connection.ts';
import type { ClientService } from '../../core/connection/clientService.ts';
import type { ConnectionService } from '../../core/connection/connectionService.ts';
import type { FhirService } from '../../core/fhir/fhirService.ts';
import type { LatencyHistory } from '../../core/fhir/latencyHistory.ts';
import type { PatientCount } from '../../core/fhir/patientCount.ts';
import type { FhirView } from '../../protocol/fhirViews.ts';
import type { PresentedError } from '../../protocol/viewModels.ts';
import type { AccessTokenClipboard } from '../accessTokenClipboard.ts';
import type { FhirDocuments } from '../fhirDocuments.ts';
import type { FhirReveals } from '../fhirReveals.ts';
import type { ReportExport } from '../reportExport.ts';

export interface FhirSectionsServices {
  readonly connections: ConnectionService;
  readonly clients: Pick<ClientService, 'registeredAt'>;
  readonly sessions: { tokens(connection: Connection): Promise<{ accessToken: string } | undefined> };
  readonly fhir: FhirService;
  readonly latency: LatencyHistory;
  readonly reveals: FhirReveals;
  readonly documents: FhirDocuments;
  readonly clipboard: AccessTokenClipboard;
  readonly reports: ReportExport;
  readonly present: (error: unknown) => PresentedError;
  /** What the last connection test counted. */
  readonly patientCount: (connectionId: string) => PatientCount | undefined;
}

/** The page that the sections are on. */
export interface FhirPagePort {
  /** Throws WorkbenchError `connection/not-found`. */
  readonly connectionId: () => string;
  readonly post: (view: FhirView) => void;
  /** Runs what takes long, one at a time, with Cancel. */
  readonly run: <T>(operation: 'probe' | 'search', work: (signal: AbortSignal) => Promise<T>) => Promise<T>;
}

/** The same with the connection itself. */
export interface FhirPanelPort extends Omit<FhirPagePort, 'connectionId'> {
  /** Throws WorkbenchError `connection/not-found`. */
  readonly connection: () => Connection;
}
