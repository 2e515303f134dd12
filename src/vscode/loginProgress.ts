import {
  CancellationTokenSource,
  commands,
  Disposable,
  l10n,
  ProgressLocation,
  window,
  type Progress,
} from 'vscode';
import { isWorkbenchError, type WorkbenchError } from '../core/base/errors.ts';
import type { CallbackKind } from '../core/oauth/callbackChannel.ts';
import type { LoginActions, LoginStage, LoginUi } from '../core/oauth/loginUi.ts';
import { present } from './errorPresenter.ts';
import { plainText } from './plainText.ts';

export interface LoginProgressOptions {
  readonly connectionName: string;
  /** Shows what goes wrong beside the login without ending it. */
  readonly showError: (error: unknown) => unknown;
}

/**
 * Runs a login under one progress notification with Cancel, which aborts the signal. A progress has no buttons of
 * its own and a second notification could not be withdrawn, so "Open login page" and "Paste address" are links in
 * the progress text, bound to commands that live as long as the login.
 */
export function runLogin<T>(
  options: LoginProgressOptions,
  work: (ui: LoginUi, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const title = plainText(l10n.t('Logging in to {0}', options.connectionName));
  const progressOptions = { location: ProgressLocation.Notification, title, cancellable: true };
  return Promise.resolve(
    window.withProgress(progressOptions, async (progress, token) => {
      const controller = new AbortController();
      const ui = new ProgressLoginUi(progress, options.showError);
      const cancellation = token.onCancellationRequested(() => controller.abort());
      try {
        return await work(ui, controller.signal);
      } finally {
        cancellation.dispose();
        ui.dispose();
      }
    }),
  );
}

let loginCount = 0;

class ProgressLoginUi implements LoginUi {
  readonly #progress: Progress<{ message?: string }>;
  readonly #showError: (error: unknown) => unknown;
  readonly #end = new CancellationTokenSource();
  readonly #commandPrefix = `openemr.login${++loginCount}`;
  #subscriptions: Disposable | undefined;
  #stage: LoginStage = 'preparing';
  #passedOver = '';

  constructor(progress: Progress<{ message?: string }>, showError: (error: unknown) => unknown) {
    this.#progress = progress;
    this.#showError = showError;
  }

  report(stage: LoginStage): void {
    this.#stage = stage;
    this.#write();
  }

  channelPassedOver(kind: CallbackKind, reason: WorkbenchError): void {
    this.#passedOver = l10n.t('{way} does not work here: {reason}', {
      way: wayBack(kind),
      reason: present(reason).happened,
    });
    this.#write();
  }

  async askAboutPendingLogin(): Promise<'wait' | 'takeOver' | 'cancel'> {
    const wait = l10n.t('Wait for it');
    const takeOver = l10n.t('Start a new login');
    const detail = l10n.t(
      'OpenEMR keeps one login per user and client: a new one makes the one that is waiting fail.',
    );
    const question = l10n.t('Another login with this client is waiting for its answer.');
    const answer = await window.showWarningMessage(question, { modal: true, detail }, wait, takeOver);
    if (answer === wait) return 'wait';
    return answer === takeOver ? 'takeOver' : 'cancel';
  }

  offer(actions: LoginActions): void {
    this.#subscriptions?.dispose();
    this.#subscriptions = Disposable.from(
      commands.registerCommand(`${this.#commandPrefix}.openPage`, () =>
        this.#showingErrors(() => actions.openLoginPage()),
      ),
      commands.registerCommand(`${this.#commandPrefix}.paste`, () =>
        this.#showingErrors(() => this.#askForAddress(actions)),
      ),
    );
    this.#write();
  }

  note(error: WorkbenchError): void {
    this.#showError(error);
  }

  dispose(): void {
    this.#subscriptions?.dispose();
    this.#subscriptions = undefined;
    // Closes an input box that is still open.
    this.#end.cancel();
    this.#end.dispose();
  }

  #write(): void {
    const message = [plainText(this.#passedOver), stageText(this.#stage), this.#links()]
      .filter(Boolean)
      .join(' ');
    this.#progress.report({ message });
  }

  #links(): string {
    if (!this.#subscriptions || this.#stage !== 'waiting') return '';
    const open = link(l10n.t('Open login page'), `${this.#commandPrefix}.openPage`);
    const paste = link(l10n.t('Paste address'), `${this.#commandPrefix}.paste`);
    return `${open} · ${paste}`;
  }

  async #askForAddress(actions: LoginActions): Promise<void> {
    let refused: string | undefined;
    for (;;) {
      const address = await this.#showInput(refused);
      if (address === undefined) return;
      try {
        actions.paste(address);
        return;
      } catch (error) {
        if (!isWorkbenchError(error, 'authorization/paste-invalid')) throw error;
        refused = address;
      }
    }
  }

  #showInput(refused: string | undefined): PromiseLike<string | undefined> {
    return window.showInputBox(
      {
        title: l10n.t('Paste the address where the browser ended'),
        prompt: l10n.t(
          'After Authorize, copy everything in the address bar, even if the page says that it cannot be reached.',
        ),
        placeHolder: 'http://127.0.0.1:…/callback?code=…',
        ignoreFocusOut: true,
        ...(refused === undefined ? {} : { value: refused }),
        validateInput: (value) => complaintAbout(value, refused),
      },
      this.#end.token,
    );
  }

  async #showingErrors(operation: () => Promise<void>): Promise<void> {
    try {
      await operation();
    } catch (error) {
      this.#showError(error);
    }
  }
}

function stageText(stage: LoginStage): string {
  switch (stage) {
    case 'preparing':
      return l10n.t('Asking OpenEMR for the sign-in page…');
    case 'waiting':
      return l10n.t(
        'Finish in the browser. OpenEMR allows one minute to come back here after you press Authorize.',
      );
    case 'redeeming':
      return l10n.t('Checking the answer of OpenEMR…');
  }
}

function wayBack(kind: CallbackKind): string {
  switch (kind) {
    case 'vscode-uri':
      return l10n.t('The way back by an address of VS Code');
    case 'loopback':
      return l10n.t('The way back by a port of this computer (loopback)');
    case 'paste':
      return l10n.t('The way back by pasting');
  }
}

function link(label: string, command: string): string {
  return `[${label}](command:${command} "${label}")`;
}

/** What can be told without the login: whether this is the end of any login at all. */
function complaintAbout(text: string, refused: string | undefined): string | undefined {
  if (!text.trim()) return l10n.t('Paste the whole address.');
  if (text === refused) return l10n.t('This address is not the answer of this login.');
  const query = URL.parse(text.trim())?.searchParams;
  if (query?.has('code') || query?.has('error')) return undefined;
  return l10n.t('This address holds no answer: it must have code= in it.');
}
