import { l10n, type ExtensionContext, type WebviewPanel } from 'vscode';
import { createAudit, createAuditLog, watchForAudit } from './composition/audit.ts';
import { createDoctor } from './composition/doctor.ts';
import type { FhirParts } from './composition/fhir.ts';
import { createLogin } from './composition/login.ts';
import { createSessionKeeping } from './composition/sessions.ts';
import { createStorage } from './composition/storage.ts';
import { AuditedClientService } from './core/audit/auditedClientService.ts';
import { AuditedSessionService } from './core/audit/auditedSessionService.ts';
import { AuditedTestService } from './core/audit/auditedTestService.ts';
import { recordFhirActivity } from './core/audit/fhirAudit.ts';
import { systemClock } from './core/base/clock.ts';
import { DisposableStore } from './core/base/disposable.ts';
import { isWorkbenchError } from './core/base/errors.ts';
import { ClientSecrets } from './core/connection/clientSecrets.ts';
import { ConnectionProgress } from './core/connection/connectionProgress.ts';
import { ConnectionService } from './core/connection/connectionService.ts';
import { ConnectionStore } from './core/connection/connectionStore.ts';
import { RegisteredClients } from './core/connection/registeredClients.ts';
import { Servers } from './core/connection/servers.ts';
import { RateLimiter, shippedLimits } from './core/base/rateLimiter.ts';
import { LatencyHistory } from './core/fhir/latencyHistory.ts';
import { ClockSkews } from './core/http/clockSkew.ts';
import { withRetry } from './core/http/retryPolicy.ts';
import type { ServerCertificateReader } from './core/http/serverCertificate.ts';
import { TokenLifecycle } from './core/oauth/tokenLifecycle.ts';
import { TokenStore } from './core/oauth/tokenStore.ts';
import { Transcript } from './core/transcript/transcript.ts';
import { createFlowScope } from './platform/flowScope.ts';
import { readServerCertificate } from './platform/serverCertificate.ts';
import { createTransportFor } from './platform/transports.ts';
import { ActiveConnection } from './vscode/activeConnection.ts';
import { AuditCommands } from './vscode/auditCommands.ts';
import type { AuditLog } from './vscode/auditLog.ts';
import { limitOfCommand } from './vscode/commandLimits.ts';
import { Commands, setSandboxContext } from './vscode/commands.ts';
import type { AuditCommandId, CommandId, DoctorCommandId } from './vscode/commandIds.ts';
import type { ErrorActionId } from './vscode/errorTexts/errorText.ts';
import { ErrorPresenter, present } from './vscode/errorPresenter.ts';
import { ConnectionEditing } from './vscode/connectionEditing.ts';
import { ConnectionExchange } from './vscode/connectionExchange.ts';
import { ConnectionTree } from './vscode/connectionTree.ts';
import { registerEnvironmentDecorations } from './vscode/environment.ts';
import { VscodeBrowser } from './vscode/externalBrowser.ts';
import type { FhirDocuments } from './vscode/fhirDocuments.ts';
import { VscodeKeyValueStore } from './vscode/keyValueStore.ts';
import { LogChannel } from './vscode/logChannel.ts';
import { plainText } from './vscode/plainText.ts';
import { proxyFor } from './vscode/proxySettings.ts';
import { tell } from './vscode/quiet.ts';
import { quickConnect } from './vscode/quickConnect.ts';
import { connectToSandbox } from './vscode/sandboxConnection.ts';
import { SandboxProcess } from './vscode/sandboxProcess.ts';
import { VscodeSessionActions } from './vscode/sessionActions.ts';
import { SettingsConnections } from './vscode/settingsConnections.ts';
import type { StatusBar } from './vscode/statusBar.ts';
import { storageNotice } from './vscode/storageNotice.ts';
import { StatusPresenter } from './vscode/statusPresenter.ts';
import { ConnectionPanelBackend } from './vscode/webview/connectionPanelBackend.ts';
import { ConnectionPanels } from './vscode/webview/connectionPanels.ts';

/** The loaded workbench, as the editor's entry points see it. */
export interface Workbench {
  readonly tree: ConnectionTree;
  runCommand(id: CommandId, target?: unknown): Promise<void>;
  runAuditCommand(id: AuditCommandId): Promise<void>;
  runDoctorCommand(id: DoctorCommandId): Promise<void>;
  receiveCallback(this: void, callbackUrl: string): void;
  restorePanel(panel: WebviewPanel, state: unknown): Promise<void>;
  recordDocuments(): Promise<FhirDocuments>;
  dispose(): Promise<void>;
}

const loadOpenIdClient = () => import('./core/oauth/openIdClient.ts');

/** Builds all objects of the workbench and joins them: the one place that knows everything. */
export async function createWorkbench(context: ExtensionContext, statusBar: StatusBar): Promise<Workbench> {
  const owned = new DisposableStore();
  const clock = systemClock;
  const log = new LogChannel();
  const browser = new VscodeBrowser();
  const storage = await createStorage(context, clock);
  const { lock, index, secrets, globalState } = storage;
  const audit = await createAudit({ storage, clock, log });
  const limits = new RateLimiter(shippedLimits, clock);
  const settings = owned.add(new SettingsConnections());
  const progress = new ConnectionProgress(globalState);

  // Servers, connections, tokens.
  const transportFor = owned.add(createTransportFor({ proxyFor, clock, log }));
  const transcript = new Transcript(
    createFlowScope(),
    clock,
    (id): string | undefined => connections.find(id)?.baseUrl,
  );
  const { record } = transcript;
  const clockSkews = new ClockSkews();
  const servers = new Servers((trust) => withRetry(clockSkews.watch(transcript.wrap(transportFor(trust)))));
  const readCertificate: ServerCertificateReader = (address, signal) =>
    readServerCertificate(address, { signal });
  const tokens = new TokenLifecycle(new TokenStore(secrets, index, storage.window, clock), lock, clock, {
    log,
  });
  const connections: ConnectionService = new ConnectionService(
    new ConnectionStore(settings),
    new ClientSecrets(secrets),
    tokens,
    servers,
    transcript.outside,
  );
  owned.add(progress.onDidChange((connectionId) => connections.announce(connectionId)));

  const { login, inbox, pendingLogins, callbackHost, pages, reopen } = createLogin({
    ...{ owned, clock, log, storage, browser, limits, connections, loadOpenIdClient },
  });

  // What people do with them.
  const sessions = new AuditedSessionService(
    { connections, servers, tokens, login, pendingLogins, progress, loadOpenIdClient, clock, record },
    audit.trail,
  );
  const registeredClients = new RegisteredClients(globalState);
  const clients = new AuditedClientService(
    { connections, servers, progress, callbackHost, clock, registeredClients, record },
    audit.trail,
  );
  const latency = new LatencyHistory(globalState);
  const tests = new AuditedTestService(
    {
      ...{ connections, sessions, servers, progress, clock, record, latency },
      freshTokens: (connection) => keeping.accessTokens.fresh(connection),
      readCertificate: ({ baseUrl, pinnedCertificate }) =>
        baseUrl.startsWith('https:')
          ? async (signal) => {
              const { subject, issuer, validTo, sha256 } = await readCertificate(baseUrl, signal);
              return {
                subject,
                issuer,
                validTo: Date.parse(validTo),
                isPinned: sha256 === pinnedCertificate?.sha256,
              };
            }
          : undefined,
    },
    audit.trail,
  );

  // The editor's surfaces.
  const errors = new ErrorPresenter(
    log,
    ({ id }, _error, connectionId) => void runErrorAction(id, connectionId),
  );
  const showError = (error: unknown, connectionId?: string): unknown => errors.show(error, connectionId);
  const showLog = () => log.show();
  const actions = new VscodeSessionActions({
    ...{ connections, sessions, clients, browser: pages, readCertificate, showError, showLog, limits },
    waitUntilEnabled: (id) => void doctor.enableGuide.wait(id),
  });
  const keeping = createSessionKeeping({
    ...{ owned, clock, log, connections, sessions, tokens, pendingLogins, storage },
    ...{ clockSkews, secretStorage: context.secrets, showError },
    runAction: (action, connectionId) => void runErrorAction(action, connectionId),
  });
  const { linesFor } = keeping;
  const backend = new ConnectionPanelBackend({
    ...{
      connections,
      clients,
      sessions,
      tests,
      servers,
      progress,
      present,
      actions,
      browser: pages,
      readCertificate,
      limits,
      linesFor,
    },
    waitUntilEnabled: (id) => void doctor.enableGuide.wait(id),
  });
  const auditLog = createAuditLog(audit, { storage, connections, clock });
  const doctor = createDoctor({
    ...{
      owned,
      clock,
      connections,
      sessions,
      clients,
      transcript,
      transportFor,
      callbackHost,
      browser: pages,
    },
    ...{ showError, audit: audit.trail, auditHead: () => newestEntry(auditLog) },
    logIn: (id) => actions.logIn(id),
  });
  const panels = owned.add(
    new ConnectionPanels({
      backend,
      doctor: doctor.backend,
      auditLog,
      log,
      fhir: async (port) => (await loadFhir()).sections(port),
      extensionUri: context.extensionUri,
    }),
  );
  const active = new ActiveConnection(new VscodeKeyValueStore(context.workspaceState), globalState);
  const sandbox = owned.add(
    new SandboxProcess({ script: context.asAbsolutePath('dist/sandbox.js'), clock, log }),
  );
  const status = owned.add(
    new StatusPresenter({
      ...{ connections, progress, active, statusBar, state: globalState, linesFor },
      isSandbox: (baseUrl) => sandbox.address?.baseUrl === baseUrl,
    }),
  );
  owned.add(
    sandbox.onDidChange(() => {
      void setSandboxContext(sandbox.address !== undefined);
      void status.update();
    }),
  );
  const tree = owned.add(
    new ConnectionTree({ connections, sessions, tests, progress, active, linesFor, clock }),
  );
  const editing = new ConnectionEditing(connections, panels);
  owned.add(registerEnvironmentDecorations());
  const commandTable = new Commands({
    ...{ connections, active, actions, panels, editing, status, sandbox, showError, showLog },
    exchange: new ConnectionExchange(connections, audit.trail),
    quickConnect: () =>
      quickConnect({
        ...{ backend, panels, active },
        names: () => new Set(connections.all().map(({ name }) => name)),
      }),
    connectToSandbox: (address, signal) =>
      connectToSandbox(
        address,
        l10n.t('Sandbox'),
        { connections, clients, transport: servers.transport({ baseUrl: address.baseUrl, site: 'default' }) },
        signal,
      ),
  });

  let fhir: Promise<FhirParts> | undefined;

  owned.add(inbox.onDidReceiveOrphan((callbackUrl) => void finishOrphan(callbackUrl)));
  await reopen();
  await keeping.start();
  await status.update();
  const auditCommands = new AuditCommands({
    ...{ auditLog, showError },
    openAudit: () => void panels.open(active.among(connections.all())?.id, { section: 'audit' }),
  });
  const watching = watchForAudit(audit, { storage, settings, connections, tokens, inbox, clock, log });
  tidyUp();

  return {
    tree,
    runCommand: (id, target) => runWithinLimit(id, target),
    runAuditCommand: (id) => auditCommands.run(id),
    runDoctorCommand: (id) => runDoctorCommand(id),
    receiveCallback: (callbackUrl) => void inbox.receive(callbackUrl),
    restorePanel: (panel, state) => panels.deserializeWebviewPanel(panel, state),
    recordDocuments: async () => (await loadFhir()).documents,
    dispose: async () => {
      // What is ended here may still have something to say, which is written before the rest ends.
      owned.dispose();
      await watching.close();
      await audit.trail.close();
      audit.trail.dispose();
      await sandbox.stop();
      log.dispose();
    },
  };

  async function runWithinLimit(id: CommandId, target: unknown): Promise<void> {
    const limit = limitOfCommand(id);
    try {
      if (limit) limits.demand(limit);
    } catch (error) {
      await errors.show(error);
      return;
    }
    await commandTable.run(id, target);
  }

  async function runDoctorCommand(id: DoctorCommandId): Promise<void> {
    const connectionId = active.among(connections.all())?.id;
    try {
      if (id === 'copySupportReport') await doctor.backend.copySupportReport(connectionId);
      else if (connectionId === undefined) panels.open();
      else await panels.open(connectionId).startDoctor();
    } catch (error) {
      await errors.show(error, connectionId);
    }
  }

  /** What reads records waits for the first who wants to. */
  function loadFhir(): Promise<FhirParts> {
    return (fhir ??= import('./composition/fhir.ts').then(({ createFhir }) =>
      owned.add(
        createFhir({
          ...{ connections, clients, sessions, servers, tests, latency, sandbox, clock, present },
          accessTokens: keeping.accessTokens,
          onActivity: (activity) => recordFhirActivity(audit.trail, activity),
        }),
      ),
    ));
  }

  /** The button of a notification. */
  async function runErrorAction(id: ErrorActionId, connectionId: string | undefined): Promise<void> {
    try {
      if (id === 'test' && connectionId !== undefined) {
        await panels.open(connectionId).startTest();
        return;
      }
      const outcome = await actions.runErrorAction(id, connectionId, new AbortController().signal);
      if (outcome.kind === 'done' && outcome.show) panels.open(connectionId, outcome.show);
    } catch (error) {
      await errors.show(error, connectionId);
    }
  }

  /** A login whose own window is gone ends here, without a progress that somebody could look at. */
  async function finishOrphan(callbackUrl: string): Promise<void> {
    try {
      const { id, name } = await sessions.finishLogin(callbackUrl);
      const test = l10n.t('Test connection');
      const answer = await tell(plainText(l10n.t('{name}: you are signed in.', { name })), [test]);
      if (answer === test) await panels.open(id).startTest();
    } catch (error) {
      await errors.show(error);
    }
  }

  function tidyUp(): void {
    const notice = storageNotice(storage.health);
    if (notice) log.warn(notice);
    pendingLogins.prune().catch((error: unknown) => {
      if (!isWorkbenchError(error, 'storage/behind')) log.warn('Old pending logins could not be removed.');
    });
    for (const { name, problems } of connections.rejected()) {
      log.warn(
        `A connection in settings cannot be used (${name ?? 'without a name'}): ${problems.join('; ')}`,
      );
    }
  }
}

/** What the support report says of the audit log. */
async function newestEntry(auditLog: AuditLog): Promise<string | undefined> {
  const [newest] = (await auditLog.page({})).rows;
  return newest && `Newest entry: number ${newest.seq}, ${new Date(newest.time).toISOString()}`;
}
