import type { DoctorView, FlowView } from '../src/protocol/doctorView.ts';
import type { PanelRequestType, RequestContent, ResultOf } from '../src/protocol/panelMessages.ts';

type Ask = <T extends PanelRequestType>(type: T, content: RequestContent<T>) => Promise<ResultOf<T>>;

/** The state of the Doctor and Transcript sections, read when somebody looks at them. */
export class DoctorController {
  doctor: DoctorView = { state: 'none' };
  flows: readonly FlowView[] = [];
  readonly ask: Ask;
  readonly #onChange: () => void;
  #wasOpened = false;

  constructor(ask: Ask, onChange: () => void) {
    this.ask = ask;
    this.#onChange = onChange;
  }

  /** Reads what the sections show, once. */
  open(): void {
    if (this.#wasOpened) return;
    this.#wasOpened = true;
    void this.#read();
  }

  onDoctor(doctor: DoctorView): void {
    this.doctor = doctor;
    this.#onChange();
  }

  /** Something new was recorded. */
  onTranscript(): void {
    if (this.#wasOpened) void this.#read();
  }

  async #read(): Promise<void> {
    const page = await this.ask('doctor.open', {}).catch(() => undefined);
    if (!page) return;
    this.flows = page.flows;
    if (this.doctor.state !== 'running') this.doctor = page.doctor;
    this.#onChange();
  }
}
