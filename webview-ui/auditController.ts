import type {
  AuditFilterView,
  AuditPageView,
  AuditRow,
  AuditVerificationView,
} from '../src/protocol/auditView.ts';
import type { PanelRequestType, RequestContent, ResultOf } from '../src/protocol/panelMessages.ts';
import type { PresentedError } from '../src/protocol/viewModels.ts';
import { RequestFailed } from './host.ts';

type Ask = <T extends PanelRequestType>(type: T, content: RequestContent<T>) => Promise<ResultOf<T>>;
type Work = 'verify' | 'export' | 'remove';

export interface AuditState {
  readonly page: AuditPageView | undefined;
  /** Of all pages that were loaded, newest first. */
  readonly rows: readonly AuditRow[];
  readonly filter: AuditFilterView;
  readonly work: Work | undefined;
  /** Somebody waits for entries. */
  readonly isLoading: boolean;
  /** How much of the log is verified, from 0 to 1. */
  readonly progress: number;
  readonly verification: AuditVerificationView | undefined;
  readonly outcome: string;
  readonly error: PresentedError | 'no-answer' | undefined;
}

/** The Audit section's state; nothing is loaded before somebody looks at it. */
export class AuditController {
  state: AuditState = {
    page: undefined,
    rows: [],
    filter: {},
    work: undefined,
    isLoading: false,
    progress: 0,
    verification: undefined,
    outcome: '',
    error: undefined,
  };
  readonly #ask: Ask;
  readonly #onChange: () => void;
  #isOpened = false;
  #refreshTimer = 0;
  #lastLoad = 0;

  constructor(ask: Ask, onChange: () => void) {
    this.#ask = ask;
    this.#onChange = onChange;
  }

  /** To be called by the section itself, with each rendering. */
  open(): void {
    if (this.#isOpened) return;
    this.#isOpened = true;
    queueMicrotask(() => void this.load());
  }

  /** A quiet load says nothing and takes nothing away that was said. */
  async load({ isQuiet = false } = {}): Promise<void> {
    if (!isQuiet) this.#update({ isLoading: true, error: undefined, outcome: '' });
    await this.#loadInto([]);
  }

  /** Answers with the first of the older entries. */
  async loadMore(): Promise<AuditRow | undefined> {
    const { page, rows, isLoading } = this.state;
    if (page?.before === undefined || isLoading) return undefined;
    this.#update({ isLoading: true, error: undefined, outcome: '' });
    await this.#loadInto(rows, page.before);
    return this.state.rows[rows.length];
  }

  async filterBy(change: AuditFilterView): Promise<void> {
    const filter = { ...this.state.filter, ...change };
    this.#update({
      filter: {
        ...(filter.action ? { action: filter.action } : {}),
        ...(filter.outcome ? { outcome: filter.outcome } : {}),
      },
    });
    await this.load();
  }

  async verify(): Promise<void> {
    this.#update({ progress: 0, verification: undefined });
    await this.#while('verify', async () => {
      this.#update({ verification: await this.#ask('audit.verify', {}) });
    });
  }

  async export(format: 'csv' | 'jsonl'): Promise<void> {
    await this.#while('export', async () => {
      this.#tell(await this.#ask('audit.export', { format }));
    });
  }

  async removeExpired(): Promise<void> {
    await this.#while('remove', async () => {
      this.#tell(await this.#ask('audit.removeExpired', {}));
    });
    await this.load({ isQuiet: true });
  }

  onProgress(progress: number): void {
    this.#update({ progress });
  }

  /** New entries: whoever reads the beginning sees them soon, whoever reads on is left alone. */
  onEntries(): void {
    if (!this.#isOpened || this.state.rows.length > (this.state.page?.rows.length ?? 0)) return;
    window.clearTimeout(this.#refreshTimer);
    this.#refreshTimer = window.setTimeout(() => void this.load({ isQuiet: true }), 500);
  }

  /** Of several loads the last one counts, in whatever order they are answered. */
  async #loadInto(rows: readonly AuditRow[], before?: number): Promise<void> {
    const load = ++this.#lastLoad;
    const { filter } = this.state;
    try {
      let page = await this.#ask('audit.page', before === undefined ? { filter } : { filter, before });
      // The host looks through a part of a long log at a time.
      while (page.rows.length === 0 && page.before !== undefined && load === this.#lastLoad)
        page = await this.#ask('audit.page', { filter, before: page.before });
      if (load === this.#lastLoad) this.#update({ page, rows: [...rows, ...page.rows], isLoading: false });
    } catch (error) {
      if (load === this.#lastLoad) this.#update({ error: errorOf(error), isLoading: false });
    }
  }

  #tell(outcome: ResultOf<'audit.export'>): void {
    if (outcome.kind === 'done') this.#update({ outcome: outcome.message });
    if (outcome.kind === 'failed') this.#update({ error: outcome.error });
  }

  async #while(work: Work, operation: () => Promise<void>): Promise<void> {
    if (this.state.work) return;
    this.#update({ work, error: undefined, outcome: '' });
    try {
      await operation();
    } catch (error) {
      this.#update({ error: errorOf(error) });
    } finally {
      this.#update({ work: undefined });
    }
  }

  #update(change: Partial<AuditState>): void {
    this.state = { ...this.state, ...change };
    this.#onChange();
  }
}

function errorOf(error: unknown): PresentedError | 'no-answer' {
  return (error instanceof RequestFailed ? error.error : undefined) ?? 'no-answer';
}
