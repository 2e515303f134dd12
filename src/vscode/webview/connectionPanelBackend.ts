import { randomUUID } from 'node:crypto';
import { l10n } from 'vscode';
import { isWorkbenchError, toWorkbenchError, WorkbenchError } from '../../core/base/errors.ts';
import type { Event } from '../../core/base/event.ts';
import type { RateLimiter } from '../../core/base/rateLimiter.ts';
import { isSameHost } from '../../core/connection/address.ts';
import type { Connection } from '../../core/connection/connection.ts';
import { connectionCheckIds } from '../../core/fhir/connectionTestRow.ts';
import type { ServerCertificateReader } from '../../core/http/serverCertificate.ts';
import { siteEndpoints } from '../../core/oauth/issuer.ts';
import type { ClientProbe } from '../../core/oauth/clientProbe.ts';
import type { ExternalBrowser } from '../../core/ports.ts';
import type {
  ActionOutcome,
  ClientChecked,
  ClientCheckOutcome,
  DiscoverOutcome,
  RegisterOutcome,
  SaveOutcome,
} from '../../protocol/outcomes.ts';
import type {
  ConnectionDraft,
  FieldProblem,
  PanelViewModel,
  PresentedError,
  TestReport,
  TestRow,
} from '../../protocol/viewModels.ts';
import { discoveryView } from './discoveryView.ts';
import { addressOf, connectionFromDraft, draftProblems } from './draftValidation.ts';
import type { ConfirmedSubmission, DraftSubmission, PanelBackend } from './panelBackend.ts';
import { connectionView, newConnectionView, openingView, type PanelServices } from './panelViewModel.ts';
import { scopeHints } from './scopeHints.ts';
import { runningRow, testReportView, testRowView } from './testRowTexts.ts';

/** What people do with a session, with the questions and progress that belong to it. */
export interface SessionActions {
  logIn(connectionId: string, signal: AbortSignal): Promise<void>;
  refresh(connectionId: string): Promise<void>;
  /** False when the person decided against it. */
  logOut(connectionId: string): Promise<boolean>;
  runErrorAction(
    actionId: string,
    connectionId: string | undefined,
    signal: AbortSignal,
  ): Promise<ActionOutcome>;
}

export interface PanelBackendDependencies extends PanelServices {
  readonly actions: SessionActions;
  readonly browser: ExternalBrowser;
  readonly readCertificate: ServerCertificateReader;
  /** Waits in the background until an administrator has enabled the client. */
  readonly waitUntilEnabled?: (connectionId: string) => void;
  readonly limits: Pick<RateLimiter, 'demand'>;
}

const certificateCodes = ['tls/untrusted', 'tls/certificate-changed', 'tls/name-mismatch'] as const;

/** The panel's requests, answered by the services. Expected failures become outcomes with texts. */
export class ConnectionPanelBackend implements PanelBackend {
  readonly #dependencies: PanelBackendDependencies;
  readonly onDidChange: Event<string | undefined>;

  constructor(dependencies: PanelBackendDependencies) {
    this.#dependencies = dependencies;
    this.onDidChange = dependencies.connections.connectionChanged;
  }

  async viewModel(connectionId?: string): Promise<PanelViewModel> {
    const { connections } = this.#dependencies;
    if (connectionId === undefined) return newConnectionView(this.#dependencies);
    return connectionView(connections.get(connectionId), this.#dependencies);
  }

  async openingView(connectionId?: string): Promise<PanelViewModel | undefined> {
    if (connectionId === undefined) return newConnectionView(this.#dependencies);
    return openingView(this.#dependencies.connections.get(connectionId), this.#dependencies);
  }

  validate({
    connectionId,
    draft,
  }: Pick<DraftSubmission, 'connectionId' | 'draft'>): Promise<FieldProblem[]> {
    const others = this.#dependencies.connections.all().filter(({ id }) => id !== connectionId);
    return Promise.resolve([
      ...draftProblems(
        draft,
        others.map(({ name }) => name),
      ),
      ...this.#scopeHints(connectionId, draft),
    ]);
  }

  async discover(submission: DraftSubmission, signal: AbortSignal): Promise<DiscoverOutcome> {
    const problems = (await this.validate(submission)).filter(
      ({ field, severity }) => severity === 'error' && ['baseUrl', 'site'].includes(field),
    );
    const address = addressOf(submission.draft);
    if (problems.length > 0 || !address) return { kind: 'invalid', problems };
    const { servers, present } = this.#dependencies;
    const server = { ...address, ...this.#trustFor(submission, address.baseUrl) };
    try {
      const { address: ownAddress, discovery } = await servers.discoverByOwnName(server, signal);
      const { pinnedCertificate } = ownAddress;
      if (pinnedCertificate && !isSameHost(ownAddress.baseUrl, address.baseUrl))
        submission.trust.add(ownAddress.baseUrl, pinnedCertificate);
      return { kind: 'found', discovery: discoveryView(ownAddress, discovery) };
    } catch (error) {
      if (isWorkbenchError(error, 'operation/cancelled')) return { kind: 'cancelled' };
      if (isWorkbenchError(error, ...certificateCodes))
        return this.#askForTrust(address.baseUrl, error, signal);
      return { kind: 'failed', error: present(error) };
    }
  }

  async trustCertificate(submission: DraftSubmission, sha256: string): Promise<ActionOutcome> {
    const { connections, readCertificate } = this.#dependencies;
    return this.#outcome(async () => {
      this.#dependencies.limits.demand('configuration');
      const address = addressOf(submission.draft);
      const presented = address && (await readCertificate(address.baseUrl));
      if (!address || presented?.sha256 !== sha256) {
        return { kind: 'failed', error: this.present(new WorkbenchError('tls/certificate-changed')) };
      }
      const pinnedCertificate = { pem: presented.pem, sha256 };
      const saved = this.#saved(submission.connectionId);
      if (saved && isSameHost(saved.baseUrl, address.baseUrl))
        await connections.edit(saved.id, { pinnedCertificate });
      else submission.trust.add(address.baseUrl, pinnedCertificate);
      return { kind: 'done', message: l10n.t('This certificate is now trusted for this connection.') };
    });
  }

  forgetCertificate(connectionId: string): Promise<ActionOutcome> {
    const { connections } = this.#dependencies;
    return this.#outcome(async () => {
      if (!connections.get(connectionId).pinnedCertificate) return { kind: 'cancelled' };
      await connections.edit(connectionId, { pinnedCertificate: undefined });
      return { kind: 'done', message: l10n.t('This certificate is no longer trusted for this connection.') };
    });
  }

  async save(submission: ConfirmedSubmission): Promise<SaveOutcome> {
    const { connections, present } = this.#dependencies;
    const problems = await this.#errors(submission);
    const connection = this.#connectionOf(submission);
    if (!connection || problems.length > 0) return { kind: 'invalid', problems };
    try {
      this.#dependencies.limits.demand('configuration');
      const { clientSecret } = submission;
      const isNewClient = connection.clientId !== undefined && this.#isNewClient(connection, clientSecret);
      await connections.save(connection, { clientSecret, mayEndSession: submission.confirmed });
      // From now on the saved connection says what is trusted.
      submission.trust.remove(connection.baseUrl);
      // A client that somebody made by hand is looked at at once; what that finds is shown, not an obstacle.
      const check = isNewClient ? await this.#lookAt(connection) : undefined;
      return { kind: 'saved', connectionId: connection.id, ...(check ? { check } : {}) };
    } catch (error) {
      if (isWorkbenchError(error, 'connection/would-lose-settings')) return signsOut();
      return { kind: 'failed', error: present(error) };
    }
  }

  async register(submission: ConfirmedSubmission, signal: AbortSignal): Promise<RegisterOutcome> {
    const { clients, present } = this.#dependencies;
    const problems = await this.#errors(submission);
    const connection = this.#connectionOf(submission);
    if (!connection || problems.length > 0) return { kind: 'invalid', problems };
    try {
      this.#dependencies.limits.demand('configuration');
      const registered = await clients.register(connection, { mayEndSession: submission.confirmed }, signal);
      submission.trust.remove(registered.baseUrl);
      const client = await this.#clientState(registered, signal);
      if (client === 'disabled') this.#dependencies.waitUntilEnabled?.(registered.id);
      return {
        kind: 'registered',
        connectionId: registered.id,
        clientId: registered.clientId ?? '',
        client,
      };
    } catch (error) {
      if (isWorkbenchError(error, 'operation/cancelled')) return { kind: 'cancelled' };
      if (isWorkbenchError(error, 'connection/would-lose-settings')) return signsOut();
      const scope = toWorkbenchError(error).details['scope'];
      if (isWorkbenchError(error, 'registration/scope-refused') && typeof scope === 'string') {
        return { kind: 'scopesRefused', scopes: [scope], error: present(error) };
      }
      return { kind: 'failed', error: present(error) };
    }
  }

  async checkClient(connectionId: string, signal: AbortSignal): Promise<ClientCheckOutcome> {
    const { connections, clients, present } = this.#dependencies;
    try {
      return checkedView(await clients.check(connections.get(connectionId), signal));
    } catch (error) {
      return { kind: 'failed', error: present(error) };
    }
  }

  openApiClients(connectionId: string): Promise<ActionOutcome> {
    const { connections, browser } = this.#dependencies;
    return this.#outcome(async () => {
      await browser.open(siteEndpoints(connections.get(connectionId)).apiClientsScreen);
      return { kind: 'done', message: l10n.t('OpenEMR was opened in your browser.') };
    });
  }

  logIn(connectionId: string, signal: AbortSignal): Promise<ActionOutcome> {
    return this.#outcome(async () => {
      await this.#dependencies.actions.logIn(connectionId, signal);
      return { kind: 'done', message: l10n.t('Signed in.') };
    });
  }

  refreshToken(connectionId: string): Promise<ActionOutcome> {
    return this.#outcome(async () => {
      await this.#dependencies.actions.refresh(connectionId);
      return { kind: 'done', message: l10n.t('The token was refreshed.') };
    });
  }

  logOut(connectionId: string): Promise<ActionOutcome> {
    return this.#outcome(async () =>
      (await this.#dependencies.actions.logOut(connectionId))
        ? { kind: 'done', message: l10n.t('Signed out.') }
        : { kind: 'cancelled' },
    );
  }

  async testConnection(
    connectionId: string,
    onRow: (row: TestRow) => void,
    signal: AbortSignal,
  ): Promise<TestReport> {
    const { tests, present, limits } = this.#dependencies;
    limits.demand('test');
    for (const id of connectionCheckIds) onRow(runningRow(id));
    const result = await tests.test(connectionId, (row) => onRow(testRowView(row, present)), signal);
    return testReportView(result, present, signal.aborted);
  }

  runAction(actionId: string, connectionId: string | undefined, signal: AbortSignal): Promise<ActionOutcome> {
    return this.#outcome(() => this.#dependencies.actions.runErrorAction(actionId, connectionId, signal));
  }

  present(error: unknown): PresentedError {
    return this.#dependencies.present(error);
  }

  async #askForTrust(baseUrl: string, error: unknown, signal: AbortSignal): Promise<DiscoverOutcome> {
    const { readCertificate, present } = this.#dependencies;
    try {
      const { subject, issuer, validFrom, validTo, sha256, isSelfSigned } = await readCertificate(
        baseUrl,
        signal,
      );
      const validity = { validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) };
      const certificate = { subject, issuer, ...validity, sha256, selfSigned: isSelfSigned };
      return { kind: 'certificate', certificate, error: present(error) };
    } catch (readError) {
      return { kind: 'failed', error: present(readError) };
    }
  }

  async #clientState(
    connection: Connection,
    signal: AbortSignal,
  ): Promise<'enabled' | 'disabled' | 'unclear'> {
    try {
      const { isEnabled } = await this.#dependencies.clients.check(connection, signal);
      if (isEnabled === undefined) return 'unclear';
      return isEnabled ? 'enabled' : 'disabled';
    } catch {
      return 'unclear';
    }
  }

  async #lookAt(connection: Connection): Promise<ClientChecked | undefined> {
    try {
      return checkedView(await this.#dependencies.clients.check(connection));
    } catch {
      return undefined;
    }
  }

  async #errors(submission: DraftSubmission): Promise<FieldProblem[]> {
    return (await this.validate(submission)).filter(({ severity }) => severity === 'error');
  }

  #connectionOf({ connectionId, draft, trust }: DraftSubmission): Connection | undefined {
    const connection = connectionFromDraft(connectionId ?? randomUUID(), draft, this.#saved(connectionId));
    if (!connection) return undefined;
    const pinnedCertificate = trust.certificateOf(connection.baseUrl);
    return pinnedCertificate ? { ...connection, pinnedCertificate } : connection;
  }

  #trustFor(submission: DraftSubmission, baseUrl: string): Pick<Connection, 'pinnedCertificate' | 'caFile'> {
    const saved = this.#saved(submission.connectionId);
    const isSavedHost = saved !== undefined && isSameHost(saved.baseUrl, baseUrl);
    const pinnedCertificate =
      submission.trust.certificateOf(baseUrl) ?? (isSavedHost ? saved.pinnedCertificate : undefined);
    return { pinnedCertificate, caFile: saved?.caFile };
  }

  #scopeHints(connectionId: string | undefined, draft: ConnectionDraft): FieldProblem[] {
    const { servers, clients } = this.#dependencies;
    const saved = this.#saved(connectionId);
    const current = saved && clients.registeredAt(saved).find(({ clientId }) => clientId === saved.clientId);
    return scopeHints(draft, {
      saved,
      supported: saved && servers.lastDiscovery(saved)?.metadata.scopesSupported,
      clientName: current?.clientName,
    });
  }

  #isNewClient(connection: Connection, clientSecret: string | undefined): boolean {
    return clientSecret !== undefined || this.#saved(connection.id)?.clientId !== connection.clientId;
  }

  #saved(connectionId: string | undefined): Connection | undefined {
    return connectionId === undefined ? undefined : this.#dependencies.connections.find(connectionId);
  }

  async #outcome(operation: () => Promise<ActionOutcome>): Promise<ActionOutcome> {
    try {
      return await operation();
    } catch (error) {
      if (isWorkbenchError(error, 'operation/cancelled', 'authorization/cancelled'))
        return { kind: 'cancelled' };
      return { kind: 'failed', error: this.#dependencies.present(error) };
    }
  }
}

function signsOut(): { kind: 'signsOut'; message: string } {
  return {
    kind: 'signsOut',
    message: l10n.t(
      'You are signed in. The login belongs to the former address, client and permissions, so saving this signs you out.',
    ),
  };
}

function checkedView(probe: ClientProbe): ClientChecked {
  return {
    kind: 'checked',
    client: clientOf(probe),
    redirect: answerOf(probe.isRedirectUriRegistered),
    secret: answerOf(probe.isSecretRight),
  };
}

function clientOf({ isKnown, isEnabled }: ClientProbe): 'enabled' | 'disabled' | 'unregistered' | 'unclear' {
  if (isKnown === false) return 'unregistered';
  if (isEnabled === undefined) return 'unclear';
  return isEnabled ? 'enabled' : 'disabled';
}

function answerOf(answer: boolean | undefined): 'accepted' | 'refused' | 'unclear' {
  if (answer === undefined) return 'unclear';
  return answer ? 'accepted' : 'refused';
}
