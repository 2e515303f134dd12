import type { FhirAsk } from '../src/protocol/fhirViews.ts';
import type { ReadyResult, RequestContent } from '../src/protocol/panelMessages.ts';
import type { PanelSection } from '../src/protocol/panelState.ts';
import type { DraftField, PresentedError } from '../src/protocol/viewModels.ts';
import { afterPaint } from './afterPaint.ts';
import { AuditController } from './auditController.ts';
import { DoctorController } from './doctorController.ts';
import { FhirController } from './fhirController.ts';
import { FormController } from './formController.ts';
import { Host, RequestFailed, type HostEvent } from './host.ts';
import { currentStep, fill, testSummary } from './panelModel.ts';
import { PanelRequests } from './panelRequests.ts';
import { situationOf, type PageState } from './pageState.ts';
import { PageStore, type FocusTarget } from './pageStore.ts';

/** Turns clicks into requests, and what the host tells into the page's state. */
export class PanelController {
  /** Why the page could not open. */
  openingError: PresentedError | 'no-answer' | undefined;

  readonly form: FormController;
  /** The Doctor and Transcript sections' part of the state. */
  readonly doctor: DoctorController;
  /** The Audit section's own part of the state. */
  readonly audit: AuditController;
  /** The FHIR sections' own part of the state. */
  readonly fhir: FhirController;
  readonly #onChange: () => void;
  readonly #host: Host;
  readonly #store: PageStore;
  readonly #requests: PanelRequests;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#host = new Host((event) => this.#onEvent(event));
    this.#store = new PageStore(this.#host, onChange);
    this.#requests = new PanelRequests(this.#store, this.#host);
    this.form = new FormController(this.#store, this.#host);
    this.fhir = new FhirController({
      onChange,
      ask: (ask) => this.#askFhir(ask),
      choosePermissions: () => this.show('connection', 'scopes'),
    });
    this.doctor = new DoctorController((type, content) => this.#host.request(type, content), onChange);
    this.audit = new AuditController((type, content) => this.#host.request(type, content), onChange);
  }

  get state(): PageState | undefined {
    return this.#store.state;
  }

  /** Where the next rendering should put the focus; undefined once it is there. */
  takeFocusTarget(): FocusTarget {
    const { focusTarget } = this.#store;
    this.#store.focusTarget = undefined;
    return focusTarget;
  }

  async open(): Promise<void> {
    this.openingError = undefined;
    this.#onChange();
    const delivered = this.#host.delivered();
    if (delivered) {
      this.#start(delivered);
      await afterPaint();
    }
    try {
      const ready = await this.#host.request('panel.ready', {});
      if (this.state) this.#catchUp(ready);
      else this.#start(ready);
    } catch (error) {
      this.openingError = (error instanceof RequestFailed ? error.error : undefined) ?? 'no-answer';
      this.#onChange();
    }
  }

  #start(ready: ReadyResult): void {
    this.#store.start(ready);
    this.form.validateSoon();
  }

  /** What came with the page was what could be told at once. */
  #catchUp({ viewModel, test, operation }: ReadyResult): void {
    this.#store.takeModel(viewModel);
    this.update({ test, operation });
  }

  update(change: Partial<PageState>): void {
    this.#store.update(change);
  }

  show(section: PanelSection, field?: DraftField | 'next'): void {
    this.#store.show(section, field);
  }

  /** A section that somebody chooses; what was said of the one before has been read. */
  select(section: PanelSection, field?: DraftField | 'next'): void {
    if (section !== this.state?.section) this.update({ outcome: '' });
    this.show(section, field);
  }

  async discover(): Promise<void> {
    const { state } = this;
    if (!state) return;
    const { draft } = state;
    this.update({ certificateQuestion: undefined });
    const outcome = await this.#requests.ask('connection.discover', { draft }, 'other');
    if (outcome?.kind === 'found') {
      const { discovery } = outcome;
      const { baseUrl, site } = discovery;
      this.update({ discovery, outcome: state.strings.discovered });
      // What was typed meanwhile is newer than the question.
      if (this.state?.draft.baseUrl === draft.baseUrl && this.state.draft.site === draft.site) {
        this.form.edit({ baseUrl, site });
      }
    } else if (outcome?.kind === 'certificate') {
      const { certificate, error } = outcome;
      this.#store.focusTarget = 'question';
      this.update({ certificateQuestion: { certificate, error } });
    } else this.#requests.settleRefusal(outcome);
  }

  async trustCertificate(sha256: string): Promise<void> {
    if (!this.state) return;
    const { draft } = this.state;
    const outcome = await this.#requests.ask('connection.trustCertificate', { draft, sha256 }, 'other');
    this.#requests.settleAction(outcome);
    if (outcome?.kind === 'done') await this.discover();
  }

  async save(confirmed = false): Promise<void> {
    if (!this.state) return;
    const { draft, clientSecret } = this.state;
    const secretPart = clientSecret ? { clientSecret } : {};
    const outcome = await this.#requests.ask('connection.save', { draft, confirmed, ...secretPart }, 'save');
    if (outcome?.kind === 'saved') {
      this.form.takeSaved(this.state.strings.saved);
      if (outcome.check) this.update({ check: outcome.check, registration: undefined });
    } else if (outcome?.kind === 'signsOut') this.#askSignOut(outcome.message, 'saveAndSignOut');
    else this.#requests.settleRefusal(outcome);
  }

  async register(confirmed = false): Promise<void> {
    if (!this.state) return;
    const { draft } = this.state;
    const outcome = await this.#requests.ask('client.register', { draft, confirmed }, 'other');
    if (outcome?.kind === 'registered') {
      this.form.takeSaved(this.state.strings.registered);
      this.update({ registration: outcome, check: undefined, hasOpenedApiClients: false });
    } else if (outcome?.kind === 'scopesRefused') {
      this.update({ error: outcome.error, refusedScopes: outcome.scopes });
    } else if (outcome?.kind === 'signsOut') this.#askSignOut(outcome.message, 'registerAndSignOut');
    else this.#requests.settleRefusal(outcome);
  }

  #askSignOut(message: string, goOn: 'saveAndSignOut' | 'registerAndSignOut'): void {
    this.#store.focusTarget = 'question';
    this.update({ signOutQuestion: { message, goOn } });
  }

  async answerSignOut(goOn: boolean): Promise<void> {
    const question = this.state?.signOutQuestion;
    this.update({ signOutQuestion: undefined });
    if (!goOn || !question) return;
    await (question.goOn === 'saveAndSignOut' ? this.save(true) : this.register(true));
  }

  async checkClient(): Promise<void> {
    const outcome = await this.#requests.ask('client.check', {}, 'check');
    if (outcome?.kind === 'checked') this.update({ check: outcome, registration: undefined });
    else this.#requests.settleRefusal(outcome);
  }

  async openApiClients(): Promise<void> {
    this.update({ hasOpenedApiClients: true });
    this.#requests.settleAction(await this.#requests.ask('client.openApiClients', {}, 'other'));
  }

  /** The user comes back from API Clients: has the client been enabled meanwhile? */
  async onWindowFocus(): Promise<void> {
    if (!this.state?.hasOpenedApiClients || situationOf(this.state).busy) return;
    if (currentStep(situationOf(this.state)) === 'enable') await this.checkClient();
  }

  async logIn(): Promise<void> {
    const outcome = await this.#requests.ask('session.logIn', {}, 'other');
    this.#requests.settleAction(outcome);
    // What only the login could tell is told.
    if (outcome?.kind === 'done') this.update({ check: undefined, registration: undefined });
  }

  async refreshToken(): Promise<void> {
    this.#requests.settleAction(await this.#requests.ask('session.refresh', {}, 'refresh'));
  }

  async logOut(): Promise<void> {
    this.#requests.settleAction(await this.#requests.ask('session.logOut', {}, 'logOut'));
  }

  async runAction(actionId: string): Promise<void> {
    this.#requests.settleAction(await this.#requests.ask('action.run', { actionId }, 'other'));
  }

  async #askFhir(ask: FhirAsk): Promise<void> {
    if (ask.kind !== 'open') {
      this.#requests.settleAction(await this.#requests.ask('fhir.ask', { ask }, 'other'));
      return;
    }
    // Nobody pressed a button for it: what was said before stays.
    const outcome = await this.#host.request('fhir.ask', { ask }).catch(() => undefined);
    if (outcome?.kind === 'failed') this.update({ error: outcome.error });
  }

  async testConnection(): Promise<void> {
    this.select('testResults');
    await this.#requests.ask('connection.test', {}, 'other');
  }

  async runDoctor(): Promise<void> {
    this.select('doctor');
    await this.#requests.ask('doctor.run', {}, 'other');
  }

  async supportReport(): Promise<void> {
    this.#requests.settleAction(await this.#requests.ask('doctor.report', {}, 'other'));
  }

  async copyTranscript(flow: RequestContent<'transcript.copy'>['flow'], exchange?: number): Promise<void> {
    const one = exchange === undefined ? {} : { exchange };
    this.#requests.settleAction(await this.#requests.ask('transcript.copy', { flow, ...one }, 'other'));
  }

  async forgetCertificate(): Promise<void> {
    this.#requests.settleAction(await this.#requests.ask('certificate.forget', {}, 'other'));
  }

  async cancel(): Promise<void> {
    const operation = this.state?.operation;
    if (operation) await this.#host.request('operation.cancel', { operation }).catch(() => undefined);
  }

  #onEvent(event: HostEvent): void {
    if (!this.state) return;
    switch (event.type) {
      case 'panel.changed':
        this.#store.takeModel(event.viewModel);
        break;
      case 'test.changed':
        this.update({ test: event.test, ...this.#testOutcome(event.test) });
        break;
      case 'fhir.changed':
        this.fhir.onView(event.view);
        break;
      case 'operation.changed':
        this.update({ operation: event.operation });
        break;
      case 'doctor.changed':
        this.doctor.onDoctor(event.doctor);
        break;
      case 'transcript.changed':
        this.doctor.onTranscript();
        break;
      case 'audit.progress':
        this.audit.onProgress(event.share);
        break;
      case 'audit.changed':
        this.audit.onEntries();
        break;
      case 'panel.show':
        this.select(event.section, event.field);
        if (event.discover) void this.discover();
    }
  }

  #testOutcome(test: PageState['test']): Partial<PageState> {
    if (!this.state || test.state !== 'done') return {};
    const { rows, durationMs } = test.report;
    const summary = testSummary(this.state.strings, rows, this.seconds(durationMs));
    return { outcome: fill(this.state.strings.tested, summary) };
  }

  seconds(ms: number): string {
    const format = new Intl.NumberFormat(this.state?.language, { maximumFractionDigits: 1 });
    return format.format(Math.max(ms, 100) / 1000);
  }
}
