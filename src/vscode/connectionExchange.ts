import { randomUUID } from 'node:crypto';
import { commands, l10n, Uri, window, workspace, type QuickPickItem } from 'vscode';
import { connectionFileText, parseConnectionFile, planImport } from '../core/connection/connectionFile.ts';
import type { AuditRecorder } from '../core/audit/auditEvent.ts';
import type { ConnectionService } from '../core/connection/connectionService.ts';
import { plainText } from './plainText.ts';
import { tell, whisper } from './quiet.ts';
import { countText } from './formats.ts';

const workspaceFile = ['.vscode', 'openemr-connections.json'] as const;
const maxFileBytes = 1_000_000;
const maxShown = 12;

/** Connections as a file and back, without secrets; an import asks first and never replaces anything. */
export class ConnectionExchange {
  readonly #connections: ConnectionService;
  readonly #audit: AuditRecorder;

  constructor(connections: ConnectionService, audit: AuditRecorder) {
    this.#connections = connections;
    this.#audit = audit;
  }

  async exportConnections(): Promise<void> {
    const connections = this.#connections.all();
    if (connections.length === 0) {
      await offerToSetUp();
      return;
    }
    const folder = workspace.workspaceFolders?.[0]?.uri;
    const target = await window.showSaveDialog({
      title: l10n.t('Export connections without secrets'),
      filters: { JSON: ['json'] },
      ...(folder ? { defaultUri: Uri.joinPath(folder, ...workspaceFile) } : {}),
    });
    if (!target) return;
    await workspace.fs.writeFile(target, new TextEncoder().encode(connectionFileText(connections)));
    this.#audit.record({
      ...{ action: 'exported', outcome: 'success' },
      detail: { what: 'connections', format: 'json' },
    });
    const text = countText(
      connections.length,
      l10n.t('One connection exported. Secrets and logins are not in the file.'),
      l10n.t('{0} connections exported. Secrets and logins are not in the file.', connections.length),
    );
    whisper(text);
  }

  async importConnections(): Promise<void> {
    const source = await this.#chooseSource();
    if (!source) return;
    const { size } = await workspace.fs.stat(source);
    const text = size > maxFileBytes ? '' : new TextDecoder().decode(await workspace.fs.readFile(source));
    const file = parseConnectionFile(text);
    if ('problems' in file) {
      if (await wantsAnother(file.problems)) await this.importConnections();
      return;
    }
    const plan = planImport(file.connections, this.#connections.all(), randomUUID);
    if (plan.added.length === 0) {
      whisper(l10n.t('Every connection of this file is here already.'));
      return;
    }
    if (!(await agreesToImport(plan))) return;
    for (const connection of plan.added) await this.#connections.save(connection);
    const { length } = plan.added;
    const imported = countText(
      length,
      l10n.t('One connection imported.'),
      l10n.t('{0} connections imported.', length),
    );
    whisper(imported);
  }

  async #chooseSource(): Promise<Uri | undefined> {
    const found = await filesInWorkspace();
    if (found.length > 0) {
      const items: (QuickPickItem & { uri?: Uri })[] = [
        ...found.map((uri) => ({
          label: l10n.t('$(root-folder) From this workspace'),
          description: workspace.asRelativePath(uri),
          uri,
        })),
        { label: l10n.t('$(folder-opened) Choose a file…') },
      ];
      const chosen = await window.showQuickPick(items, { title: l10n.t('Import connections') });
      if (!chosen) return undefined;
      if (chosen.uri) return chosen.uri;
    }
    const [file] =
      (await window.showOpenDialog({
        title: l10n.t('Import connections'),
        filters: { JSON: ['json'] },
        canSelectMany: false,
      })) ?? [];
    return file;
  }
}

async function offerToSetUp(): Promise<void> {
  const setUp = l10n.t('Add connection');
  const answer = await tell(l10n.t('There is no connection to export.'), [setUp], { isAnswer: true });
  if (answer === setUp) await commands.executeCommand('openemr.addConnection');
}

async function wantsAnother(problems: readonly string[]): Promise<boolean> {
  const another = l10n.t('Choose another file');
  const places = problems.join(', ');
  const text = plainText(
    l10n.t('This is not a file of connections. Nothing was changed. Look at: {places}', { places }),
  );
  return (await tell(text, [another], { tone: 'error', isAnswer: true })) === another;
}

async function filesInWorkspace(): Promise<Uri[]> {
  const found: Uri[] = [];
  for (const { uri } of workspace.workspaceFolders ?? []) {
    const file = Uri.joinPath(uri, ...workspaceFile);
    const exists = await workspace.fs.stat(file).then(
      () => true,
      () => false,
    );
    if (exists) found.push(file);
  }
  return found;
}

/** The addresses are what matters: to one of them somebody will log in. */
async function agreesToImport({ added, present }: ReturnType<typeof planImport>): Promise<boolean> {
  const lines = added
    .slice(0, maxShown)
    .map(({ name, baseUrl, site }) =>
      site === 'default' ? `${name}: ${baseUrl}` : `${name}: ${baseUrl} (${site})`,
    );
  if (added.length > maxShown) lines.push(l10n.t('… and {0} more', added.length - maxShown));
  if (present.length > 0)
    lines.push(l10n.t('Here already and left alone: {names}', { names: present.join(', ') }));
  lines.push(l10n.t('Import only what you would log in to. No secret comes with a file.'));
  const go = l10n.t('Import');
  const question = countText(
    added.length,
    l10n.t('Import one connection?'),
    l10n.t('Import {0} connections?', added.length),
  );
  const detail = plainText(lines.join('\n'));
  return (await window.showWarningMessage(question, { modal: true, detail }, go)) === go;
}
