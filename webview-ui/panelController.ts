import type { FhirAsk } from '../src/protocol/fhirViews.ts';
import type { ActionOutcome } from '../src/protocol/outcomes.ts';
import type {
  PanelRequestType,
  ReadyResult,
  RequestContent,
  ResultOf,
} from '../src/protocol/panelMessages.ts';
import type { PanelSection } from '../src/protocol/panelState.ts';
import type {
  ConnectionDraft,
  DraftField,
  FieldProblem,
  PanelViewModel,
  PresentedError,
} from '../src/protocol/viewModels.ts';
import { afterPaint } from './afterPaint.ts';
import { AuditController } from './auditController.ts';
import { DoctorController } from './doctorController.ts';
import { FhirController } from './fhirController.ts';
import { Host, RequestFailed, type HostEvent } from './host.ts';
import {
  currentStep,
  fill,
  isDirty,
  isSameDraft,
  mergeDraft,
  testSummary,
  writeNumbersIn,
} from './panelModel.ts';
import { situationOf, type PageState, type ShortWork } from './pageState.ts';

const validationDelayMs = 250;

/** Where the next rendering should put the focus. */
export type FocusTarget = DraftField | 'question' | 'next' | undefined;

/** Holds the page's state, turns clicks into requests and answers into state. */
export class PanelController {
  state: PageState | undefined;
  /** Why the page could not open. */
  openingError: PresentedError | 'no-answer' | undefined;
  focusTarget: FocusTarget;

  /** The Doctor and Transcript sections' part of the state. */
  readonly doctor: DoctorController;
  /** The Audit section's own part of the state. */
  readonly audit: AuditController;
  /** The FHIR sections' own part of the state. */
  readonly fhir: FhirController;
  readonly #onChange: () => void;
  readonly #host: Host;
  readonly #ticksByType = new Map<ConnectionDraft['clientType'], string[]>();
  #validationTimer = 0;
  #validationRound = 0;
  #hasPasted = false;

  constructor(onChange: () => void) {
    this.#onChange = onChange;
    this.#host = new Host((event) => this.#onEvent(event));
    this.fhir = new FhirController({
      onChange,
      ask: (ask) => this.#askFhir(ask),
      choosePermissions: () => this.show('connection', 'scopes'),
    });
    this.doctor = new DoctorController((type, content) => this.#host.request(type, content), onChange);
    this.audit = new AuditController((type, content) => this.#host.request(type, content), onChange);
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
    writeNumbersIn(ready.language);
    const kept = this.#host.keptState();
    const isSameConnection = kept?.connectionId === ready.viewModel.connectionId;
    this.state = {
      strings: ready.strings,
      language: ready.language,
      model: ready.viewModel,
      test: ready.test,
      operation: ready.operation,
      section: kept?.section ?? 'connection',
      draft: (isSameConnection ? kept?.draft : undefined) ?? ready.viewModel.saved,
      clientSecret: '',
      touched: new Set(),
      problems: [],
      shortWork: undefined,
      error: undefined,
      outcome: '',
      discovery: ready.viewModel.discovery,
      certificateQuestion: undefined,
      signOutQuestion: undefined,
      registration: undefined,
      check: undefined,
      refusedScopes: [],
      scopeFilter: '',
      hasOpenedApiClients: false,
      undo: undefined,
    };
    this.update({});
    this.#validateSoon();
  }

  /** What came with the page was what could be told at once. */
  #catchUp({ viewModel, test, operation }: ReadyResult): void {
    this.#takeModel(viewModel);
    this.update({ test, operation });
  }

  update(change: Partial<PageState>): void {
    if (!this.state) return;
    this.state = { ...this.state, ...change };
    this.#keep(this.state);
    this.#onChange();
  }

  #keep({ model, section, draft }: PageState): void {
    this.#host.keepState({
      version: 1,
      ...(model.connectionId ? { connectionId: model.connectionId } : {}),
      section,
      ...(isSameDraft(draft, model.saved) ? {} : { draft }),
    });
  }

  show(section: PanelSection, field?: DraftField | 'next'): void {
    this.focusTarget = field;
    this.update({ section });
  }

  edit(change: Partial<ConnectionDraft>): void {
    if (!this.state) return;
    const touched = new Set([...this.state.touched, ...(Object.keys(change) as DraftField[])]);
    // What was found of the former value says nothing of the new one.
    const problems = this.state.problems.filter(({ field }) => !(field in change));
    const draft = { ...this.state.draft, ...change };
    this.update({ draft, touched, problems, check: undefined, undo: undefined });
    this.#validateSoon();
  }

  /** Each type keeps its own ticks, so that switching back and forth loses nothing. */
  switchClientType(clientType: ConnectionDraft['clientType']): void {
    if (!this.state || clientType === this.state.draft.clientType) return;
    const { draft, model } = this.state;
    this.#ticksByType.set(draft.clientType, draft.scopes);
    this.edit({ clientType, scopes: this.#ticksByType.get(clientType) ?? model.defaultScopes[clientType] });
    if (clientType === 'public') this.update({ clientSecret: '' });
  }

  tick(scope: string, isTicked: boolean): void {
    const others = this.state?.draft.scopes.filter((other) => other !== scope) ?? [];
    this.edit({ scopes: isTicked ? [...others, scope] : others });
  }

  leaveOut(scope: string): void {
    this.tick(scope, false);
    const refusedScopes = this.state?.refusedScopes.filter((other) => other !== scope) ?? [];
    this.update(refusedScopes.length > 0 ? { refusedScopes } : { refusedScopes, error: undefined });
  }

  typeSecret(clientSecret: string): void {
    this.update({ clientSecret });
  }

  discard(): void {
    if (!this.state) return;
    this.update({
      undo: this.state.draft,
      draft: this.state.model.saved,
      clientSecret: '',
      touched: new Set(),
      problems: [],
      refusedScopes: [],
      certificateQuestion: undefined,
      outcome: this.state.strings.discarded,
    });
    this.#validateSoon();
  }

  /** Brings the form back as it was before the last change that was not typed. */
  undo(): void {
    const draft = this.state?.undo;
    if (!this.state || !draft) return;
    this.edit(draft);
    this.update({ touched: new Set(), outcome: this.state.strings.undone });
  }

  /** A whole address was pasted: once it is read, base URL and site take their parts of it. */
  pasteAddress(): void {
    this.#hasPasted = true;
  }

  #takeAddress({ baseUrl, site }: { baseUrl: string; site: string }, asked: ConnectionDraft): void {
    const { state } = this;
    if (!this.#hasPasted || state?.draft.baseUrl !== asked.baseUrl) return;
    this.#hasPasted = false;
    if (baseUrl === asked.baseUrl && site === asked.site) return;
    this.edit({ baseUrl, site });
    this.update({ undo: asked, outcome: state.strings.addressFilledIn });
  }

  async discover(): Promise<void> {
    const { state } = this;
    if (!state) return;
    const { draft } = state;
    this.update({ certificateQuestion: undefined });
    const outcome = await this.#ask('connection.discover', { draft }, 'other');
    if (outcome?.kind === 'found') {
      const { discovery } = outcome;
      const { baseUrl, site } = discovery;
      this.update({ discovery, outcome: state.strings.discovered });
      // What was typed meanwhile is newer than the question.
      if (this.state?.draft.baseUrl === draft.baseUrl && this.state.draft.site === draft.site) {
        this.edit({ baseUrl, site });
      }
    } else if (outcome?.kind === 'certificate') {
      const { certificate, error } = outcome;
      this.focusTarget = 'question';
      this.update({ certificateQuestion: { certificate, error } });
    } else this.#settleRefusal(outcome);
  }

  async trustCertificate(sha256: string): Promise<void> {
    if (!this.state) return;
    const { draft } = this.state;
    const outcome = await this.#ask('connection.trustCertificate', { draft, sha256 }, 'other');
    this.#settleAction(outcome);
    if (outcome?.kind === 'done') await this.discover();
  }

  async save(confirmed = false): Promise<void> {
    if (!this.state) return;
    const { draft, clientSecret } = this.state;
    const secretPart = clientSecret ? { clientSecret } : {};
    const outcome = await this.#ask('connection.save', { draft, confirmed, ...secretPart }, 'save');
    if (outcome?.kind === 'saved') {
      this.#takeSaved(this.state.strings.saved);
      if (outcome.check) this.update({ check: outcome.check, registration: undefined });
    } else if (outcome?.kind === 'signsOut') this.#askSignOut(outcome.message, 'saveAndSignOut');
    else this.#settleRefusal(outcome);
  }

  async register(confirmed = false): Promise<void> {
    if (!this.state) return;
    const { draft } = this.state;
    const outcome = await this.#ask('client.register', { draft, confirmed }, 'other');
    if (outcome?.kind === 'registered') {
      this.#takeSaved(this.state.strings.registered);
      this.update({ registration: outcome, check: undefined, hasOpenedApiClients: false });
    } else if (outcome?.kind === 'scopesRefused') {
      this.update({ error: outcome.error, refusedScopes: outcome.scopes });
    } else if (outcome?.kind === 'signsOut') this.#askSignOut(outcome.message, 'registerAndSignOut');
    else this.#settleRefusal(outcome);
  }

  /** The host sends the new view model before the answer, so that what is saved is known here. */
  #takeSaved(outcome: string): void {
    if (!this.state) return;
    this.#ticksByType.clear();
    this.update({
      draft: this.state.model.saved,
      clientSecret: '',
      touched: new Set(),
      problems: [],
      outcome,
    });
    this.#validateSoon();
  }

  #askSignOut(message: string, goOn: 'saveAndSignOut' | 'registerAndSignOut'): void {
    this.focusTarget = 'question';
    this.update({ signOutQuestion: { message, goOn } });
  }

  async answerSignOut(goOn: boolean): Promise<void> {
    const question = this.state?.signOutQuestion;
    this.update({ signOutQuestion: undefined });
    if (!goOn || !question) return;
    await (question.goOn === 'saveAndSignOut' ? this.save(true) : this.register(true));
  }

  async checkClient(): Promise<void> {
    const outcome = await this.#ask('client.check', {}, 'check');
    if (outcome?.kind === 'checked') this.update({ check: outcome, registration: undefined });
    else this.#settleRefusal(outcome);
  }

  async openApiClients(): Promise<void> {
    this.update({ hasOpenedApiClients: true });
    this.#settleAction(await this.#ask('client.openApiClients', {}, 'other'));
  }

  /** The user comes back from API Clients: has the client been enabled meanwhile? */
  async onWindowFocus(): Promise<void> {
    if (!this.state?.hasOpenedApiClients || situationOf(this.state).busy) return;
    if (currentStep(situationOf(this.state)) === 'enable') await this.checkClient();
  }

  async logIn(): Promise<void> {
    const outcome = await this.#ask('session.logIn', {}, 'other');
    this.#settleAction(outcome);
    // What only the login could tell is told.
    if (outcome?.kind === 'done') this.update({ check: undefined, registration: undefined });
  }

  async refreshToken(): Promise<void> {
    this.#settleAction(await this.#ask('session.refresh', {}, 'refresh'));
  }

  async logOut(): Promise<void> {
    this.#settleAction(await this.#ask('session.logOut', {}, 'logOut'));
  }

  async runAction(actionId: string): Promise<void> {
    this.#settleAction(await this.#ask('action.run', { actionId }, 'other'));
  }

  async #askFhir(ask: FhirAsk): Promise<void> {
    if (ask.kind !== 'open') {
      this.#settleAction(await this.#ask('fhir.ask', { ask }, 'other'));
      return;
    }
    // Nobody pressed a button for it: what was said before stays.
    const outcome = await this.#host.request('fhir.ask', { ask }).catch(() => undefined);
    if (outcome?.kind === 'failed') this.update({ error: outcome.error });
  }

  async testConnection(): Promise<void> {
    this.show('testResults');
    await this.#ask('connection.test', {}, 'other');
  }

  async runDoctor(): Promise<void> {
    this.show('doctor');
    await this.#ask('doctor.run', {}, 'other');
  }

  async supportReport(): Promise<void> {
    this.#settleAction(await this.#ask('doctor.report', {}, 'other'));
  }

  async copyTranscript(flow: RequestContent<'transcript.copy'>['flow'], exchange?: number): Promise<void> {
    const one = exchange === undefined ? {} : { exchange };
    this.#settleAction(await this.#ask('transcript.copy', { flow, ...one }, 'other'));
  }

  async forgetCertificate(): Promise<void> {
    this.#settleAction(await this.#ask('certificate.forget', {}, 'other'));
  }

  async cancel(): Promise<void> {
    const operation = this.state?.operation;
    if (operation) await this.#host.request('operation.cancel', { operation }).catch(() => undefined);
  }

  /** Sends a request, shows that it is under way, and turns a failure into the error above the page. */
  async #ask<T extends PanelRequestType>(
    type: T,
    content: RequestContent<T>,
    shortWork: ShortWork,
  ): Promise<ResultOf<T> | undefined> {
    this.update({ shortWork, error: undefined, outcome: '', refusedScopes: [], signOutQuestion: undefined });
    try {
      return await this.#host.request(type, content);
    } catch (error) {
      this.update({ error: (error instanceof RequestFailed && error.error) || this.#timedOut() });
      return undefined;
    } finally {
      this.update({ shortWork: undefined });
    }
  }

  #timedOut(): PresentedError {
    const { timedOutHappened, timedOutWhy, timedOutRemedy } = this.state?.strings ?? {
      timedOutHappened: '',
      timedOutWhy: '',
      timedOutRemedy: '',
    };
    return { code: 'panel/timed-out', happened: timedOutHappened, why: timedOutWhy, remedy: timedOutRemedy };
  }

  #settleRefusal(
    outcome:
      | { kind: 'invalid'; problems: FieldProblem[] }
      | { kind: 'failed'; error: PresentedError }
      | { kind: 'cancelled' }
      | undefined,
  ): void {
    if (outcome?.kind === 'failed') this.update({ error: outcome.error });
    if (outcome?.kind === 'cancelled') this.update({ outcome: this.state?.strings.cancelled ?? '' });
    if (outcome?.kind !== 'invalid') return;
    const { problems } = outcome;
    this.focusTarget = problems.find(({ severity }) => severity === 'error')?.field;
    this.update({
      problems,
      section: 'connection',
      touched: new Set(problems.map(({ field }) => field)),
      outcome: this.state?.strings.problemsFound ?? '',
    });
  }

  #settleAction(outcome: ActionOutcome | undefined): void {
    if (outcome?.kind !== 'done') {
      this.#settleRefusal(outcome);
      return;
    }
    this.update({ outcome: outcome.message });
    if (outcome.show) this.show(outcome.show.section, outcome.show.field);
  }

  #validateSoon(): void {
    window.clearTimeout(this.#validationTimer);
    this.#validationTimer = window.setTimeout(() => void this.#validate(), validationDelayMs);
  }

  async #validate(): Promise<void> {
    if (!this.state) return;
    const round = ++this.#validationRound;
    const { draft } = this.state;
    const outcome = await this.#host.request('connection.validate', { draft }).catch(() => undefined);
    if (!outcome || round !== this.#validationRound) return;
    this.update({ problems: outcome.problems });
    if (outcome.address) this.#takeAddress(outcome.address, draft);
  }

  #onEvent(event: HostEvent): void {
    if (!this.state) return;
    switch (event.type) {
      case 'panel.changed':
        this.#takeModel(event.viewModel);
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
        this.show(event.section, event.field);
        if (event.discover) void this.discover();
    }
  }

  #takeModel(model: PanelViewModel): void {
    if (!this.state) return;
    const draft = mergeDraft(this.state.draft, this.state.model.saved, model.saved);
    const { discovery: shown } = this.state;
    const isShownCurrent = shown?.baseUrl === draft.baseUrl && shown.site === draft.site;
    this.update({ model, draft, discovery: isShownCurrent ? shown : (model.discovery ?? shown) });
  }

  #testOutcome(test: PageState['test']): Partial<PageState> {
    if (!this.state || test.state !== 'done') return {};
    const { rows, durationMs } = test.report;
    const summary = testSummary(this.state.strings, rows, this.seconds(durationMs));
    return { outcome: fill(this.state.strings.tested, summary) };
  }

  isDirty(): boolean {
    return this.state !== undefined && isDirty(situationOf(this.state));
  }

  seconds(ms: number): string {
    const format = new Intl.NumberFormat(this.state?.language, { maximumFractionDigits: 1 });
    return format.format(Math.max(ms, 100) / 1000);
  }
}
