import { env, l10n, UIKind, window } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { Disposable } from '../core/base/disposable.ts';
import type { FhirActivity } from '../core/fhir/fhirActivity.ts';

const clearAfterMs = 60_000;
/** How long a browser may take to tell what is on the clipboard. */
const readTimeoutMs = 3_000;

export interface AccessTokenClipboardDependencies {
  readonly clock: Clock;
  readonly report: (activity: FhirActivity) => void;
}

/** Hands an access token to the clipboard, after a question and for a minute. */
export class AccessTokenClipboard implements Disposable {
  readonly #dependencies: AccessTokenClipboardDependencies;
  #timer: Disposable | undefined;
  #clear: (() => Promise<void>) | undefined;

  constructor(dependencies: AccessTokenClipboardDependencies) {
    this.#dependencies = dependencies;
  }

  /** False where the person decided against it. */
  async copy(connectionId: string, connectionName: string, accessToken: string): Promise<boolean> {
    const copy = l10n.t('Copy');
    const question = l10n.t('Copy the access token of {0}?', connectionName);
    const detail = [
      l10n.t(
        'Whoever has it can read what this login may read, until it runs out. It is taken off the clipboard after a minute.',
      ),
      ...(env.uiKind === UIKind.Web
        ? [l10n.t('Your browser may ask then whether VS Code may see what is on the clipboard.')]
        : []),
    ].join(' ');
    if ((await window.showWarningMessage(question, { modal: true, detail }, copy)) !== copy) return false;
    await env.clipboard.writeText(accessToken);
    this.#dependencies.report({ action: 'access-token-copied', connectionId });
    this.#timer?.dispose();
    this.#clear = async () => {
      this.#clear = undefined;
      // What was copied since is somebody's own; what cannot be seen may still be the token.
      if (((await this.#seen()) ?? accessToken) === accessToken) await env.clipboard.writeText('');
    };
    this.#timer = this.#dependencies.clock.schedule(
      () => void this.#clear?.().catch(() => undefined),
      clearAfterMs,
    );
    return true;
  }

  /** What is on the clipboard; `undefined` where a browser does not tell, and VS Code waits for a person to allow it. */
  async #seen(): Promise<string | undefined> {
    const { clock } = this.#dependencies;
    let timer: Disposable | undefined;
    const late = new Promise<undefined>((resolve) => {
      timer = clock.schedule(() => resolve(undefined), readTimeoutMs);
    });
    try {
      return await Promise.race([env.clipboard.readText(), late]);
    } catch {
      return undefined;
    } finally {
      timer?.dispose();
    }
  }

  /** The window closes before the minute is over. */
  dispose(): void {
    this.#timer?.dispose();
    void this.#clear?.().catch(() => undefined);
  }
}
