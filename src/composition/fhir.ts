import type { Clock } from '../core/base/clock.ts';
import { DisposableStore, type Disposable } from '../core/base/disposable.ts';
import type { AccessTokens } from '../core/connection/accessTokens.ts';
import type { ClientService } from '../core/connection/clientService.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { Servers } from '../core/connection/servers.ts';
import type { SessionService } from '../core/connection/sessionService.ts';
import type { TestService } from '../core/connection/testService.ts';
import type { FhirActivity } from '../core/fhir/fhirActivity.ts';
import { FhirService } from '../core/fhir/fhirService.ts';
import type { LatencyHistory } from '../core/fhir/latencyHistory.ts';
import { AccessTokenClipboard } from '../vscode/accessTokenClipboard.ts';
import type { PresentedError } from '../vscode/errorPresenter.ts';
import { FhirDocuments } from '../vscode/fhirDocuments.ts';
import { FhirReveals } from '../vscode/fhirReveals.ts';
import { ReportExport } from '../vscode/reportExport.ts';
import type { SandboxProcess } from '../vscode/sandboxProcess.ts';
import type { FhirPagePort } from '../vscode/webview/fhirPanelPort.ts';
import { FhirSections } from '../vscode/webview/fhirSections.ts';
import { testReportView } from '../vscode/webview/testRowTexts.ts';

export interface FhirCompositionDependencies {
  readonly connections: ConnectionService;
  readonly clients: ClientService;
  readonly sessions: SessionService;
  readonly accessTokens: AccessTokens;
  readonly servers: Servers;
  readonly tests: TestService;
  readonly latency: LatencyHistory;
  readonly sandbox: SandboxProcess;
  readonly clock: Clock;
  readonly present: (error: unknown) => PresentedError;
  /** Where it is written down who looked at what. */
  readonly onActivity: (activity: FhirActivity) => void;
}

export interface FhirParts extends Disposable {
  readonly documents: FhirDocuments;
  sections(port: FhirPagePort): FhirSections;
}

const proofTimeoutMs = 3_000;

/** Builds what the FHIR sections need; loaded with the first of them. */
export function createFhir(dependencies: FhirCompositionDependencies): FhirParts {
  const { connections, sessions, accessTokens, servers, tests, latency, sandbox, clock, present } =
    dependencies;
  const owned = new DisposableStore();
  const fhir = new FhirService({ sessions, accessTokens, servers, latency, clock });
  owned.add(fhir.onDidAct(dependencies.onActivity));
  const isOwnSandbox = (connection: Connection): Promise<boolean> =>
    sandbox.isBehind(connection.baseUrl, async (url) => {
      const request = { method: 'GET', url, timeoutMs: proofTimeoutMs } as const;
      return (await servers.transport(connection).send(request)).text;
    });
  const reveals = new FhirReveals({ fhir, isOwnSandbox });
  const documents = owned.add(new FhirDocuments({ connections, fhir, reveals, present }));
  const clipboard = owned.add(
    new AccessTokenClipboard({ clock, report: (activity) => fhir.report(activity) }),
  );
  const reports = new ReportExport({
    fhir,
    now: () => clock.now(),
    lastTest: (connectionId) => {
      const result = tests.lastResult(connectionId);
      return result && testReportView(result, present, false);
    },
  });
  return {
    documents,
    sections: (port) =>
      new FhirSections(
        {
          ...{ connections, sessions, fhir, latency, reveals, documents, clipboard, reports, present },
          clients: dependencies.clients,
          patientCount: (connectionId) => tests.lastResult(connectionId)?.patientCount,
        },
        { ...port, connection: () => connections.get(port.connectionId()) },
      ),
    dispose: () => owned.dispose(),
  };
}
