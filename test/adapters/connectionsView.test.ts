import assert from 'node:assert/strict';
import { afterEach, beforeEach, describe, it } from 'mocha';
import { host } from '../fakes/vscode.ts';
import { until, WorkbenchWindow } from './workbenchWindow.ts';

interface View {
  getChildren(): Promise<{ id: string; name: string }[]>;
  getTreeItem(node: object): Promise<{ label: string; description: string; contextValue: string }>;
}

const connection = (id: string, name: string, more: object = {}) => ({
  ...{ id, name, baseUrl: `https://${id}.example.org`, site: 'default', clientType: 'confidential' },
  ...{ scopes: ['openid'], callback: 'automatic', ...more },
});

describe('The connections view', () => {
  let window: WorkbenchWindow;

  beforeEach(async () => {
    window = await WorkbenchWindow.open();
    host.changeSetting('openemr.connections', [
      connection('a', 'Clinic A', { clientId: 'one' }),
      connection('b', 'Clinic B'),
    ]);
  });

  afterEach(() => window.close());

  const view = () => host.treeProviders.get('openemr.connections') as View;
  const names = async () => (await view().getChildren()).map(({ name }) => name);
  const command = (title: string, target?: object) =>
    host.commands.get(`openemr.${title}`)?.(target) as Promise<void>;
  const nodes = async () => {
    const [a, b] = await view().getChildren();
    assert.ok(a && b);
    return { a, b };
  };

  it('lists every connection with what is next', async () => {
    const { a, b } = await nodes();
    assert.deepEqual(await names(), ['Clinic A', 'Clinic B']);
    assert.equal((await view().getTreeItem(a)).description, 'signed out');
    assert.equal((await view().getTreeItem(b)).description, 'register next');
    assert.equal((await view().getTreeItem(a)).contextValue, 'signedOut.registered.active');
    assert.equal((await view().getTreeItem(b)).contextValue, 'signedOut.unregistered');
  });

  it('makes a connection the active one when it is opened', async () => {
    const { b } = await nodes();
    await command('openConnection', b);
    assert.match(
      await until(() => (/Clinic B/.test(window.statusText) ? window.statusText : undefined)),
      /Clinic B/,
    );
    assert.equal(host.panels.length, 1);
  });

  it('renames a connection, and refuses a name that another one has', async () => {
    const { a } = await nodes();
    const renamed = command('renameConnection', a);
    const box = await until(() => host.inputBoxes.at(-1));
    assert.match((await box.enter('Clinic B')) ?? '', /has this name already/);
    assert.equal(await box.enter('Clinic North'), undefined);
    await renamed;
    assert.deepEqual(await names(), ['Clinic North', 'Clinic B']);
  });

  it('renames what is saved by then: a client registered meanwhile stays, one removed meanwhile stays removed', async () => {
    const { b } = await nodes();
    const rename = async (meanwhile: (saved: { id: string }[]) => unknown[]) => {
      const renamed = command('renameConnection', b);
      const box = await until(() => host.inputBoxes.find(({ isOpen }) => isOpen));
      host.changeSetting('openemr.connections', meanwhile(host.settings.get('openemr.connections') as []));
      await box.enter('Clinic South');
      await renamed;
      return host.settings.get('openemr.connections') as { name: string; clientId?: string }[];
    };
    const registered = await rename((saved) =>
      saved.map((entry) => (entry.id === 'b' ? { ...entry, clientId: 'new' } : entry)),
    );
    assert.deepEqual([registered[1]?.name, registered[1]?.clientId], ['Clinic South', 'new']);
    host.scriptedButtons.push(undefined);
    assert.equal((await rename((saved) => saved.filter(({ id }) => id !== 'b'))).length, 1);
    assert.match(host.lastMessage.text, /does not exist/);
  });

  it('copies a connection without its client', async () => {
    await command('duplicateConnection', (await nodes()).a);
    assert.deepEqual(await names(), ['Clinic A', 'Clinic B', 'Clinic A (2)']);
    const saved = host.settings.get('openemr.connections') as { clientId?: string }[];
    assert.equal(saved[2]?.clientId, undefined);
  });

  it('moves a connection among the others and leaves it at either end', async () => {
    await command('moveConnectionDown', (await nodes()).a);
    assert.deepEqual(await names(), ['Clinic B', 'Clinic A']);
    await command('moveConnectionDown', (await nodes()).b);
    assert.deepEqual(await names(), ['Clinic B', 'Clinic A']);
    await command('moveConnectionUp', (await nodes()).b);
    assert.deepEqual(await names(), ['Clinic A', 'Clinic B']);
  });

  it('says what a removal loses, and removes only when told to', async () => {
    const { a } = await nodes();
    host.scriptedButtons.push(undefined);
    await command('removeConnection', a);
    assert.match(host.lastMessage.options.detail ?? '', /stays registered in OpenEMR/);
    assert.deepEqual(await names(), ['Clinic A', 'Clinic B']);
    host.scriptedButtons.push('Remove');
    await command('removeConnection', a);
    assert.deepEqual(await names(), ['Clinic B']);
  });

  it('has only the connection drawn anew that something happened to', async () => {
    const { a } = await nodes();
    const drawn: unknown[] = [];
    const provider = view() as unknown as {
      onDidChangeTreeData: (listener: (node: unknown) => void) => unknown;
    };
    provider.onDidChangeTreeData((node) => drawn.push(node));
    await window.command('logOut').catch(() => undefined);
    await window.command('testConnection');
    await until(() => (drawn.length > 0 ? true : undefined));
    assert.ok(
      drawn.every((node) => node === a),
      JSON.stringify(drawn),
    );
  });

  it('tells the view of every change', async () => {
    let changes = 0;
    const provider = view() as unknown as { onDidChangeTreeData: (listener: () => void) => unknown };
    provider.onDidChangeTreeData(() => changes++);
    await names();
    host.changeSetting('openemr.connections', []);
    await until(() => (changes > 0 ? true : undefined));
  });
});
