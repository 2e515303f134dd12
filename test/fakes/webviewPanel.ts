import { EventEmitter, Uri } from './vscodeValues.ts';

/** What the editor keeps of a panel over a restart. */
export interface SerializedPanel {
  readonly viewType: string;
  readonly title?: string;
  readonly state: unknown;
}

/** The extension's side of a webview; `receive` is the page speaking, `posted` is what the page was told. */
export class FakeWebviewPanel {
  readonly viewType: string;
  title: string;
  iconPath: unknown;
  viewColumn = 1;
  visible = true;
  active = true;
  isDisposed = false;
  revealCount = 0;
  readonly posted: unknown[] = [];
  readonly options: object;
  readonly #messages = new EventEmitter<unknown>();
  readonly #disposed = new EventEmitter<undefined>();
  readonly #viewState = new EventEmitter<{ webviewPanel: FakeWebviewPanel }>();
  readonly onDidDispose = this.#disposed.event;
  readonly onDidChangeViewState = this.#viewState.event;
  readonly webview = {
    html: '',
    options: {} as object,
    cspSource: "'self' https://*.vscode-cdn.net",
    onDidReceiveMessage: this.#messages.event,
    postMessage: (message: unknown) => {
      if (this.isDisposed) throw new Error('Webview is disposed');
      this.posted.push(message);
      return Promise.resolve(true);
    },
    asWebviewUri: (uri: Uri) => Uri.from({ scheme: 'https', authority: 'webview.test', path: uri.path }),
  };

  constructor(viewType: string, title: string, options: object) {
    this.viewType = viewType;
    this.title = title;
    this.options = options;
    this.webview.options = options;
  }

  receive(message: unknown): void {
    this.#messages.fire(message);
  }

  changeVisibility(visible: boolean): void {
    this.visible = visible;
    this.active = visible;
    this.#viewState.fire({ webviewPanel: this });
  }

  reveal(): void {
    this.revealCount += 1;
    this.visible = true;
    this.active = true;
  }

  dispose(): void {
    if (this.isDisposed) return;
    this.isDisposed = true;
    this.#disposed.fire(undefined);
  }
}
