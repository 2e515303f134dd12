/**
 * Stands in for the `vscode` module in plain Node (see register.mjs): every surface records what it was asked for
 * in {@link host}, where a test plays the user.
 */
import { format } from 'node:util';
import { FakeWebviewPanel, type SerializedPanel } from './webviewPanel.ts';
import {
  FakeInputBox,
  FakeLogChannel,
  FakeMessage,
  FakeProgress,
  FakeQuickPick,
  type FakeQuickPickItem,
  type FakeStatusBarItem,
  type InputBoxOptions,
} from './vscodeSurfaces.ts';
import {
  Disposable,
  EventEmitter,
  Position,
  UIKind,
  Uri,
  type CancellationTokenSource,
} from './vscodeValues.ts';

export {
  CancellationTokenSource,
  CodeLens,
  ConfigurationTarget,
  Disposable,
  DocumentLink,
  EventEmitter,
  ExtensionKind,
  ExtensionMode,
  FileDecoration,
  LogLevel,
  MarkdownString,
  ProgressLocation,
  QuickPickItemKind,
  Range,
  StatusBarAlignment,
  ThemeColor,
  ThemeIcon,
  TreeItem,
  TreeItemCollapsibleState,
  UIKind,
  Uri,
  ViewColumn,
} from './vscodeValues.ts';

export const version = '1.139.1';

interface UriHandler {
  handleUri(uri: Uri): unknown;
}

interface PanelSerializer {
  deserializeWebviewPanel(panel: FakeWebviewPanel, state: unknown): PromiseLike<void>;
}

export interface ConfigurationChange {
  affectsConfiguration(section: string): boolean;
}

export interface FakeDocument {
  readonly uri: Uri;
  getText(): string;
  positionAt(offset: number): Position;
}

export interface ContentProvider {
  readonly onDidChange?: EventEmitter<Uri>['event'];
  provideTextDocumentContent(uri: Uri): PromiseLike<string>;
}

/** Everything that was asked of the editor, and the hands of its user. */
class FakeHost {
  readonly commands = new Map<string, (...parameters: unknown[]) => unknown>();
  readonly executed: { readonly command: string; readonly parameters: readonly unknown[] }[] = [];
  readonly contentProviders = new Map<string, ContentProvider>();
  readonly codeLensProviders: unknown[] = [];
  readonly documentLinkProviders: unknown[] = [];
  /** Documents of content providers, in their last version. */
  readonly virtualDocuments: FakeDocument[] = [];
  /** What `setContext` set. */
  readonly contextKeys = new Map<string, unknown>();
  readonly messages: FakeMessage[] = [];
  readonly quickPicks: FakeQuickPick[] = [];
  readonly inputBoxes: FakeInputBox[] = [];
  readonly progresses: FakeProgress[] = [];
  readonly statusBarItems: FakeStatusBarItem[] = [];
  readonly logChannels: FakeLogChannel[] = [];
  readonly panels: FakeWebviewPanel[] = [];
  readonly panelSerializers = new Map<string, PanelSerializer>();
  readonly treeProviders = new Map<string, unknown>();
  readonly decorationProviders: unknown[] = [];
  readonly uriHandlers: UriHandler[] = [];
  /** What `openExternal` was given: a string where the adapter passed one. */
  readonly opened: unknown[] = [];
  readonly documents: string[] = [];
  /** Words that passed through the status bar. */
  readonly statusBarMessages: string[] = [];
  /** User settings by full key (`http.proxy`). */
  readonly settings = new Map<string, unknown>();
  readonly settingDefaults = new Map<string, unknown>();
  /** Makes the next settings write fail. */
  settingsWriteError: Error | undefined;
  /** What file dialogues answer with. */
  chosenFile: Uri | undefined;
  /** Files by path. */
  readonly files = new Map<string, string>();
  clipboard = '';
  /** A browser that was not allowed to tell leaves whoever reads waiting. */
  clipboardTells = true;
  /** Buttons pressed on the next messages, in order, as soon as they show; `undefined` closes one. */
  readonly scriptedButtons: (string | undefined)[] = [];
  asExternalUri: (uri: Uri) => Uri = (uri) => uri;
  openExternalAnswer = true;
  readonly onDidChangeConfiguration = new EventEmitter<ConfigurationChange>();
  readonly onDidChangeWindowState = new EventEmitter<{ focused: boolean; active: boolean }>();

  get lastMessage(): FakeMessage {
    return last(this.messages, 'message');
  }
  get lastQuickPick(): FakeQuickPick {
    return last(this.quickPicks, 'quick pick');
  }
  get lastInputBox(): FakeInputBox {
    return last(this.inputBoxes, 'input box');
  }
  get lastProgress(): FakeProgress {
    return last(this.progresses, 'progress');
  }
  get lastPanel(): FakeWebviewPanel {
    return last(this.panels, 'panel');
  }

  changeSetting(key: string, value: unknown): void {
    if (value === undefined) this.settings.delete(key);
    else this.settings.set(key, value);
    this.onDidChangeConfiguration.fire({
      affectsConfiguration: (section) =>
        key === section || key.startsWith(`${section}.`) || section.startsWith(`${key}.`),
    });
  }

  focus(focused: boolean): void {
    window.state.focused = focused;
    window.state.active = focused;
    this.onDidChangeWindowState.fire({ ...window.state });
  }

  /** The operating system, or the browser's callback page, delivers a URI. */
  async deliverUri(uri: string | Uri): Promise<void> {
    const parsed = typeof uri === 'string' ? Uri.parse(uri) : uri;
    for (const handler of this.uriHandlers) await handler.handleUri(parsed);
  }

  /** The editor restores a panel of an earlier session. */
  async restorePanel(serialized: SerializedPanel): Promise<FakeWebviewPanel> {
    const panel = new FakeWebviewPanel(serialized.viewType, serialized.title ?? '', {});
    this.panels.push(panel);
    await this.panelSerializers.get(serialized.viewType)?.deserializeWebviewPanel(panel, serialized.state);
    return panel;
  }

  reset(): void {
    // A window that goes away takes its notifications along.
    for (const message of this.messages) message.close();
    for (const collection of [this.commands, this.contextKeys, this.panelSerializers, this.treeProviders]) {
      collection.clear();
    }
    this.settings.clear();
    this.settingDefaults.clear();
    for (const list of [this.executed, this.messages, this.quickPicks, this.inputBoxes, this.progresses]) {
      list.length = 0;
    }
    for (const list of [this.statusBarItems, this.logChannels, this.panels, this.uriHandlers])
      list.length = 0;
    this.virtualDocuments.length = 0;
    for (const list of [this.opened, this.documents, this.scriptedButtons, this.statusBarMessages])
      list.length = 0;
    this.onDidChangeConfiguration.dispose();
    this.onDidChangeWindowState.dispose();
    this.settingsWriteError = undefined;
    this.clipboard = '';
    this.clipboardTells = true;
    this.chosenFile = undefined;
    this.files.clear();
    this.decorationProviders.length = 0;
    workspace.workspaceFolders = undefined;
    this.asExternalUri = (uri) => uri;
    this.openExternalAnswer = true;
    Object.assign(env, initialEnv);
    Object.assign(window.state, { focused: true, active: true });
  }
}

function last<T>(list: readonly T[], what: string): T {
  const found = list.at(-1);
  if (!found) throw new Error(`No ${what} was shown`);
  return found;
}

export const host = new FakeHost();

export const commands = {
  registerCommand(command: string, callback: (...parameters: never[]) => unknown): Disposable {
    if (host.commands.has(command)) throw new Error(`command '${command}' already exists`);
    host.commands.set(command, callback as (...parameters: unknown[]) => unknown);
    return new Disposable(() => host.commands.delete(command));
  },
  async executeCommand(command: string, ...parameters: unknown[]): Promise<unknown> {
    host.executed.push({ command, parameters });
    if (command === 'setContext') host.contextKeys.set(String(parameters[0]), parameters[1]);
    return await host.commands.get(command)?.(...parameters);
  },
  getCommands: () => Promise.resolve([...host.commands.keys()]),
};

function showMessage(level: FakeMessage['level'], text: string, rest: readonly unknown[]): Promise<unknown> {
  const message = new FakeMessage(level, text, rest);
  host.messages.push(message);
  if (host.scriptedButtons.length > 0) {
    const title = host.scriptedButtons.shift();
    if (title === undefined) message.close();
    else message.press(title);
  }
  return message.answered;
}

export const window = {
  state: { focused: true, active: true },
  onDidChangeWindowState: host.onDidChangeWindowState.event,

  showInformationMessage: (text: string, ...rest: unknown[]) => showMessage('info', text, rest),
  showWarningMessage: (text: string, ...rest: unknown[]) => showMessage('warning', text, rest),
  showErrorMessage: (text: string, ...rest: unknown[]) => showMessage('error', text, rest),

  showQuickPick(items: readonly FakeQuickPickItem[], options: FakeQuickPick['options'] = {}) {
    const quickPick = new FakeQuickPick(items, options);
    host.quickPicks.push(quickPick);
    return quickPick.picked;
  },

  showInputBox(options: InputBoxOptions = {}, token?: CancellationTokenSource['token']) {
    const inputBox = new FakeInputBox(options);
    host.inputBoxes.push(inputBox);
    token?.onCancellationRequested(() => inputBox.close());
    return inputBox.entered;
  },

  async withProgress<T>(
    options: FakeProgress['options'],
    task: (
      progress: { report(value: { message?: string; increment?: number }): void },
      token: CancellationTokenSource['token'],
    ) => PromiseLike<T>,
  ): Promise<T> {
    const progress = new FakeProgress(options);
    host.progresses.push(progress);
    try {
      return await task(
        { report: ({ message }) => (message === undefined ? 0 : progress.messages.push(message)) },
        progress.cancellation.token,
      );
    } finally {
      progress.isRunning = false;
    }
  },

  createOutputChannel(name: string): FakeLogChannel {
    const channel = new FakeLogChannel(name);
    host.logChannels.push(channel);
    return channel;
  },

  createStatusBarItem(id: string, alignment: number, priority?: number): FakeStatusBarItem {
    const item: FakeStatusBarItem = {
      id,
      alignment,
      priority,
      name: undefined,
      text: '',
      tooltip: undefined,
      color: undefined,
      backgroundColor: undefined,
      command: undefined,
      accessibilityInformation: undefined,
      isVisible: false,
      isDisposed: false,
      show: () => void (item.isVisible = true),
      hide: () => void (item.isVisible = false),
      dispose: () => void (item.isDisposed = true),
    };
    host.statusBarItems.push(item);
    return item;
  },

  setStatusBarMessage(text: string): Disposable {
    host.statusBarMessages.push(text);
    return new Disposable(() => undefined);
  },

  createWebviewPanel(viewType: string, title: string, _column: unknown, options: object = {}) {
    const panel = new FakeWebviewPanel(viewType, title, options);
    host.panels.push(panel);
    return panel;
  },

  registerWebviewPanelSerializer(viewType: string, serializer: PanelSerializer): Disposable {
    host.panelSerializers.set(viewType, serializer);
    return new Disposable(() => host.panelSerializers.delete(viewType));
  },

  registerUriHandler(handler: UriHandler): Disposable {
    if (host.uriHandlers.length > 0) throw new Error('Protocol handler already registered for extension');
    host.uriHandlers.push(handler);
    return new Disposable(() => host.uriHandlers.splice(host.uriHandlers.indexOf(handler), 1));
  },

  registerTreeDataProvider(viewId: string, provider: unknown): Disposable {
    host.treeProviders.set(viewId, provider);
    return new Disposable(() => host.treeProviders.delete(viewId));
  },

  registerFileDecorationProvider(provider: unknown): Disposable {
    host.decorationProviders.push(provider);
    return new Disposable(() =>
      host.decorationProviders.splice(host.decorationProviders.indexOf(provider), 1),
    );
  },

  showOpenDialog: () => Promise.resolve(host.chosenFile ? [host.chosenFile] : undefined),
  showSaveDialog: () => Promise.resolve(host.chosenFile),

  showTextDocument: (document: unknown) => Promise.resolve({ document }),
};

export const workspace = {
  isTrusted: true,
  workspaceFolders: undefined as { uri: Uri }[] | undefined,
  asRelativePath: (uri: Uri) => uri.path,
  fs: {
    stat(uri: Uri) {
      const text = host.files.get(uri.path);
      return text === undefined
        ? Promise.reject(new Error('FileNotFound'))
        : Promise.resolve({ size: text.length });
    },
    readFile: (uri: Uri) => Promise.resolve(new TextEncoder().encode(host.files.get(uri.path) ?? '')),
    writeFile(uri: Uri, content: Uint8Array) {
      host.files.set(uri.path, new TextDecoder().decode(content));
      return Promise.resolve();
    },
  },
  onDidChangeConfiguration: host.onDidChangeConfiguration.event,

  getConfiguration(section = '') {
    const fullKey = (key: string) => (section ? `${section}.${key}` : key);
    const valueOf = (key: string) =>
      host.settings.get(fullKey(key)) ?? host.settingDefaults.get(fullKey(key));
    return {
      get: (key: string, fallback?: unknown) => valueOf(key) ?? fallback,
      has: (key: string) => valueOf(key) !== undefined,
      inspect: (key: string) => ({
        key: fullKey(key),
        defaultValue: host.settingDefaults.get(fullKey(key)),
        globalValue: host.settings.get(fullKey(key)),
      }),
      update(key: string, value: unknown): Promise<void> {
        const failure = host.settingsWriteError;
        host.settingsWriteError = undefined;
        if (failure) return Promise.reject(failure);
        host.changeSetting(fullKey(key), value);
        return Promise.resolve();
      },
    };
  },

  get textDocuments(): readonly FakeDocument[] {
    return host.virtualDocuments;
  },

  registerTextDocumentContentProvider(scheme: string, provider: ContentProvider): Disposable {
    host.contentProviders.set(scheme, provider);
    const following = provider.onDidChange?.((uri) => void showAnew(uri, provider));
    return new Disposable(() => {
      following?.dispose();
      host.contentProviders.delete(scheme);
    });
  },

  async openTextDocument(options: { content?: string } | Uri) {
    if (options instanceof Uri) {
      const provider = host.contentProviders.get(options.scheme);
      if (!provider) throw new Error(`Nothing provides ${options.scheme}`);
      const document = new VirtualDocument(options, await provider.provideTextDocumentContent(options));
      host.virtualDocuments.push(document);
      return document;
    }
    host.documents.push(options.content ?? '');
    return { getText: () => options.content ?? '' };
  },
};

class VirtualDocument implements FakeDocument {
  readonly uri: Uri;
  text: string;

  constructor(uri: Uri, text: string) {
    this.uri = uri;
    this.text = text;
  }

  getText(): string {
    return this.text;
  }

  positionAt(offset: number): Position {
    return new Position(0, offset);
  }
}

async function showAnew(uri: Uri, provider: ContentProvider): Promise<void> {
  for (const document of host.virtualDocuments) {
    if (document instanceof VirtualDocument && String(document.uri) === String(uri)) {
      document.text = await provider.provideTextDocumentContent(uri);
    }
  }
}

const register = (providers: unknown[]) => (_selector: unknown, provider: unknown) => {
  providers.push(provider);
  return new Disposable(() => providers.splice(providers.indexOf(provider), 1));
};

export const languages = {
  registerCodeLensProvider: register(host.codeLensProviders),
  registerDocumentLinkProvider: register(host.documentLinkProviders),
};

const initialEnv = {
  uriScheme: 'vscode',
  uiKind: UIKind.Desktop as number,
  sessionId: 'session-1',
  machineId: 'machine-1',
  remoteName: undefined as string | undefined,
  appName: 'Visual Studio Code',
  appHost: 'desktop',
  language: 'en',
};

export const env = {
  ...initialEnv,
  clipboard: {
    readText: () =>
      host.clipboardTells ? Promise.resolve(host.clipboard) : new Promise<string>(() => undefined),
    writeText(text: string) {
      host.clipboard = text;
      return Promise.resolve();
    },
  },
  asExternalUri: (uri: Uri) => Promise.resolve(host.asExternalUri(uri)),
  openExternal(target: unknown) {
    host.opened.push(target);
    return Promise.resolve(host.openExternalAnswer);
  },
};

export const extensions = {
  getExtension: (id: string) => ({ id, isActive: true, packageJSON: {} }),
};

type L10nArguments = readonly [Record<string, unknown>] | readonly unknown[];

export const l10n = {
  /** Texts in another language by their English form; a test sets it. */
  bundle: undefined as Record<string, string> | undefined,
  t(message: string | { message: string; args?: L10nArguments }, ...rest: unknown[]): string {
    const english = typeof message === 'string' ? message : message.message;
    const text = l10n.bundle?.[english] ?? english;
    const given = typeof message === 'string' ? rest : [...((message.args ?? []) as unknown[])];
    const [first] = given;
    const named = (typeof first === 'object' && first !== null ? first : given) as Record<string, unknown>;
    return text.replace(/\{([^}]+)\}/g, (whole, key: string) => {
      const value = named[key];
      return value === undefined || value === null ? whole : format('%s', value);
    });
  },
};
