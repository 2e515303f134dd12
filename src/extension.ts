import { commands, EventEmitter, window, type ExtensionContext, type TreeDataProvider } from 'vscode';
import type { Workbench } from './compositionRoot.ts';
import { systemClock } from './core/base/clock.ts';
import { auditCommandIds, commandIds, doctorCommandIds } from './vscode/commandIds.ts';
import { StatusBar } from './vscode/statusBar.ts';
import { readStatusSnapshot, statusSnapshotKey } from './vscode/statusSnapshot.ts';
import type { ConnectionNode } from './vscode/connectionTree.ts';
import { followLoaded } from './vscode/followLoaded.ts';
import { registerRecordDocuments } from './vscode/recordDocuments.ts';
import { registerUriHandler } from './vscode/uriHandler.ts';
import { panelViewType } from './vscode/panelViewType.ts';

// Everything that is imported above is loaded at the editor's start; what is heavy waits behind this import.
const loadCompositionRoot = () => import('./compositionRoot.ts');

/** How long after the start the rest is loaded when nobody asked for it before, in milliseconds. */
const settleMs = 3000;

let workbench: Promise<Workbench> | undefined;

/** Registers what VS Code may call at any moment; everything behind it is loaded on first use. */
export function activate(context: ExtensionContext): void {
  const statusBar = new StatusBar(systemClock);
  const load = (): Promise<Workbench> =>
    (workbench ??= loadCompositionRoot()
      .then(({ createWorkbench }) => createWorkbench(context, statusBar))
      .catch((error: unknown) => {
        // The next use tries again.
        workbench = undefined;
        throw error;
      }));

  context.subscriptions.push(
    registerUriHandler(async () => (await load()).receiveCallback),
    ...commandIds.map((id) =>
      commands.registerCommand(`openemr.${id}`, async (target?: unknown) =>
        (await load()).runCommand(id, target),
      ),
    ),
    ...doctorCommandIds.map((id) =>
      commands.registerCommand(`openemr.${id}`, async () => (await load()).runDoctorCommand(id)),
    ),
    ...auditCommandIds.map((id) =>
      commands.registerCommand(`openemr.${id}`, async () => (await load()).runAuditCommand(id)),
    ),
    // Needs nothing of what may be broken.
    commands.registerCommand('openemr.resetStoredCredentials', async () => {
      const { resetCredentials } = await import('./composition/reset.ts');
      if (!(await resetCredentials(context))) return;
      await deactivate();
      await load().catch(() => undefined);
    }),
    window.registerWebviewPanelSerializer(panelViewType, {
      deserializeWebviewPanel: async (panel, state) => (await load()).restorePanel(panel, state),
    }),
    registerRecordDocuments(async () => (await load()).recordDocuments()),
    window.registerTreeDataProvider('openemr.connections', connectionsView(load)),
    statusBar,
    // A failure meets whoever uses it next, who can be told.
    systemClock.schedule(() => void load().catch(() => undefined), settleMs),
  );
  statusBar.show(readStatusSnapshot(context.globalState.get(statusSnapshotKey)));
}

/** The connections view asks as soon as it shows; until then nothing is loaded for it. */
function connectionsView(load: () => Promise<Workbench>): TreeDataProvider<ConnectionNode> {
  const changes = new EventEmitter<ConnectionNode | undefined>();
  const loadTree = followLoaded(
    async () => (await load()).tree,
    (tree) => tree.onDidChangeTreeData((node) => changes.fire(node)),
  );
  return {
    onDidChangeTreeData: changes.event,
    getChildren: async (node) => (await loadTree()).getChildren(node),
    getTreeItem: async (node) => (await loadTree()).getTreeItem(node),
  };
}

export async function deactivate(): Promise<void> {
  const loaded = workbench;
  workbench = undefined;
  await (await loaded)?.dispose();
}
