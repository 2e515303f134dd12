import { window, type LogOutputChannel } from 'vscode';
import type { Disposable } from '../core/base/disposable.ts';
import { redact } from '../core/base/redact.ts';
import type { Log } from '../core/ports.ts';

/** The output channel "OpenEMR", made when the first line is written; nothing reaches it unredacted. */
export class LogChannel implements Log, Disposable {
  #channel: LogOutputChannel | undefined;

  debug(message: string): void {
    this.#opened().debug(redact(message));
  }

  info(message: string): void {
    this.#opened().info(redact(message));
  }

  warn(message: string): void {
    this.#opened().warn(redact(message));
  }

  error(message: string): void {
    this.#opened().error(redact(message));
  }

  show(): void {
    this.#opened().show(true);
  }

  dispose(): void {
    this.#channel?.dispose();
    this.#channel = undefined;
  }

  #opened(): LogOutputChannel {
    return (this.#channel ??= window.createOutputChannel('OpenEMR', { log: true }));
  }
}
