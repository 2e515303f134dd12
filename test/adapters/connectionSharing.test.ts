import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { agreesOnProduction } from '../../src/vscode/environment.ts';
import { Uri } from '../fakes/vscodeValues.ts';
import { host, workspace } from '../fakes/vscode.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

interface Saved {
  readonly id: string;
  readonly name: string;
  readonly environment?: string;
}

const connection = (id: string, name: string, more: object = {}) => ({
  ...{ id, name, baseUrl: `https://${id}.example.org`, site: 'default', clientType: 'confidential' },
  ...{ scopes: ['openid'], callback: 'automatic', ...more },
});

describe('Connections as people share and label them', () => {
  let window: WorkbenchWindow;
  const saved = () => host.settings.get('openemr.connections') as Saved[];
  const view = () =>
    host.treeProviders.get('openemr.connections') as {
      getChildren(): Promise<{ id: string }[]>;
      getTreeItem(node: object): Promise<{ description: string; resourceUri?: Uri }>;
    };
  const item = async () => view().getTreeItem((await view().getChildren())[0]!);
  const pick = async (running: Promise<void>, label: string, before: number) => {
    (await until(() => host.quickPicks[before])).pick(label);
    await running;
  };

  beforeEach(async () => {
    window = await WorkbenchWindow.open();
    host.changeSetting('openemr.connections', [connection('a', 'Clinic A'), connection('b', 'Clinic B')]);
  });
  afterEach(() => window.close());

  it('carry what their server is for in the view, the status bar and the panel', async () => {
    assert.doesNotMatch((await item()).description, /Production/);
    const before = host.quickPicks.length;
    await pick(window.command('setEnvironment'), 'Production', before);
    assert.equal(saved()[0]?.environment, 'production');
    const { description, resourceUri } = await item();
    assert.match(description, /^Production · /);
    assert.equal(resourceUri?.query, 'production');
    await until(() => (window.statusText.includes('Clinic A (Production)') ? true : undefined));
    const { viewModel } = (await window.openPanel()) as { viewModel: { environment: string } };
    assert.equal(viewModel.environment, 'production');
    await pick(window.command('setEnvironment'), 'No environment', before + 1);
    assert.equal(saved()[0]?.environment, undefined);
  });

  it('colour and letter come from the environment', async () => {
    await window.openPanel();
    const [provider] = host.decorationProviders as {
      provideFileDecoration(uri: unknown): { badge: string; tooltip: string } | undefined;
    }[];
    const decoration = provider?.provideFileDecoration(
      Uri.from({ scheme: 'openemr-connection', path: '/a', query: 'production' }),
    );
    assert.deepEqual([decoration?.badge, decoration?.tooltip], ['P', 'Production']);
    assert.equal(provider?.provideFileDecoration(Uri.from({ scheme: 'file', path: '/a' })), undefined);
  });

  it('ask before anything of a production server is revealed, and only there', async () => {
    const messages = host.messages.length;
    assert.equal(await agreesOnProduction({ name: 'A', environment: 'test' }, 'Shows it.', 'Show'), true);
    assert.equal(host.messages.length, messages);
    host.scriptedButtons.push(undefined, 'Show');
    assert.equal(await agreesOnProduction({ name: 'A', environment: 'production' }, 'It.', 'Show'), false);
    assert.equal(host.lastMessage.options.modal, true);
    assert.equal(await agreesOnProduction({ name: 'A', environment: 'production' }, 'It.', 'Show'), true);
  });

  it('go into a file and come back on another computer', async () => {
    host.chosenFile = Uri.file('/tmp/openemr-connections.json');
    await window.command('exportConnections');
    host.changeSetting('openemr.connections', []);
    host.scriptedButtons.push('Import');
    await window.command('importConnections');
    assert.deepEqual(
      saved().map(({ name }) => name),
      ['Clinic A', 'Clinic B'],
    );
    assert.match(host.lastMessage.options.detail ?? '', /https:\/\/a\.example\.org/);
  });

  it('are imported from a file in the workspace only after a question, and replace nothing', async () => {
    workspace.workspaceFolders = [{ uri: Uri.file('/project') }];
    const entries = [connection('a', 'Clinic A', { baseUrl: 'https://elsewhere.example.org' })];
    host.files.set(
      '/project/.vscode/openemr-connections.json',
      JSON.stringify({ version: 1, connections: entries }),
    );
    const before = host.quickPicks.length;
    host.scriptedButtons.push(undefined);
    await pick(window.command('importConnections'), 'From this workspace', before);
    assert.equal(saved().length, 2);
    host.scriptedButtons.push('Import');
    await pick(window.command('importConnections'), 'From this workspace', before + 1);
    assert.deepEqual(
      saved().map(({ name }) => name),
      ['Clinic A', 'Clinic B', 'Clinic A (2)'],
    );
    assert.equal(new Set(saved().map(({ id }) => id)).size, 3);
  });

  it('stay as they are where the file is none of ours', async () => {
    host.chosenFile = Uri.file('/tmp/other.json');
    host.files.set('/tmp/other.json', '{"name":"something"}');
    await Promise.race([window.command('importConnections'), until(() => host.messages.at(-1))]);
    assert.match(host.lastMessage.text, /not a file of connections/);
    assert.equal(saved().length, 2);
  });

  it('open side by side, each panel with its own data only', async () => {
    const [a, b] = await view().getChildren();
    const open = (command: string, node: object) =>
      host.commands.get(`openemr.${command}`)?.(node) as Promise<void>;
    await open('openConnection', a!);
    await window.request('panel.ready');
    await open('openConnectionToSide', b!);
    await window.request('panel.ready');
    const [left, right] = host.panels;
    assert.equal(host.panels.length, 2);
    left!.posted.length = right!.posted.length = 0;
    host.changeSetting('openemr.connections', [
      connection('a', 'Clinic A', { environment: 'production' }),
      connection('b', 'Clinic B', { environment: 'test' }),
    ]);
    const shown = (panel: typeof left) =>
      (panel!.posted as { type: string; viewModel?: { connectionId: string; environment: string } }[])
        .filter(({ type }) => type === 'panel.changed')
        .map(({ viewModel }) => `${viewModel?.connectionId} ${viewModel?.environment}`);
    await until(() => (shown(left).length > 0 && shown(right).length > 0 ? true : undefined));
    assert.deepEqual([...new Set(shown(left))], ['a production']);
    assert.deepEqual([...new Set(shown(right))], ['b test']);
    await open('openConnectionToSide', a!);
    assert.equal(host.panels.length, 2, 'a connection has one panel');
  });
});
