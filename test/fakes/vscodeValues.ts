/** The value types of `vscode`, as far as this extension uses them, with the behaviour that adapters rely on. */

export class Disposable {
  readonly #onDispose: () => unknown;
  #isDisposed = false;

  constructor(onDispose: () => unknown) {
    this.#onDispose = onDispose;
  }

  static from(...members: { dispose(): unknown }[]): Disposable {
    return new Disposable(() => members.forEach((member) => member.dispose()));
  }

  dispose(): void {
    if (this.#isDisposed) return;
    this.#isDisposed = true;
    this.#onDispose();
  }
}

export class EventEmitter<T> {
  readonly #listeners = new Set<(value: T) => unknown>();

  readonly event = (
    listener: (value: T) => unknown,
    thisArg?: unknown,
    disposables?: Disposable[],
  ): Disposable => {
    const bound = thisArg === undefined ? listener : listener.bind(thisArg);
    this.#listeners.add(bound);
    const subscription = new Disposable(() => this.#listeners.delete(bound));
    disposables?.push(subscription);
    return subscription;
  };

  get listenerCount(): number {
    return this.#listeners.size;
  }

  fire(value: T): void {
    for (const listener of [...this.#listeners]) listener(value);
  }

  dispose(): void {
    this.#listeners.clear();
  }
}

export class CancellationTokenSource {
  readonly #emitter = new EventEmitter<undefined>();
  readonly token = {
    isCancellationRequested: false,
    onCancellationRequested: this.#emitter.event,
  };

  cancel(): void {
    if (this.token.isCancellationRequested) return;
    this.token.isCancellationRequested = true;
    this.#emitter.fire(undefined);
  }

  dispose(): void {
    this.#emitter.dispose();
  }
}

interface UriParts {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;
}

/** Decodes on parsing and encodes again on printing, as the real one does: that loss is what adapters must mind. */
export class Uri implements UriParts {
  readonly scheme: string;
  readonly authority: string;
  readonly path: string;
  readonly query: string;
  readonly fragment: string;

  private constructor(parts: UriParts) {
    this.scheme = parts.scheme;
    this.authority = parts.authority;
    this.path = parts.path;
    this.query = parts.query;
    this.fragment = parts.fragment;
  }

  static parse(text: string): Uri {
    // RFC 3986 appendix B.
    const parts = /^(?:([^:/?#]+):)?(?:\/\/([^/?#]*))?([^?#]*)(?:\?([^#]*))?(?:#(.*))?/s.exec(text) ?? [];
    const [, scheme = 'file', authority = '', path = '', query = '', fragment = ''] = parts;
    const isWeb = /^(https?|file)$/.test(scheme);
    return new Uri({
      scheme,
      authority: decode(authority),
      path: decode(path) || (isWeb ? '/' : ''),
      query: decode(query),
      fragment: decode(fragment),
    });
  }

  static from(parts: Partial<UriParts> & { scheme: string }): Uri {
    return new Uri({ authority: '', path: '', query: '', fragment: '', ...parts });
  }

  static file(path: string): Uri {
    return Uri.from({ scheme: 'file', path });
  }

  static joinPath(base: Uri, ...segments: string[]): Uri {
    return base.with({ path: [base.path.replace(/\/+$/, ''), ...segments].join('/') });
  }

  get fsPath(): string {
    return this.path;
  }

  with(change: Partial<UriParts>): Uri {
    return new Uri({
      scheme: change.scheme ?? this.scheme,
      authority: change.authority ?? this.authority,
      path: change.path ?? this.path,
      query: change.query ?? this.query,
      fragment: change.fragment ?? this.fragment,
    });
  }

  toString(skipEncoding = false): string {
    const encode = skipEncoding ? minimalEncode : fullEncode;
    const authority = this.authority || this.scheme === 'file' ? `//${encode(this.authority, ':')}` : '';
    const query = this.query && `?${encode(this.query, '')}`;
    const fragment = this.fragment && `#${skipEncoding ? this.fragment : fullEncode(this.fragment, '')}`;
    return `${this.scheme}:${authority}${encode(this.path, '/')}${query}${fragment}`;
  }
}

function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function minimalEncode(text: string): string {
  return text.replaceAll('#', '%23').replaceAll('?', '%3F');
}

function fullEncode(text: string, kept: string): string {
  return Array.from(text, (char) => (kept.includes(char) ? char : encodeURIComponent(char))).join('');
}

export class ThemeColor {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class FileDecoration {
  readonly badge: string | undefined;
  readonly tooltip: string | undefined;
  readonly color: ThemeColor | undefined;

  constructor(badge?: string, tooltip?: string, color?: ThemeColor) {
    this.badge = badge;
    this.tooltip = tooltip;
    this.color = color;
  }
}

export class ThemeIcon {
  readonly id: string;
  readonly color: ThemeColor | undefined;

  constructor(id: string, color?: ThemeColor) {
    this.id = id;
    this.color = color;
  }
}

export class MarkdownString {
  value: string;
  isTrusted?: boolean | { readonly enabledCommands: readonly string[] };
  supportThemeIcons: boolean;
  supportHtml?: boolean;

  constructor(value = '', supportThemeIcons = false) {
    this.value = value;
    this.supportThemeIcons = supportThemeIcons;
  }

  appendText(text: string): this {
    this.value += text.replace(/[\\`*_{}[\]()#+\-!~<>]/g, '\\$&');
    return this;
  }

  appendMarkdown(markdown: string): this {
    this.value += markdown;
    return this;
  }
}

export const StatusBarAlignment = { Left: 1, Right: 2 } as const;
export const ConfigurationTarget = { Global: 1, Workspace: 2, WorkspaceFolder: 3 } as const;
export const ProgressLocation = { SourceControl: 1, Window: 10, Notification: 15 } as const;
export const UIKind = { Desktop: 1, Web: 2 } as const;
export const ViewColumn = { Active: -1, Beside: -2, One: 1, Two: 2, Three: 3 } as const;
export const QuickPickItemKind = { Separator: -1, Default: 0 } as const;
export const ExtensionMode = { Production: 1, Development: 2, Test: 3 } as const;
export const ExtensionKind = { UI: 1, Workspace: 2 } as const;
export const LogLevel = { Off: 0, Trace: 1, Debug: 2, Info: 3, Warning: 4, Error: 5 } as const;
export class TreeItem {
  label: string;
  collapsibleState: number;

  constructor(label: string, collapsibleState = 0) {
    this.label = label;
    this.collapsibleState = collapsibleState;
  }
}

export const TreeItemCollapsibleState = { None: 0, Collapsed: 1, Expanded: 2 } as const;

export class Position {
  readonly line: number;
  readonly character: number;

  constructor(line: number, character: number) {
    this.line = line;
    this.character = character;
  }
}

export class Range {
  readonly start: Position;
  readonly end: Position;

  constructor(start: number | Position, startCharacter: number | Position, line = 0, character = 0) {
    this.start = typeof start === 'number' ? new Position(start, Number(startCharacter)) : start;
    this.end = typeof startCharacter === 'number' ? new Position(line, character) : startCharacter;
  }
}

export class CodeLens {
  readonly range: Range;
  readonly command: { readonly title: string; readonly command: string; readonly arguments?: unknown[] };

  constructor(range: Range, command: CodeLens['command']) {
    this.range = range;
    this.command = command;
  }
}

export class DocumentLink {
  readonly range: Range;
  readonly target: Uri;

  constructor(range: Range, target: Uri) {
    this.range = range;
    this.target = target;
  }
}
