import { AuditedDoctorService } from '../core/audit/auditedDoctorService.ts';
import type { AuditRecorder } from '../core/audit/auditEvent.ts';
import type { Clock } from '../core/base/clock.ts';
import type { DisposableStore } from '../core/base/disposable.ts';
import type { ClientService } from '../core/connection/clientService.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { SessionService } from '../core/connection/sessionService.ts';
import type { TransportFor } from '../core/http/httpTransport.ts';
import { registrableCallbackUri, type CallbackHost } from '../core/oauth/callbackChannel.ts';
import { siteEndpoints } from '../core/oauth/issuer.ts';
import type { ExternalBrowser } from '../core/ports.ts';
import type { Transcript } from '../core/transcript/transcript.ts';
import { nodeNetworkProbe } from '../platform/networkProbe.ts';
import { VscodeDoctorBackend } from '../vscode/doctorBackend.ts';
import { EnableGuide } from '../vscode/enableGuide.ts';
import { present } from '../vscode/errorPresenter.ts';
import { proxyFor } from '../vscode/proxySettings.ts';

export interface DoctorParts {
  readonly owned: DisposableStore;
  readonly clock: Clock;
  readonly connections: ConnectionService;
  readonly sessions: SessionService;
  readonly clients: ClientService;
  readonly transcript: Transcript;
  readonly transportFor: TransportFor;
  readonly callbackHost: CallbackHost;
  readonly browser: ExternalBrowser;
  readonly logIn: (connectionId: string) => Promise<void>;
  readonly showError: (error: unknown, connectionId?: string) => unknown;
  readonly audit: AuditRecorder;
  readonly auditHead: () => Promise<string | undefined>;
}

/** The doctor, the support report and the guide that waits for an administrator. */
export function createDoctor(parts: DoctorParts): { backend: VscodeDoctorBackend; enableGuide: EnableGuide } {
  const { owned, clock, connections, sessions, clients, transcript, callbackHost, browser } = parts;
  const doctor = new AuditedDoctorService(
    {
      ...{ connections, sessions, transcript, proxyFor, clock },
      transportFor: parts.transportFor,
      network: nodeNetworkProbe,
      schemeRedirectUri: () => registrableCallbackUri(callbackHost),
    },
    parts.audit,
  );
  const enableGuide = owned.add(
    new EnableGuide({
      ...{ connections, clients, clock },
      logIn: parts.logIn,
      openApiClients: (id) => browser.open(siteEndpoints(connections.get(id)).apiClientsScreen),
      showError: parts.showError,
    }),
  );
  const backend = new VscodeDoctorBackend({
    ...{ doctor, transcript, connections, present },
    audit: parts.audit,
    auditHead: parts.auditHead,
    now: () => clock.now(),
  });
  return { backend, enableGuide };
}
