import { env, l10n, window } from 'vscode';
import type { Clock } from '../core/base/clock.ts';
import type { Disposable } from '../core/base/disposable.ts';
import type { FhirActivity } from '../core/fhir/fhirActivity.ts';

const clearAfterMs = 60_000;

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
    const detail = l10n.t(
      'Whoever has it can read what this login may read, until it runs out. It is taken off the clipboard after a minute.',
    );
    if ((await window.showWarningMessage(question, { modal: true, detail }, copy)) !== copy) return false;
    await env.clipboard.writeText(accessToken);
    this.#dependencies.report({ action: 'access-token-copied', connectionId });
    this.#timer?.dispose();
    this.#clear = async () => {
      this.#clear = undefined;
      // What was copied since is somebody's own.
      if ((await env.clipboard.readText()) === accessToken) await env.clipboard.writeText('');
    };
    this.#timer = this.#dependencies.clock.schedule(() => void this.#clear?.(), clearAfterMs);
    return true;
  }

  /** The window closes before the minute is over. */
  dispose(): void {
    this.#timer?.dispose();
    void this.#clear?.();
  }
}
