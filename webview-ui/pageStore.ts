import type { ReadyResult } from '../src/protocol/panelMessages.ts';
import type { PanelSection } from '../src/protocol/panelState.ts';
import type { DraftField, PanelViewModel } from '../src/protocol/viewModels.ts';
import type { Host } from './host.ts';
import { isSameDraft, mergeDraft, writeNumbersIn } from './panelModel.ts';
import type { PageState } from './pageState.ts';

/** Where the next rendering should put the focus. */
export type FocusTarget = DraftField | 'question' | 'next' | undefined;

/** The page's state: drawn after every change, and kept by VS Code as far as it may be. */
export class PageStore {
  state: PageState | undefined;
  focusTarget: FocusTarget;
  readonly #host: Pick<Host, 'keptState' | 'keepState'>;
  readonly #onChange: () => void;

  constructor(host: Pick<Host, 'keptState' | 'keepState'>, onChange: () => void) {
    this.#host = host;
    this.#onChange = onChange;
  }

  /** Begins with what the host told and what an earlier page kept. */
  start({ viewModel, ...ready }: ReadyResult): void {
    writeNumbersIn(ready.language);
    const kept = this.#host.keptState();
    const isSameConnection = kept?.connectionId === viewModel.connectionId;
    this.state = {
      strings: ready.strings,
      language: ready.language,
      model: viewModel,
      test: ready.test,
      operation: ready.operation,
      section: kept?.section ?? 'connection',
      draft: (isSameConnection ? kept?.draft : undefined) ?? viewModel.saved,
      clientSecret: '',
      touched: new Set(),
      problems: [],
      shortWork: undefined,
      error: undefined,
      outcome: '',
      discovery: viewModel.discovery,
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
  }

  update(change: Partial<PageState>): void {
    if (!this.state) return;
    this.state = { ...this.state, ...change };
    this.#keep(this.state);
    this.#onChange();
  }

  show(section: PanelSection, field?: DraftField | 'next'): void {
    this.focusTarget = field;
    this.update({ section });
  }

  /** What is typed and not saved stays. */
  takeModel(model: PanelViewModel): void {
    if (!this.state) return;
    const draft = mergeDraft(this.state.draft, this.state.model.saved, model.saved);
    const { discovery: shown } = this.state;
    const isShownCurrent = shown?.baseUrl === draft.baseUrl && shown.site === draft.site;
    this.update({ model, draft, discovery: isShownCurrent ? shown : (model.discovery ?? shown) });
  }

  #keep({ model, section, draft }: PageState): void {
    this.#host.keepState({
      version: 1,
      ...(model.connectionId ? { connectionId: model.connectionId } : {}),
      section,
      ...(isSameDraft(draft, model.saved) ? {} : { draft }),
    });
  }
}
