import type { Webview } from 'vscode';
import type { Disposable } from '../../core/base/disposable.ts';
import { WorkbenchError } from '../../core/base/errors.ts';
import type { Log } from '../../core/ports.ts';
import {
  hostMessageSchema,
  panelRequestSchema,
  type HostMessage,
  type PanelRequest,
  type PanelRequestType,
  type ResultOf,
} from '../../protocol/panelMessages.ts';
import type { PresentedError } from '../../protocol/viewModels.ts';

/** What answers the requests of a page. */
export type PanelHandlers = {
  readonly [T in PanelRequestType]: (request: Extract<PanelRequest, { type: T }>) => Promise<ResultOf<T>>;
};

export interface PanelChannelOptions {
  readonly webview: Webview;
  readonly handlers: PanelHandlers;
  readonly log: Log;
  readonly present: (error: unknown) => PresentedError;
  /** Runs after a request was answered. */
  readonly onAnswered: (type: PanelRequestType) => void;
}

/** The conversation with a page: each message is checked by strict schemas, both ways. */
export class PanelChannel implements Disposable {
  readonly #options: PanelChannelOptions;
  readonly #listening: Disposable;
  #isClosed = false;

  constructor(options: PanelChannelOptions) {
    this.#options = options;
    this.#listening = options.webview.onDidReceiveMessage((message: unknown) => void this.#receive(message));
  }

  /** The last gate: strict schemas keep everything that is not part of the protocol on this side. */
  post(message: HostMessage): void {
    if (this.#isClosed) return;
    const parsed = hostMessageSchema.safeParse(message);
    if (parsed.success) void this.#options.webview.postMessage(parsed.data);
    else this.#onUnpostable(message, parsed.error.issues.map(({ path }) => path.join('.')).join(', '));
  }

  dispose(): void {
    this.#isClosed = true;
    this.#listening.dispose();
  }

  async #receive(message: unknown): Promise<void> {
    const parsed = panelRequestSchema.safeParse(message);
    if (!parsed.success) {
      this.#refuse(message);
      return;
    }
    const { id, type } = parsed.data;
    const { handlers, present, onAnswered } = this.#options;
    try {
      const handler = handlers[type] as (request: PanelRequest) => Promise<unknown>;
      const result = await handler(parsed.data);
      this.post({ type: `${type}.result`, id, result } as HostMessage);
      onAnswered(type);
    } catch (error) {
      this.post({ type: 'request.failed', id, error: present(error) });
    }
  }

  /** Only where the message went wrong is logged, never what it held. */
  #refuse(message: unknown): void {
    const { log, present } = this.#options;
    log.warn('A message of the connection panel was ignored: it does not follow the protocol.');
    const id = typeof message === 'object' && message !== null && 'id' in message ? message.id : undefined;
    if (typeof id !== 'number' || !Number.isInteger(id) || id < 1) return;
    const error = present(new WorkbenchError('protocol/invalid-message'));
    this.post({ type: 'request.failed', id, error });
  }

  #onUnpostable(message: HostMessage, where: string): void {
    const { log, present } = this.#options;
    log.error(`A message to the connection panel was withheld (${message.type}: ${where}).`);
    if (!('id' in message) || message.type === 'request.failed') return;
    const error = present(new WorkbenchError('internal/unexpected'));
    this.post({ type: 'request.failed', id: message.id, error });
  }
}
