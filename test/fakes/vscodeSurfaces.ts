/** The things an editor shows, as a test sees and handles them. */
import { format } from 'node:util';
import { CancellationTokenSource, type MarkdownString, type ThemeColor } from './vscodeValues.ts';

interface MessageItem {
  readonly title: string;
  readonly isCloseAffordance?: boolean;
}

interface MessageOptions {
  readonly modal?: boolean;
  readonly detail?: string;
}

export class FakeMessage {
  readonly level: 'info' | 'warning' | 'error';
  readonly text: string;
  readonly options: MessageOptions;
  readonly buttons: readonly string[];
  isOpen = true;
  readonly answered: Promise<string | MessageItem | undefined>;
  readonly #items: readonly (string | MessageItem)[];
  #resolve: (item: string | MessageItem | undefined) => void = () => undefined;

  constructor(level: FakeMessage['level'], text: string, rest: readonly unknown[]) {
    this.level = level;
    this.text = text;
    const [first] = rest;
    const hasOptions = typeof first === 'object' && first !== null && !('title' in first);
    this.options = hasOptions ? first : {};
    this.#items = (hasOptions ? rest.slice(1) : rest) as (string | MessageItem)[];
    this.buttons = this.#items.map(titleOf);
    this.answered = new Promise((resolve) => (this.#resolve = resolve));
  }

  press(title: string): void {
    const item = this.#items.find((candidate) => titleOf(candidate) === title);
    if (item === undefined) throw new Error(`No button "${title}" among ${JSON.stringify(this.buttons)}`);
    this.isOpen = false;
    this.#resolve(item);
  }

  close(): void {
    this.isOpen = false;
    this.#resolve(undefined);
  }
}

function titleOf(item: string | MessageItem): string {
  return typeof item === 'string' ? item : item.title;
}

export interface FakeQuickPickItem {
  readonly label: string;
  readonly description?: string;
  readonly detail?: string;
  readonly kind?: number;
}

export class FakeQuickPick {
  readonly items: readonly FakeQuickPickItem[];
  readonly options: { readonly title?: string; readonly placeHolder?: string };
  readonly picked: Promise<FakeQuickPickItem | undefined>;
  #resolve: (item: FakeQuickPickItem | undefined) => void = () => undefined;

  constructor(items: readonly FakeQuickPickItem[], options: FakeQuickPick['options']) {
    this.items = items;
    this.options = options;
    this.picked = new Promise((resolve) => (this.#resolve = resolve));
  }

  get labels(): string[] {
    return this.items.map(({ label }) => label);
  }

  pick(labelPart: string): void {
    const item = this.items.find(({ label }) => label.includes(labelPart));
    if (!item) throw new Error(`No entry "${labelPart}" among ${JSON.stringify(this.labels)}`);
    this.#resolve(item);
  }

  close(): void {
    this.#resolve(undefined);
  }
}

type Validation = string | { readonly message: string } | null | undefined;

export interface InputBoxOptions {
  readonly title?: string;
  readonly prompt?: string;
  readonly value?: string;
  readonly password?: boolean;
  readonly ignoreFocusOut?: boolean;
  readonly validateInput?: (value: string) => Validation | PromiseLike<Validation>;
}

export class FakeInputBox {
  readonly options: InputBoxOptions;
  isOpen = true;
  readonly entered: Promise<string | undefined>;
  #resolve: (value: string | undefined) => void = () => undefined;

  constructor(options: InputBoxOptions) {
    this.options = options;
    this.entered = new Promise((resolve) => (this.#resolve = resolve));
  }

  /** Types and confirms; the answer is the complaint that keeps the box open, if there is one. */
  async enter(value: string): Promise<string | undefined> {
    const complaint = await this.options.validateInput?.(value);
    if (complaint) return typeof complaint === 'string' ? complaint : complaint.message;
    this.isOpen = false;
    this.#resolve(value);
    return undefined;
  }

  close(): void {
    this.isOpen = false;
    this.#resolve(undefined);
  }
}

export class FakeProgress {
  readonly options: { readonly title?: string; readonly cancellable?: boolean; readonly location: unknown };
  readonly messages: string[] = [];
  readonly cancellation = new CancellationTokenSource();
  isRunning = true;

  constructor(options: FakeProgress['options']) {
    this.options = options;
  }

  cancel(): void {
    this.cancellation.cancel();
  }

  /** Commands behind the links of the text that shows now, by their labels. */
  get links(): Map<string, string> {
    const text = this.messages.at(-1) ?? '';
    // As the editor reads them: src/vs/base/common/linkedText.ts.
    const links = text.matchAll(/\[([^\]]+)\]\(command:([^)\s]+)(?: "[^"]+")?\)/g);
    return new Map(Array.from(links, ([, label = '', command = '']) => [label, command]));
  }
}

export interface FakeStatusBarItem {
  readonly id: string;
  readonly alignment: number;
  readonly priority: number | undefined;
  name: string | undefined;
  text: string;
  tooltip: string | MarkdownString | undefined;
  color: string | ThemeColor | undefined;
  backgroundColor: ThemeColor | undefined;
  command: unknown;
  accessibilityInformation: { label: string; role?: string } | undefined;
  isVisible: boolean;
  isDisposed: boolean;
  show(): void;
  hide(): void;
  dispose(): void;
}

export class FakeLogChannel {
  readonly name: string;
  readonly lines: string[] = [];
  logLevel = 3;
  isShown = false;
  isDisposed = false;

  constructor(name: string) {
    this.name = name;
  }

  trace(message: string, ...rest: unknown[]): void {
    this.#add('trace', message, rest);
  }
  debug(message: string, ...rest: unknown[]): void {
    this.#add('debug', message, rest);
  }
  info(message: string, ...rest: unknown[]): void {
    this.#add('info', message, rest);
  }
  warn(message: string, ...rest: unknown[]): void {
    this.#add('warn', message, rest);
  }
  error(message: string | Error, ...rest: unknown[]): void {
    this.#add('error', message, rest);
  }
  append(text: string): void {
    this.lines.push(text);
  }
  appendLine(text: string): void {
    this.lines.push(text);
  }
  clear(): void {
    this.lines.length = 0;
  }
  show(): void {
    this.isShown = true;
  }
  hide(): void {
    this.isShown = false;
  }
  dispose(): void {
    this.isDisposed = true;
  }

  #add(level: string, message: unknown, rest: readonly unknown[]): void {
    this.lines.push(`[${level}] ${format(message, ...rest)}`);
  }
}
