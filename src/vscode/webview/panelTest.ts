import type { TestReport, TestRow, TestView } from '../../protocol/viewModels.ts';
import type { PanelBackend } from './panelBackend.ts';

/** The connection test as one panel shows it: kept here, since a hidden page forgets. */
export class PanelTest {
  readonly #backend: Pick<PanelBackend, 'testConnection' | 'present'>;
  readonly #onChange: (view: TestView) => void;
  #view: TestView = { state: 'none' };
  /** When the test that is shown began. */
  #startedAt = 0;

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
    if (this.#view.state === 'running' || !lastTest || lastTest.startedAt <= this.#startedAt)
      return undefined;
    this.#startedAt = lastTest.startedAt;
    this.#view = { state: 'done', report: lastTest };
    return this.#view;
  }

  async run(connectionId: string, signal: AbortSignal): Promise<void> {
    const rows = new Map<string, TestRow>();
    this.#startedAt = Date.now();
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
      this.#startedAt = Math.max(this.#startedAt, report.startedAt);
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
