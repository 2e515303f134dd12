import type { ActionOutcome } from '../src/protocol/outcomes.ts';
import type { PanelRequestType, RequestContent, ResultOf } from '../src/protocol/panelMessages.ts';
import type { FieldProblem, PresentedError } from '../src/protocol/viewModels.ts';
import { RequestFailed, type Host } from './host.ts';
import type { PageStore } from './pageStore.ts';
import type { ShortWork } from './pageState.ts';

/** Requests that somebody waits for: that they are under way is shown, and how they ended. */
export class PanelRequests {
  readonly #store: PageStore;
  readonly #host: Host;

  constructor(store: PageStore, host: Host) {
    this.#store = store;
    this.#host = host;
  }

  /** Turns a failure into the error above the page. */
  async ask<T extends PanelRequestType>(
    type: T,
    content: RequestContent<T>,
    shortWork: ShortWork,
  ): Promise<ResultOf<T> | undefined> {
    const cleared = { error: undefined, outcome: '', refusedScopes: [], signOutQuestion: undefined };
    this.#store.update({ shortWork, ...cleared });
    try {
      return await this.#host.request(type, content);
    } catch (error) {
      this.#store.update({ error: (error instanceof RequestFailed && error.error) || this.#timedOut() });
      return undefined;
    } finally {
      this.#store.update({ shortWork: undefined });
    }
  }

  settleAction(outcome: ActionOutcome | undefined): void {
    if (outcome?.kind !== 'done') {
      this.settleRefusal(outcome);
      return;
    }
    this.#store.update({ outcome: outcome.message });
    if (outcome.show) this.#store.show(outcome.show.section, outcome.show.field);
  }

  settleRefusal(
    outcome:
      | { kind: 'invalid'; problems: FieldProblem[] }
      | { kind: 'failed'; error: PresentedError }
      | { kind: 'cancelled' }
      | undefined,
  ): void {
    const { state } = this.#store;
    if (outcome?.kind === 'failed') this.#store.update({ error: outcome.error });
    if (outcome?.kind === 'cancelled') this.#store.update({ outcome: state?.strings.cancelled ?? '' });
    if (outcome?.kind !== 'invalid') return;
    const { problems } = outcome;
    this.#store.focusTarget = problems.find(({ severity }) => severity === 'error')?.field;
    this.#store.update({
      problems,
      section: 'connection',
      touched: new Set(problems.map(({ field }) => field)),
      outcome: state?.strings.problemsFound ?? '',
    });
  }

  #timedOut(): PresentedError {
    const { timedOutHappened, timedOutWhy, timedOutRemedy } = this.#store.state?.strings ?? {
      timedOutHappened: '',
      timedOutWhy: '',
      timedOutRemedy: '',
    };
    return { code: 'panel/timed-out', happened: timedOutHappened, why: timedOutWhy, remedy: timedOutRemedy };
  }
}
