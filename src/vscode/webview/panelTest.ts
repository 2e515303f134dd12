import type { TestReport, TestRow, TestView } from '../../protocol/viewModels.ts';
import type { PanelBackend } from './panelBackend.ts';

/** The connection test as one panel shows it: kept here, since a hidden page forgets. */
export class PanelTest {
  readonly #backend: Pick<PanelBackend, 'testConnection' | 'present'>;
  readonly #onChange: (view: TestView) => void;
  #view: TestView = { state: 'none' };

  constructor(backend: Pick<PanelBackend, 'testConnection' | 'present'>, onChange: (view: TestView) => void) {
    this.#backend = backend;
    this.#onChange = onChange;
  }

  /** What to show to a page that opens now. */
  view(lastTest: TestReport | undefined): TestView {
    this.takeFinishedElsewhere(lastTest);
    return this.#view;
  }

  /** A test that ran outside of the panel, as the palette's does; undefined where there is no news. */
  takeFinishedElsewhere(lastTest: TestReport | undefined): TestView | undefined {
    if (!lastTest || this.#view.state === 'running') return undefined;
    if (this.#view.state === 'done' && this.#view.report.startedAt >= lastTest.startedAt) return undefined;
    this.#view = { state: 'done', report: lastTest };
    return this.#view;
  }

  async run(connectionId: string, signal: AbortSignal): Promise<void> {
    const rows = new Map<string, TestRow>();
    this.#show({ state: 'running', rows: [] });
    try {
      const report = await this.#backend.testConnection(
        connectionId,
        (row) => {
          rows.set(row.id, row);
          if (this.#view.state === 'running') this.#show({ state: 'running', rows: [...rows.values()] });
        },
        signal,
      );
      this.#show({ state: 'done', report });
    } catch (error) {
      this.#show({ state: 'failed', error: this.#backend.present(error) });
    }
  }

  #show(view: TestView): void {
    this.#view = view;
    this.#onChange(view);
  }
}
