import { env, l10n, type Uri, type ViewColumn, type WebviewPanel } from 'vscode';
import { isWorkbenchError, WorkbenchError } from '../../core/base/errors.ts';
import { DisposableStore, type Disposable } from '../../core/base/disposable.ts';
import type { Log } from '../../core/ports.ts';
import { readyResultSchema, type HostMessage, type ReadyResult } from '../../protocol/panelMessages.ts';
import type { PanelSection } from '../../protocol/panelState.ts';
import type { ConnectionDraft, DraftField, PanelViewModel } from '../../protocol/viewModels.ts';
import { exportedOutcome, removedOutcome, type AuditBackend } from './auditRequests.ts';
import { copiedOutcome, reportOutcome, type DoctorBackend } from './doctorRequests.ts';
import type { FhirPagePort } from './fhirPanelPort.ts';
import type { FhirSections } from './fhirSections.ts';
import { DraftTrust } from './draftTrust.ts';
import { addressOf } from './draftValidation.ts';
import type { DraftSubmission, PanelBackend } from './panelBackend.ts';
import { PanelChannel, type PanelHandlers } from './panelChannel.ts';
import { PanelOperations } from './panelOperations.ts';
import { setPage } from './panelPage.ts';
import { panelStrings } from './panelStrings.ts';
import { PanelTest } from './panelTest.ts';

export interface ConnectionPanelOptions {
  readonly backend: PanelBackend;
  /** Gives the FHIR sections of a panel, loaded with the first of them. */
  readonly fhir?: (port: FhirPagePort) => Promise<FhirSections>;
  readonly auditLog: AuditBackend;
  readonly doctor: DoctorBackend;
  readonly log: Log;
  readonly extensionUri: Uri;
}

/** How long a new page waits for the connection's state before it opens without, in milliseconds. */
const patienceMs = 300;

/** One open panel: answers its page's requests for one connection, and tells it of changes. */
export class ConnectionPanel implements Disposable {
  readonly #panel: WebviewPanel;
  readonly #services: ConnectionPanelOptions;
  readonly #disposables = new DisposableStore();
  readonly #channel: PanelChannel;
  readonly #operations: PanelOperations;
  readonly #test: PanelTest;
  readonly #trust = new DraftTrust();
  #fhir: Promise<FhirSections> | undefined;
  #connectionId: string | undefined;
  /** What was asked to be shown before the page could listen. */
  #pendingShow: (() => void) | undefined;
  #isPageReady = false;
  #isDisposed = false;
  /** Changes so far: what was read before the last of them is old, although it may come later. */
  #changes = 0;

  /** `opening`: what a new panel shows; a restored one, whose page has kept a state, asks. */
  constructor(
    panel: WebviewPanel,
    connectionId: string | undefined,
    services: ConnectionPanelOptions,
    opening?: Promise<PanelViewModel | undefined>,
  ) {
    this.#panel = panel;
    this.#connectionId = connectionId;
    this.#services = services;
    this.#channel = this.#disposables.add(
      new PanelChannel({
        webview: panel.webview,
        handlers: this.#handlers,
        log: services.log,
        present: (error) => services.backend.present(error),
        onAnswered: (type) => {
          if (type === 'panel.ready') this.#onPageReady();
        },
      }),
    );
    this.#operations = this.#disposables.add(
      new PanelOperations((operation) => this.#post({ type: 'operation.changed', operation })),
    );
    this.#test = new PanelTest(services.backend, (test) => this.#post({ type: 'test.changed', test }));
    this.#disposables.add(
      services.backend.onDidChange((changedId) => {
        if (changedId === undefined || changedId === this.#connectionId) void this.#sendViewModel();
      }),
    );
    this.#disposables.add(
      services.doctor.onDidChange((id) => {
        if (id === this.#connectionId) this.#post({ type: 'transcript.changed' });
      }),
    );
    this.#disposables.add(services.auditLog.onDidChange(() => this.#post({ type: 'audit.changed' })));
    this.#disposables.add(
      panel.onDidChangeViewState(({ webviewPanel }) => {
        // A hidden page is gone; it asks anew when it comes back.
        if (webviewPanel.visible) return;
        this.#isPageReady = false;
        this.#setPage();
      }),
    );
    panel.onDidDispose(() => {
      this.#isDisposed = true;
      this.#disposables.dispose();
    });
    void this.#openPage(opening);
  }

  get connectionId(): string | undefined {
    return this.#connectionId;
  }

  /** Runs `listener` once the user has closed the panel. */
  onDidDispose(listener: () => void): void {
    this.#disposables.add({ dispose: listener });
  }

  reveal(column?: ViewColumn, preserveFocus?: boolean): void {
    this.#panel.reveal(column, preserveFocus);
  }

  show(section: PanelSection, field?: DraftField | 'next', discover = false): void {
    const more = { ...(field ? { field } : {}), ...(discover ? { discover } : {}) };
    const show = () => this.#post({ type: 'panel.show', section, ...more });
    if (this.#isPageReady) show();
    else this.#pendingShow = show;
  }

  /** Runs the connection test as if its button had been pressed. */
  async startTest(): Promise<void> {
    this.show('testResults');
    await this.#runTest();
  }

  /** Shows the explorer at a type of records. */
  async explore(type: string): Promise<void> {
    const sections = await this.#fhirSections();
    this.show('explorer');
    await sections.answer({ kind: 'selectType', type });
  }

  dispose(): void {
    this.#panel.dispose();
    this.#disposables.dispose();
  }

  /** The first page comes with what it shows; VS Code keeps messages to it until it has loaded. */
  async #openPage(opening: Promise<PanelViewModel | undefined> | undefined): Promise<void> {
    const ready = opening && (await Promise.race([this.#openingState(opening), patience()]));
    if (this.#isDisposed) return;
    this.#setPage(ready);
    if (ready) this.#onPageReady();
  }

  /** Undefined where it cannot be told: the page then asks, and shows why. */
  async #openingState(opening: Promise<PanelViewModel | undefined>): Promise<ReadyResult | undefined> {
    try {
      const viewModel = await opening;
      if (!viewModel) return undefined;
      this.#nameTab(viewModel);
      return readyResultSchema.safeParse(this.#readyResult(viewModel)).data;
    } catch {
      return undefined;
    }
  }

  #setPage(ready?: ReadyResult): void {
    setPage(this.#panel.webview, this.#services.extensionUri, this.#panel.title, ready);
  }

  #onPageReady(): void {
    this.#isPageReady = true;
    this.#pendingShow?.();
    this.#pendingShow = undefined;
  }

  readonly #handlers: PanelHandlers = {
    'panel.ready': async () => this.#readyResult(await this.#openingViewModel()),
    'connection.validate': async ({ draft }) => ({
      ...addressPart(draft),
      problems: await this.#services.backend.validate(this.#submission(draft)),
    }),
    'connection.discover': ({ draft }) =>
      this.#operations.run('discover', (signal) =>
        this.#services.backend.discover(this.#submission(draft), signal),
      ),
    'connection.trustCertificate': ({ draft, sha256 }) =>
      this.#operations.quick(this.#services.backend.trustCertificate(this.#submission(draft), sha256)),
    'connection.save': async ({ draft, confirmed, clientSecret }) => {
      const secretPart = clientSecret === undefined ? {} : { clientSecret };
      const submission = { ...this.#submission(draft), ...secretPart, confirmed };
      const outcome = await this.#operations.quick(this.#services.backend.save(submission));
      if (outcome.kind === 'saved') await this.#adopt(outcome.connectionId);
      return outcome;
    },
    'connection.test': async () => {
      await this.#runTest();
      return {};
    },
    'client.register': async ({ draft, confirmed }) => {
      const submission = { ...this.#submission(draft), confirmed };
      const outcome = await this.#operations.run('register', (signal) =>
        this.#services.backend.register(submission, signal),
      );
      if (outcome.kind === 'registered') await this.#adopt(outcome.connectionId);
      return outcome;
    },
    'client.check': () =>
      this.#operations.quickWithSignal((signal) =>
        this.#services.backend.checkClient(this.#savedConnectionId(), signal),
      ),
    'client.openApiClients': async () => this.#services.backend.openApiClients(this.#savedConnectionId()),
    'session.logIn': () =>
      this.#operations.run('logIn', (signal) =>
        this.#services.backend.logIn(this.#savedConnectionId(), signal),
      ),
    'session.refresh': async () =>
      this.#operations.quick(this.#services.backend.refreshToken(this.#savedConnectionId())),
    // Asks in a dialogue of VS Code, so that no time limit fits.
    'session.logOut': async () => this.#services.backend.logOut(this.#savedConnectionId()),
    'action.run': async ({ actionId }) => {
      if (actionId === 'test' && this.#connectionId !== undefined) {
        await this.startTest();
        return { kind: 'done', message: '' };
      }
      return this.#operations.run('action', (signal) =>
        this.#services.backend.runAction(actionId, this.#connectionId, signal),
      );
    },
    'audit.page': ({ filter, before }) => this.#services.auditLog.page(filter, before),
    'audit.verify': () =>
      this.#operations.run('action', (signal) =>
        this.#services.auditLog.verify((share) => this.#post({ type: 'audit.progress', share }), signal),
      ),
    // Both ask in a dialogue of VS Code, so that no time limit fits.
    'audit.export': ({ format }) =>
      exportedOutcome(this.#services.auditLog.export(format, new AbortController().signal)),
    'audit.removeExpired': () => removedOutcome(this.#services.auditLog.removeExpired()),
    'doctor.open': () => Promise.resolve(this.#services.doctor.page(this.#connectionId)),
    'doctor.run': async () => {
      await this.#runDoctor();
      return {};
    },
    'doctor.report': () => reportOutcome(this.#services.doctor.copySupportReport(this.#connectionId)),
    'transcript.copy': ({ flow, exchange }) =>
      copiedOutcome(this.#services.doctor.copy(this.#savedConnectionId(), flow, exchange)),
    'certificate.forget': () =>
      this.#operations.quick(this.#services.backend.forgetCertificate(this.#savedConnectionId())),
    'fhir.ask': async ({ ask }) => (await this.#fhirSections()).answer(ask),
    'operation.cancel': ({ operation }) => {
      this.#operations.cancel(operation);
      return Promise.resolve({});
    },
  };

  /** Runs the doctor as if its button had been pressed. */
  async startDoctor(): Promise<void> {
    this.show('doctor');
    await this.#runDoctor();
  }

  async #runDoctor(): Promise<void> {
    const connectionId = this.#savedConnectionId();
    await this.#operations.run('doctor', (signal) =>
      this.#services.doctor.run(
        connectionId,
        (doctor) => this.#post({ type: 'doctor.changed', doctor }),
        signal,
      ),
    );
  }

  #fhirSections(): Promise<FhirSections> {
    const { fhir } = this.#services;
    if (!fhir) throw new WorkbenchError('protocol/invalid-message');
    return (this.#fhir ??= fhir({
      connectionId: () => this.#savedConnectionId(),
      post: (view) => this.#post({ type: 'fhir.changed', view }),
      run: (operation, work) => this.#operations.run(operation, work),
    }).then((sections) => this.#disposables.add(sections)));
  }

  async #runTest(): Promise<void> {
    const connectionId = this.#savedConnectionId();
    await this.#operations.run('test', (signal) => this.#test.run(connectionId, signal));
  }

  #submission(draft: ConnectionDraft): DraftSubmission {
    const { connectionId } = this;
    return { ...(connectionId ? { connectionId } : {}), draft, trust: this.#trust };
  }

  #savedConnectionId(): string {
    if (this.#connectionId === undefined) throw new WorkbenchError('connection/not-found');
    return this.#connectionId;
  }

  /** The page learns what is saved before it learns that it was saved. */
  async #adopt(connectionId: string): Promise<void> {
    this.#connectionId = connectionId;
    await this.#sendViewModel();
  }

  #readyResult(viewModel: PanelViewModel): ReadyResult {
    const { current: operation } = this.#operations;
    const test = this.#test.view(viewModel.lastTest);
    const underWay = operation ? { operation } : {};
    return { strings: panelStrings(), language: env.language, viewModel, test, ...underWay };
  }

  /** A panel may outlive its connection, over a restart for one: then it says so above the form of a new one. */
  async #openingViewModel(): Promise<PanelViewModel> {
    try {
      return await this.#viewModel();
    } catch (error) {
      if (!isWorkbenchError(error, 'connection/not-found')) throw error;
      this.#connectionId = undefined;
      return { ...(await this.#viewModel()), notice: this.#services.backend.present(error) };
    }
  }

  async #viewModel(): Promise<PanelViewModel> {
    const changes = this.#changes;
    const viewModel = await this.#services.backend.viewModel(this.#connectionId);
    if (changes !== this.#changes) return this.#viewModel();
    this.#nameTab(viewModel);
    return viewModel;
  }

  #nameTab({ connectionId, saved }: PanelViewModel): void {
    this.#panel.title = connectionId ? l10n.t('OpenEMR: {0}', saved.name) : l10n.t('OpenEMR: New Connection');
  }

  async #sendViewModel(): Promise<void> {
    const change = ++this.#changes;
    try {
      const viewModel = await this.#viewModel();
      // Whoever told of the later change sends what came of it.
      if (change !== this.#changes) return;
      this.#post({ type: 'panel.changed', viewModel });
      const test = this.#test.takeFinishedElsewhere(viewModel.lastTest);
      if (test) this.#post({ type: 'test.changed', test });
    } catch (error) {
      const { code } = this.#services.backend.present(error);
      // The connection was deleted: what the page shows is all that is left of it.
      this.#services.log.warn(`The connection panel could not be brought up to date (${code}).`);
    }
  }

  #post(message: HostMessage): void {
    this.#channel.post(message);
  }
}

function patience(): Promise<undefined> {
  return new Promise((resolve) => setTimeout(() => resolve(undefined), patienceMs));
}

function addressPart(draft: ConnectionDraft): { address?: { baseUrl: string; site: string } } {
  const address = addressOf(draft);
  return address ? { address } : {};
}
