import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as vscode from 'vscode';

const extensionId = 'emr-workbench.openemr-workbench';

interface Manifest {
  readonly contributes: {
    readonly commands: readonly { readonly command: string }[];
    readonly configuration:
      | { readonly properties: Readonly<Record<string, unknown>> }
      | readonly { readonly properties: Readonly<Record<string, unknown>> }[];
  };
}

function extension(): vscode.Extension<unknown> {
  const found = vscode.extensions.getExtension(extensionId);
  assert.ok(found, 'VS Code does not know the extension');
  return found;
}

const manifest = (): Manifest =>
  JSON.parse(readFileSync(join(extension().extensionPath, 'package.json'), 'utf8')) as Manifest;

describe('the extension in a real extension host', () => {
  it('starts without an error', async () => {
    await extension().activate();
    assert.equal(extension().isActive, true);
  });

  it('answers to every command that the palette offers', async () => {
    await extension().activate();
    const known = new Set(await vscode.commands.getCommands(true));
    const offered = manifest().contributes.commands.map(({ command }) => command);
    assert.ok(offered.includes('openemr.configureConnection'));
    assert.deepEqual(
      offered.filter((command) => !known.has(command)),
      [],
    );
  });

  it('offers the commands of the main path', () => {
    const offered = new Set(manifest().contributes.commands.map(({ command }) => command));
    const path = [
      'configureConnection',
      'registerClient',
      'logIn',
      'testConnection',
      'refreshToken',
      'logOut',
    ];
    assert.deepEqual(
      path.filter((name) => !offered.has(`openemr.${name}`)),
      [],
    );
  });

  it('keeps connections out of the reach of a workspace', async () => {
    const configuration = vscode.workspace.getConfiguration('openemr');
    const outcome = await configuration.update('connections', [], vscode.ConfigurationTarget.Workspace).then(
      () => 'written',
      () => 'refused',
    );
    assert.equal(outcome, 'refused');
  });

  it('starts with no connection', () => {
    assert.deepEqual(vscode.workspace.getConfiguration('openemr').get('connections'), []);
  });

  it('opens its panel', async () => {
    await vscode.commands.executeCommand('openemr.configureConnection');
    const isOpen = () =>
      vscode.window.tabGroups.all.some(({ tabs }) =>
        tabs.some(({ input }) => input instanceof vscode.TabInputWebview && /openemr/i.test(input.viewType)),
      );
    for (let waited = 0; !isOpen() && waited < 10_000; waited += 50) {
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
    assert.equal(isOpen(), true);
  });

  it('ignores an address that nobody asked for', async () => {
    const foreign = `${vscode.env.uriScheme}://${extensionId}/callback?code=foreign&state=foreign`;
    await vscode.commands.executeCommand('vscode.open', vscode.Uri.parse(foreign));
    assert.equal(extension().isActive, true);
  });
});
