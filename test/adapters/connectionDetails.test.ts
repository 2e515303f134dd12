import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { startSandbox, type RunningSandbox } from '../../src/sandbox/sandboxServer.ts';
import { host } from '../fakes/vscode.ts';
import { admin, until, WorkbenchWindow } from './workbenchWindow.ts';

interface Item {
  readonly label: string;
  readonly description: string;
  readonly contextValue?: string;
  readonly collapsibleState: number;
  readonly command?: { readonly command: string; readonly arguments: readonly [unknown] };
}

interface View {
  getChildren(node?: object): Promise<object[]>;
  getTreeItem(node: object): Promise<Item>;
}

describe('What stands below a connection in its view', () => {
  let sandbox: RunningSandbox;
  let window: WorkbenchWindow;

  beforeEach(async () => {
    sandbox = await startSandbox();
    window = await WorkbenchWindow.open();
    await window.connect(sandbox);
  });

  afterEach(async () => {
    await window.close();
    await sandbox.stop();
  });

  const view = () => host.treeProviders.get('openemr.connections') as View;
  const itemsBelow = async (node?: object) =>
    Promise.all((await view().getChildren(node)).map((child) => view().getTreeItem(child)));
  const connection = async () => {
    const [node] = await view().getChildren();
    assert.ok(node);
    return node;
  };
  const lines = (items: readonly Item[]) => items.map(({ label, description }) => `${label}: ${description}`);

  async function resources(): Promise<object> {
    const node = (await view().getChildren(await connection())).at(-1);
    assert.ok(node);
    return node;
  }

  async function click(item: Item | undefined): Promise<void> {
    assert.equal(item?.command?.command, 'openemr.openConnection');
    await host.commands.get('openemr.openConnection')?.(...item.command.arguments);
  }

  const shown = () =>
    window.panel.posted.flatMap((message) => {
      const { type, section } = message as { type: string; section?: string };
      return type === 'panel.show' ? [section] : [];
    });

  it('says before a login that there is none, and no records', async () => {
    assert.deepEqual(lines(await itemsBelow(await connection())), [
      'Session: Signed out',
      'Connection test: not run yet',
    ]);
  });

  it('says after a login how it is kept alive, what was tested and which records are within reach', async () => {
    await window.logIn(admin);
    await window.command('testConnection');
    const items = await itemsBelow(await connection());
    const withoutTime = lines(items).map((line) => line.replace(/[\d.]+ s$/, '… s'));
    assert.deepEqual(withoutTime, [
      'Session: Signed in · Refreshes by itself.',
      'Connection test: 7 passed · 1 skipped · … s',
      'Resources: 4',
    ]);
    assert.deepEqual(lines(await itemsBelow(await resources())), [
      'Patient: demographics (name, date of birth, contact)',
      'Practitioner: doctors and other staff',
      'Appointment: appointments',
      'Encounter: visits',
    ]);
  });

  it('leads from each line to its section, and from a type to the explorer with that type chosen', async () => {
    await window.logIn(admin);
    const [session, test] = await itemsBelow(await connection());
    await click(session);
    await click(test);
    assert.deepEqual(shown().slice(-2), ['status', 'testResults']);
    const [, practitioners] = await itemsBelow(await resources());
    await click(practitioners);
    assert.equal(shown().at(-1), 'explorer');
    await window.request('fhir.ask', { ask: { kind: 'open', section: 'explorer' } });
    assert.match(JSON.stringify(window.panel.posted), /"selected":\{"type":"Practitioner"/);
  });

  it('gives lines below a connection none of its actions', async () => {
    await window.logIn(admin);
    const below = await itemsBelow(await connection());
    const [own] = await itemsBelow();
    assert.match(own?.contextValue ?? '', /^signedIn/);
    assert.deepEqual(
      [...below, ...(await itemsBelow(await resources()))].filter(({ contextValue }) => contextValue),
      [],
    );
  });

  it('tells the view when a test has ended', async () => {
    await window.logIn(admin);
    await view().getChildren();
    let changes = 0;
    const provider = view() as unknown as { onDidChangeTreeData: (listener: () => void) => unknown };
    provider.onDidChangeTreeData(() => changes++);
    await window.command('testConnection');
    await until(() => (changes > 0 ? true : undefined));
  });

  it('opens nothing but the panel for a place that is none', async () => {
    await host.commands.get('openemr.openConnection')?.({
      ...(await connection()),
      section: 'nowhere',
      type: '../x',
    });
    assert.equal(host.panels.length, 1);
    assert.equal(shown().includes('nowhere'), false);
  });
});
