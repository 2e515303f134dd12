import type {
  HostMessage,
  PanelRequestType,
  ReadyResult,
  RequestContent,
  ResultOf,
} from '../src/protocol/panelMessages.ts';
import type { PanelState } from '../src/protocol/panelState.ts';
import type { PresentedError } from '../src/protocol/viewModels.ts';

interface VsCodeApi {
  postMessage(message: unknown): void;
  getState(): unknown;
  setState(state: unknown): void;
}

declare function acquireVsCodeApi(): VsCodeApi;

/** The host refused or failed to answer; `error` is absent where it did not answer in time. */
export class RequestFailed extends Error {
  readonly error: PresentedError | undefined;

  constructor(error?: PresentedError) {
    super(error?.code ?? 'timed-out');
    this.error = error;
  }
}

/** What the host tells without being asked. */
export type HostEvent = Exclude<HostMessage, { id: number }>;

interface PendingRequest {
  readonly resolve: (result: never) => void;
  readonly reject: (reason: RequestFailed) => void;
  readonly timer: number;
}

const timeoutsMs: Partial<Record<PanelRequestType, number>> = {
  'connection.discover': 95_000,
  'connection.trustCertificate': 35_000,
  'connection.save': 65_000,
  'connection.test': 305_000,
  'client.register': 95_000,
  'client.check': 65_000,
  'client.openApiClients': 665_000,
  'session.logIn': 665_000,
  'session.refresh': 65_000,
  'session.logOut': 665_000,
  'action.run': 665_000,
  'fhir.ask': 3_605_000,
  'doctor.run': 305_000,
  // Shows a document and asks beside it.
  'doctor.report': 3_605_000,
  'audit.verify': 665_000,
  'audit.export': 3_605_000,
  'audit.removeExpired': 665_000,
};
const defaultTimeoutMs = 20_000;

/** The page's side of the conversation with the extension. */
export class Host {
  readonly #api = acquireVsCodeApi();
  readonly #pending = new Map<number, PendingRequest>();
  #lastId = 0;

  constructor(onEvent: (event: HostEvent) => void) {
    window.addEventListener('message', (message: MessageEvent<unknown>) => {
      const received = message.data;
      if (isHostMessage(received)) this.#receive(received, onEvent);
    });
  }

  /** Rejects with RequestFailed. */
  request<T extends PanelRequestType>(type: T, content: RequestContent<T>): Promise<ResultOf<T>> {
    const id = ++this.#lastId;
    return new Promise((resolve, reject) => {
      const timer = window.setTimeout(
        () => this.#settle(id)?.reject(new RequestFailed()),
        timeoutsMs[type] ?? defaultTimeoutMs,
      );
      this.#pending.set(id, { resolve: resolve, reject, timer });
      this.#api.postMessage({ ...content, type, id });
    });
  }

  /**
   * What came with the HTML. It is of the moment in which the panel was opened: a page that VS Code builds anew, as
   * when the panel is moved, has kept a state and asks.
   */
  delivered(): ReadyResult | undefined {
    const json = document.getElementById('ready')?.textContent;
    return json && !this.keptState() ? (JSON.parse(json) as ReadyResult) : undefined;
  }

  keptState(): PanelState | undefined {
    const stored = this.#api.getState() as PanelState | undefined;
    return stored?.version === 1 ? stored : undefined;
  }

  keepState(state: PanelState): void {
    this.#api.setState(state);
  }

  #receive(message: HostMessage, onEvent: (event: HostEvent) => void): void {
    if (!('id' in message)) onEvent(message);
    else if (message.type === 'request.failed')
      this.#settle(message.id)?.reject(new RequestFailed(message.error));
    else this.#settle(message.id)?.resolve(message.result as never);
  }

  #settle(id: number): PendingRequest | undefined {
    const pending = this.#pending.get(id);
    this.#pending.delete(id);
    if (pending) window.clearTimeout(pending.timer);
    return pending;
  }
}

/** The extension validated what it sent; other windows' messages (there should be none) are not even looked at. */
function isHostMessage(value: unknown): value is HostMessage {
  return typeof value === 'object' && value !== null && 'type' in value && typeof value.type === 'string';
}
