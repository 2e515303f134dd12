import type { ConnectionDraft, DraftField } from '../src/protocol/viewModels.ts';
import type { Host } from './host.ts';
import type { PageStore } from './pageStore.ts';

const validationDelayMs = 250;

/** The form: what is typed, ticked, pasted and taken back. Nothing here waits for the host. */
export class FormController {
  readonly #store: PageStore;
  readonly #host: Host;
  readonly #ticksByType = new Map<ConnectionDraft['clientType'], string[]>();
  #validationTimer = 0;
  #validationRound = 0;
  #hasPasted = false;

  constructor(store: PageStore, host: Host) {
    this.#store = store;
    this.#host = host;
  }

  edit(change: Partial<ConnectionDraft>): void {
    const { state } = this.#store;
    if (!state) return;
    const touched = new Set([...state.touched, ...(Object.keys(change) as DraftField[])]);
    // What was found of the former value says nothing of the new one.
    const problems = state.problems.filter(({ field }) => !(field in change));
    const draft = { ...state.draft, ...change };
    this.#store.update({ draft, touched, problems, check: undefined, undo: undefined });
    this.validateSoon();
  }

  /** Each type keeps its own ticks, so that switching back and forth loses nothing. */
  switchClientType(clientType: ConnectionDraft['clientType']): void {
    const { state } = this.#store;
    if (!state || clientType === state.draft.clientType) return;
    const { draft, model } = state;
    this.#ticksByType.set(draft.clientType, draft.scopes);
    this.edit({ clientType, scopes: this.#ticksByType.get(clientType) ?? model.defaultScopes[clientType] });
    if (clientType === 'public') this.typeSecret('');
  }

  tick(scope: string, isTicked: boolean): void {
    const others = this.#store.state?.draft.scopes.filter((other) => other !== scope) ?? [];
    this.edit({ scopes: isTicked ? [...others, scope] : others });
  }

  leaveOut(scope: string): void {
    this.tick(scope, false);
    const refusedScopes = this.#store.state?.refusedScopes.filter((other) => other !== scope) ?? [];
    this.#store.update(refusedScopes.length > 0 ? { refusedScopes } : { refusedScopes, error: undefined });
  }

  typeSecret(clientSecret: string): void {
    this.#store.update({ clientSecret });
  }

  discard(): void {
    const { state } = this.#store;
    if (!state) return;
    this.#store.update({
      undo: state.draft,
      draft: state.model.saved,
      clientSecret: '',
      touched: new Set(),
      problems: [],
      refusedScopes: [],
      certificateQuestion: undefined,
      outcome: state.strings.discarded,
    });
    this.validateSoon();
  }

  /** Brings the form back as it was before the last change that was not typed. */
  undo(): void {
    const { state } = this.#store;
    if (!state?.undo) return;
    this.edit(state.undo);
    this.#store.update({ touched: new Set(), outcome: state.strings.undone });
  }

  /** A whole address was pasted: once it is read, base URL and site take their parts of it. */
  pasteAddress(): void {
    this.#hasPasted = true;
  }

  /** The host sends the new view model before the answer, so that what is saved is known here. */
  takeSaved(outcome: string): void {
    const { state } = this.#store;
    if (!state) return;
    this.#ticksByType.clear();
    const draft = state.model.saved;
    this.#store.update({ draft, clientSecret: '', touched: new Set(), problems: [], outcome });
    this.validateSoon();
  }

  validateSoon(): void {
    window.clearTimeout(this.#validationTimer);
    this.#validationTimer = window.setTimeout(() => void this.#validate(), validationDelayMs);
  }

  async #validate(): Promise<void> {
    const { state } = this.#store;
    if (!state) return;
    const round = ++this.#validationRound;
    const { draft } = state;
    const outcome = await this.#host.request('connection.validate', { draft }).catch(() => undefined);
    if (!outcome || round !== this.#validationRound) return;
    this.#store.update({ problems: outcome.problems });
    if (outcome.address) this.#takeAddress(outcome.address, draft);
  }

  #takeAddress({ baseUrl, site }: { baseUrl: string; site: string }, asked: ConnectionDraft): void {
    const { state } = this.#store;
    if (!this.#hasPasted || state?.draft.baseUrl !== asked.baseUrl) return;
    this.#hasPasted = false;
    if (baseUrl === asked.baseUrl && site === asked.site) return;
    this.edit({ baseUrl, site });
    this.#store.update({ undo: asked, outcome: state.strings.addressFilledIn });
  }
}
