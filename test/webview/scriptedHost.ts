import { env } from 'vscode';
import {
  hostMessageSchema,
  panelRequestSchema,
  type HostMessage,
  type PanelRequest,
  type PanelRequestType,
  type ReadyResult,
  type ResultOf,
} from '../../src/protocol/panelMessages.ts';
import type { PanelViewModel, PresentedError, TestView } from '../../src/protocol/viewModels.ts';
import { panelStrings } from '../../src/vscode/webview/panelStrings.ts';
import type { Operation } from '../../src/protocol/panelMessages.ts';
import { localized } from './languages.ts';
import { newConnection } from './samples.ts';

type Answerer<T extends PanelRequestType> = (
  request: Extract<PanelRequest, { type: T }>,
) => ResultOf<T> | Promise<ResultOf<T>>;

/** Plays the extension: keeps what the page asked, answers as the test says. Both ways by the real schemas. */
export class ScriptedHost {
  readonly requests: PanelRequest[] = [];
  /** What the page was told, in the language that was spoken. */
  readonly sent: HostMessage[] = [];
  /** What the page sent that is not in the protocol. */
  readonly invalid: unknown[] = [];
  viewModel: PanelViewModel;
  test: TestView = { state: 'none' };
  operation: Operation | undefined;
  readonly #answers = new Map<PanelRequestType, (request: never) => unknown>();
  readonly #refusals = new Map<PanelRequestType, PresentedError>();
  #send: (message: HostMessage) => Promise<void> = () => Promise.resolve();

  constructor(viewModel: PanelViewModel = newConnection()) {
    this.viewModel = viewModel;
    this.answer('connection.validate', { problems: [] });
    this.answerWith('panel.ready', () => this.ready());
  }

  /** What a page shows first. */
  ready(): ReadyResult {
    const operation = this.operation ? { operation: this.operation } : {};
    const { viewModel, test } = this;
    return { strings: panelStrings(), language: env.language, viewModel, test, ...operation };
  }

  connect(send: (message: HostMessage) => Promise<void>): void {
    this.#send = send;
  }

  answer<T extends PanelRequestType>(type: T, result: ResultOf<T>): this {
    return this.answerWith(type, () => result);
  }

  answerWith<T extends PanelRequestType>(type: T, answer: Answerer<T>): this {
    this.#answers.set(type, answer);
    return this;
  }

  /** Answers the next request of this type with a failure. */
  refuseNext(type: PanelRequestType, error: PresentedError): void {
    this.#refusals.set(type, error);
  }

  async change(viewModel: PanelViewModel): Promise<void> {
    this.viewModel = viewModel;
    await this.tell({ type: 'panel.changed', viewModel });
  }

  async tell(message: HostMessage): Promise<void> {
    const sent = hostMessageSchema.parse(localized(message));
    this.sent.push(sent);
    await this.#send(sent);
  }

  async receive(message: unknown): Promise<void> {
    const parsed = panelRequestSchema.safeParse(message);
    if (!parsed.success) {
      this.invalid.push(message);
      return;
    }
    const { type, id } = parsed.data;
    this.requests.push(parsed.data);
    const error = this.#refusals.get(type);
    this.#refusals.delete(type);
    if (error) {
      await this.tell({ type: 'request.failed', id, error });
      return;
    }
    const answer = this.#answers.get(type);
    if (!answer) return;
    const result = await answer(parsed.data as never);
    await this.tell({ type: `${type}.result`, id, result } as HostMessage);
  }

  /** The requests of a type that came so far. */
  of<T extends PanelRequestType>(type: T): Extract<PanelRequest, { type: T }>[] {
    return this.requests.filter(
      (request): request is Extract<PanelRequest, { type: T }> => request.type === type,
    );
  }
}
