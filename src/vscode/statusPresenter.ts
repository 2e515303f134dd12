import { commands } from 'vscode';
import type { Disposable } from '../core/base/disposable.ts';
import { DisposableStore } from '../core/base/disposable.ts';
import type { Connection } from '../core/connection/connection.ts';
import type { ConnectionProgress } from '../core/connection/connectionProgress.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import type { KeyValueStore } from '../core/ports.ts';
import type { ActiveConnection } from './activeConnection.ts';
import type { StatusBar } from './statusBar.ts';
import { statusSnapshotKey, type StatusSnapshot } from './statusSnapshot.ts';

export interface StatusPresenterDependencies {
  readonly connections: ConnectionService;
  readonly progress: ConnectionProgress;
  readonly active: ActiveConnection;
  readonly statusBar: StatusBar;
  readonly state: KeyValueStore;
  readonly isSandbox: (baseUrl: string) => boolean;
  /** How the connection's login is kept alive, in sentences. */
  readonly linesFor?: (connection: Connection) => Promise<string[]>;
}

/** Keeps the status bar on the active connection's state, and remembers it for the next start. */
export class StatusPresenter implements Disposable {
  readonly #dependencies: StatusPresenterDependencies;
  readonly #subscriptions = new DisposableStore();
  #snapshot: StatusSnapshot | undefined;
  #run: Promise<void> = Promise.resolve();

  constructor(dependencies: StatusPresenterDependencies) {
    this.#dependencies = dependencies;
    this.#subscriptions.add(dependencies.connections.connectionChanged(() => void this.update()));
    this.#subscriptions.add(dependencies.active.onDidChange(() => void this.update()));
  }

  get snapshot(): StatusSnapshot | undefined {
    return this.#snapshot;
  }

  /** Shows the present state; one update after the other, so that an older one never wins. */
  update(): Promise<void> {
    this.#run = this.#run.then(() => this.#show()).catch(() => undefined);
    return this.#run;
  }

  async #show(): Promise<void> {
    const { statusBar, state } = this.#dependencies;
    const { connections, active, linesFor } = this.#dependencies;
    // Chosen once: another one may be by the time that everything about it is known.
    const connection = active.among(connections.all());
    const snapshot = connection && (await this.#read(connection));
    const lines = (connection && (await linesFor?.(connection))) ?? [];
    this.#snapshot = snapshot;
    statusBar.show(snapshot, lines);
    await setStepContext(snapshot);
    // The window that is ahead of this one knows better what the next one starts with.
    if (snapshot?.isBehind) return;
    await state.update(statusSnapshotKey, snapshot);
  }

  async #read(connection: Connection): Promise<StatusSnapshot> {
    const { connections, progress, isSandbox } = this.#dependencies;
    const state = await connections.state(connection);
    return {
      connectionId: connection.id,
      connectionName: connection.name,
      ...(connection.environment ? { environment: connection.environment } : {}),
      isSandbox: isSandbox(connection.baseUrl),
      state: state.kind,
      ...('expiresAt' in state ? { expiresAt: state.expiresAt } : {}),
      ...('reason' in state && state.reason === 'storage/behind' ? { isBehind: true } : {}),
      nextStep: progress.nextStep(connection, state.kind),
    };
  }

  dispose(): void {
    this.#subscriptions.dispose();
  }
}

const stepContexts = [
  ['openemr.isRegistered', ['enable', 'logIn', 'verify', 'done']],
  ['openemr.isEnabled', ['logIn', 'verify', 'done']],
  ['openemr.isSignedIn', ['verify', 'done']],
  ['openemr.isVerified', ['done']],
] as const;

/** Lets the walkthrough tick the steps that happen outside of VS Code. */
async function setStepContext(snapshot: StatusSnapshot | undefined): Promise<void> {
  const set = (key: string, value: boolean) => commands.executeCommand('setContext', key, value);
  await set('openemr.hasConnection', snapshot !== undefined);
  for (const [key, steps] of stepContexts) {
    await set(
      key,
      steps.some((step) => step === snapshot?.nextStep),
    );
  }
}
