import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { env, l10n, workspace, type ExtensionContext, type WebviewPanel } from 'vscode';
import { createAudit } from './auditComposition.ts';
import { createDoctor } from './doctorComposition.ts';
import { AuditedClientService } from './core/audit/auditedClientService.ts';
import { AuditedSessionService } from './core/audit/auditedSessionService.ts';
import { AuditedTestService } from './core/audit/auditedTestService.ts';
import { CallbackAudit } from './core/audit/callbackAudit.ts';
import { SettingsAudit } from './core/audit/settingsAudit.ts';
import type { FhirParts } from './fhirComposition.ts';
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
import { callbackChannels, type CallbackHost, type ListenOnLoopback } from './core/oauth/callbackChannel.ts';
import { CallbackInbox } from './core/oauth/callbackInbox.ts';
import { PreparedCodeExchange } from './core/oauth/codeExchange.ts';
import { Login } from './core/oauth/login.ts';
import { PendingLogins } from './core/oauth/pendingLogins.ts';
import { reopenCallbacks } from './core/oauth/reopenedCallbacks.ts';
import { TokenLifecycle } from './core/oauth/tokenLifecycle.ts';
import { TokenStore } from './core/oauth/tokenStore.ts';
import { Transcript } from './core/transcript/transcript.ts';
import { GuardedSecretStore, type WindowIdentity } from './core/storage/guardedSecretStore.ts';
import { SessionIndex } from './core/storage/sessionIndex.ts';
import { checkStorageHealth, rememberStoredSecrets } from './core/storage/storageHealth.ts';
import { monthOf } from './platform/auditFiles.ts';
import { CallbackHandover } from './platform/callbackHandover.ts';
import { FileDocument } from './platform/fileDocument.ts';
import { createFlowScope } from './platform/flowScope.ts';
import { FileLock } from './platform/fileLock.ts';
import { freePort } from './platform/freePort.ts';
import { listenOnLoopback } from './platform/loopbackListener.ts';
import { readServerCertificate } from './platform/serverCertificate.ts';
import { createTransportFor } from './platform/transports.ts';
import { createSessionKeeping } from './sessionComposition.ts';
import { ActiveConnection } from './vscode/activeConnection.ts';
import { AuditCommands } from './vscode/auditCommands.ts';
import { AuditLog, auditRetentionYears } from './vscode/auditLog.ts';
import { limitOfCommand } from './vscode/commandLimits.ts';
import { Commands, setSandboxContext } from './vscode/commands.ts';
import type { AuditCommandId, CommandId, DoctorCommandId } from './vscode/commandIds.ts';
import type { ErrorActionId } from './vscode/errorTexts/errorText.ts';
import { ErrorPresenter, present } from './vscode/errorPresenter.ts';
import { ConnectionEditing } from './vscode/connectionEditing.ts';
import { ConnectionExchange } from './vscode/connectionExchange.ts';
import { ConnectionTree } from './vscode/connectionTree.ts';
import { registerEnvironmentDecorations } from './vscode/environment.ts';
import { asExternalUri, callbackUri, isBrowserHost, VscodeBrowser } from './vscode/externalBrowser.ts';
import { VscodeKeyValueStore } from './vscode/keyValueStore.ts';
import { LogChannel } from './vscode/logChannel.ts';
import { plainText } from './vscode/plainText.ts';
import { proxyFor } from './vscode/proxySettings.ts';
import { tell } from './vscode/quiet.ts';
import { quickConnect } from './vscode/quickConnect.ts';
import { agreesToReset, resetStoredCredentials, tellResult } from './vscode/resetCredentials.ts';
import { connectToSandbox } from './vscode/sandboxConnection.ts';
import { SandboxProcess } from './vscode/sandboxProcess.ts';
import { VscodeSecretStore } from './vscode/secretStore.ts';
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
  dispose(): Promise<void>;
}

const loadOpenIdClient = () => import('./core/oauth/openIdClient.ts');

/** Builds all objects of the workbench and joins them: the one place that knows everything. */
export async function createWorkbench(context: ExtensionContext, statusBar: StatusBar): Promise<Workbench> {
  const owned = new DisposableStore();
  const clock = systemClock;
  const now = (): number => clock.now();
  const log = owned.add(new LogChannel());
  const browser = new VscodeBrowser();
  const globalState = new VscodeKeyValueStore(context.globalState);
  const storage = context.globalStorageUri.fsPath;

  // Storage: what is secret, what all windows share about it, and what is neither.
  const lock = new FileLock(join(storage, 'locks'));
  const indexFile = join(storage, 'index.json');
  const index = new SessionIndex(new FileDocument(indexFile, lock, clock));
  const windowIdentity: WindowIdentity = {
    id: randomUUID(),
    startedAt: performance.timeOrigin,
    sharesSecrets: !isBrowserHost(),
    arrivalDelaysMs: [30, 100, 300],
  };
  const secrets = new GuardedSecretStore(
    new VscodeSecretStore(context.secrets),
    index,
    windowIdentity,
    clock,
    lock,
  );
  const storageHealth = await checkStorageHealth(secrets, globalState, windowIdentity.sharesSecrets);
  const { sharesSecrets } = windowIdentity;
  const audit = await createAudit({ storage, secrets, sharesSecrets, state: globalState, lock, clock, log });
  const limits = new RateLimiter(shippedLimits, clock);
  const settings = owned.add(new SettingsConnections());
  const progress = new ConnectionProgress(globalState);

  // Servers, connections, tokens.
  const transportFor = owned.add(createTransportFor({ proxyFor, clock, log }));
  const transcript = new Transcript(createFlowScope(), clock);
  const { record } = transcript;
  const clockSkews = new ClockSkews();
  const servers = new Servers((trust) => withRetry(clockSkews.watch(transcript.wrap(transportFor(trust)))));
  const readCertificate: ServerCertificateReader = (address, signal) =>
    readServerCertificate(address, { signal });
  const tokens = new TokenLifecycle(new TokenStore(secrets, index, windowIdentity, clock), lock, clock, {
    log,
  });
  const connections = new ConnectionService(
    new ConnectionStore(settings),
    new ClientSecrets(secrets),
    tokens,
    servers,
  );
  owned.add(progress.onDidChange((connectionId) => connections.announce(connectionId)));

  // The login and the ways by which the browser's answer comes back.
  const pendingLogins = new PendingLogins(secrets, index, clock);
  const handover = new CallbackHandover(join(storage, 'callbacks'), clock);
  const inbox = owned.add(
    new CallbackInbox(pendingLogins, handover, clock, log, () => limits.take('callback') > 0),
  );
  const callbackAudit = owned.add(new CallbackAudit(audit.trail, clock));
  owned.add(inbox.onDidRefuse((reason) => callbackAudit.refused(reason)));
  const listen: ListenOnLoopback = (options) => listenOnLoopback({ ...options, donePage: donePage() });
  const callbackHost: CallbackHost = {
    isBrowserHost: isBrowserHost(),
    schemeUri: callbackUri(),
    externalCallbackUri: () => asExternalUri(callbackUri()),
    listen,
    freePort,
  };
  const login = owned.add(
    new Login({
      channels: callbackChannels(callbackHost),
      inbox,
      pendingLogins,
      browser,
      exchange: new PreparedCodeExchange({
        loadOpenIdClient,
        clientSecret: ({ connection }) => connections.clientSecret(connection),
        now,
      }),
      clock,
      windowId: windowIdentity.id,
    }),
  );

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
    ...{ connections, sessions, clients, browser, readCertificate, showError, showLog, limits },
    waitUntilEnabled: (id) => void doctor.enableGuide.wait(id),
  });
  const keeping = createSessionKeeping({
    ...{ owned, clock, log, connections, sessions, servers, tokens, pendingLogins, index, indexFile },
    ...{ clockSkews, secretStorage: context.secrets, showError },
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
      browser,
      readCertificate,
      limits,
      linesFor,
    },
    waitUntilEnabled: (id) => void doctor.enableGuide.wait(id),
  });
  const auditLog = new AuditLog({
    ...{ trail: audit.trail, storage: audit.files, keys: audit.keys, anchors: audit.anchors },
    ...{ monthOf, now },
    nameOf: (connectionId) => connections.find(connectionId)?.name,
    storageNotice: () => storageNotice(storageHealth),
  });
  const doctor = createDoctor({
    ...{ owned, clock, connections, sessions, clients, transcript, transportFor, callbackHost, browser },
    ...{ showError, auditHead: () => newestEntry(auditLog) },
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
  const tree = owned.add(new ConnectionTree({ connections, progress, active, now }));
  const editing = new ConnectionEditing(connections, panels);
  owned.add(registerEnvironmentDecorations());
  const commandTable = new Commands({
    ...{ connections, active, actions, panels, editing, status, sandbox, showError, showLog },
    exchange: new ConnectionExchange(connections),
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
  owned.add(await reopenCallbacks(pendingLogins, listen, inbox, clock));
  await keeping.start();
  await status.update();
  const auditCommands = new AuditCommands({
    ...{ auditLog, showError },
    openAudit: () => void panels.open(active.among(connections.all())?.id, { section: 'audit' }),
  });
  owned.add(audit.trail);
  tidyUp();
  watchForAudit();

  return {
    tree,
    runCommand: (id, target) => runWithinLimit(id, target),
    runAuditCommand: (id) => auditCommands.run(id),
    runDoctorCommand: (id) => runDoctorCommand(id),
    receiveCallback: (callbackUrl) => void inbox.receive(callbackUrl),
    restorePanel: (panel, state) => panels.deserializeWebviewPanel(panel, state),
    dispose: async () => {
      callbackAudit.dispose();
      await audit.trail.close();
      owned.dispose();
      await sandbox.stop();
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

  /** Who else would see what was changed in settings.json, or while VS Code was closed? */
  function watchForAudit(): void {
    const settingsAudit = owned.add(
      new SettingsAudit({
        connections: () => connections.all(),
        hostSafety: () => ({
          proxyStrictSsl: workspace.getConfiguration('http').get('proxyStrictSSL') !== false,
          retentionYears: auditRetentionYears(),
        }),
        onDidChange: [settings.onDidChange],
        document: new FileDocument(join(storage, 'audit', 'settings-seen.json'), lock, clock),
        ...{ audit: audit.trail, log },
      }),
    );
    void settingsAudit.look();
    owned.add(
      workspace.onDidChangeConfiguration((change) => {
        if (change.affectsConfiguration('http') || change.affectsConfiguration('openemr.audit'))
          void settingsAudit.look();
      }),
    );
    owned.add(
      audit.trail.onDidWrite(() => void rememberStoredSecrets(secrets, globalState).catch(() => undefined)),
    );
    // Where windows do not share secret storage, the anchor goes along with a token write.
    if (!sharesSecrets) owned.add(tokens.tokenSetChanged(() => void audit.trail.anchor()));
    const notice = storageNotice(storageHealth);
    if (notice) log.warn(notice);
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
    return (fhir ??= import('./fhirComposition.ts').then(({ createFhir }) =>
      owned.add(
        createFhir({
          ...{ connections, clients, sessions, servers, tests, latency, sandbox, clock, present },
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
      const { name } = await sessions.finishLogin(callbackUrl);
      void tell(plainText(l10n.t('{name}: you are signed in.', { name })));
    } catch (error) {
      await errors.show(error);
    }
  }

  function tidyUp(): void {
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

/** Works without the workbench, whose own start may be what is broken. */
export async function resetCredentials(context: ExtensionContext): Promise<boolean> {
  const secrets = new VscodeSecretStore(context.secrets);
  const state = new VscodeKeyValueStore(context.globalState);
  const health = await checkStorageHealth(secrets, state, !isBrowserHost());
  if (!(await agreesToReset(storageNotice(health)))) return false;
  const result = await resetStoredCredentials(context);
  const storage = context.globalStorageUri.fsPath;
  const log = new LogChannel();
  const { trail } = await createAudit({
    ...{ storage, secrets, sharesSecrets: !isBrowserHost(), state, log, clock: systemClock },
    lock: new FileLock(join(storage, 'locks')),
  });
  const outcome = result.failed > 0 ? 'failure' : 'success';
  trail.record({ action: 'secrets.reset', outcome, detail: { removed: result.removed } });
  await trail.close();
  trail.dispose();
  log.dispose();
  await tellResult(result);
  return true;
}

/** What the support report says of the audit log. */
async function newestEntry(auditLog: AuditLog): Promise<string | undefined> {
  const [newest] = (await auditLog.page({})).rows;
  return newest && `Newest entry: number ${newest.seq}, ${new Date(newest.time).toISOString()}`;
}

function donePage(): { language: string; title: string; text: string } {
  return {
    language: env.language,
    title: l10n.t('OpenEMR Workbench'),
    text: l10n.t('VS Code has the answer. You can close this page and go back to VS Code.'),
  };
}
