// As little of the editor's API as activate() touches.
const nothing = () => undefined;
const disposable = { dispose: nothing };

/** What the status bar got. */
export const statusBarItem = { text: '', show: nothing, hide: nothing, dispose: nothing };

export const commands = { registerCommand: () => disposable, executeCommand: nothing };
export const window = {
  createStatusBarItem: () => statusBarItem,
  onDidChangeWindowState: () => disposable,
  registerUriHandler: () => disposable,
  registerWebviewPanelSerializer: () => disposable,
};
export const StatusBarAlignment = { Left: 1, Right: 2 };
export const l10n = {
  t: (text: string, ...values: unknown[]) =>
    text.replace(/\{(\d)\}/g, (_match, index: string) => String(values[Number(index)])),
};

export class ThemeColor {
  readonly id: string;

  constructor(id: string) {
    this.id = id;
  }
}

export class MarkdownString {
  value = '';

  appendMarkdown(text: string): this {
    this.value += text;
    return this;
  }

  appendText(text: string): this {
    return this.appendMarkdown(text);
  }
}
