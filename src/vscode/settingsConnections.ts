import { ConfigurationTarget, workspace } from 'vscode';
import type { Disposable } from '../core/base/disposable.ts';
import { WorkbenchError } from '../core/base/errors.ts';
import { EventEmitter } from '../core/base/event.ts';
import type { ConnectionSettings } from '../core/ports.ts';

const section = 'openemr';
const key = 'connections';

/** `openemr.connections` of the user's own settings; what a workspace says about it is never looked at. */
export class SettingsConnections implements ConnectionSettings, Disposable {
  readonly #changes = new EventEmitter<void>();
  readonly #subscription = workspace.onDidChangeConfiguration((change) => {
    if (change.affectsConfiguration(`${section}.${key}`)) this.#changes.fire();
  });
  readonly onDidChange = this.#changes.event;

  read(): unknown {
    const inspected = workspace.getConfiguration(section).inspect(key);
    return inspected?.globalValue ?? inspected?.defaultValue;
  }

  async write(connections: readonly unknown[]): Promise<void> {
    try {
      const configuration = workspace.getConfiguration(section);
      await configuration.update(key, connections, ConfigurationTarget.Global);
    } catch (cause) {
      throw new WorkbenchError('storage/write-failed', { details: { key: `${section}.${key}` }, cause });
    }
  }

  dispose(): void {
    this.#subscription.dispose();
    this.#changes.dispose();
  }
}
